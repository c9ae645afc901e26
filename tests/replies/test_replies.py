"""Every .txt here is a reply as a model gives it, or might; the golden file of that name is what we make of it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import goldens
import pytest

from reviewer.judgement import claims

if TYPE_CHECKING:
    from reviewer.judgement.claims import Reading

HERE = Path(__file__).parent
REPLIES = sorted(HERE.glob("*.txt"))


def as_json(reading: Reading) -> str:
    said = {
        "intact": reading.intact,
        "problem": reading.problem,
        "claims": [{k: v for k, v in asdict(claim).items() if k not in {"origin", "span"}} for claim in reading.claims],
        "dropped": [{k: v for k, v in asdict(drop).items() if v is not None} for drop in reading.dropped],
        "notes": [asdict(note) for note in reading.notes],
    }
    return json.dumps(said, indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("reply", REPLIES, ids=lambda path: path.stem)
def test_what_a_reply_says(reply: Path) -> None:
    text = reply.read_bytes().decode()
    reading = claims.read(text)
    assert claims.readable(text) is reading.intact is (not reading.problem)
    goldens.same(HERE / "golden" / f"{reply.stem}.json", as_json(reading))
