"""SECURITY.md promises nothing without a proof that is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROWS = [
    row.strip("|").split("|")
    for row in (ROOT / "SECURITY.md").read_text("utf-8").split("\n")
    if row.startswith("| ") and "](" in row
]


def test_each_promise_names_tests_that_exist() -> None:
    assert len(ROWS) >= 20
    for promise, proof in ROWS:
        links = re.findall(r"\[[^]]+\]\((tests/[\w./-]+)\)", proof)
        assert links, promise
        for link in links:
            place = ROOT / link
            assert place.is_file() or list(place.glob("test_*.py")), link
