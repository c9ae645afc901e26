"""Every .txt here is a judge's reply as it comes, or might; the golden file of that name is what it takes back."""

from __future__ import annotations

import json
from pathlib import Path

import goldens
import pytest

from reviewer.judgement import verify

HERE = Path(__file__).parent
REPLIES = sorted(HERE.glob("*.txt"))


@pytest.mark.parametrize("reply", REPLIES, ids=lambda path: path.stem)
def test_golden_what_a_reply_takes_back(reply: Path) -> None:
    text = reply.read_bytes().decode()
    said = verify.read(text, {"f1", "f2"})
    assert verify.readable(text) is said.readable
    taken = {"readable": said.readable, "refuted": said.refuted, "answered": sorted(said.answered)}
    goldens.same(HERE / "golden" / f"{reply.stem}.json", json.dumps(taken, indent=2) + "\n")
