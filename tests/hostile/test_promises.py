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
            assert (ROOT / link).is_file(), f"{link} is no file: a folder proves nothing by being there"
