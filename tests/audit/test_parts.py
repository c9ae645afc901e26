"""Which shards a report is of, and what it means that some are missing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from reports import CLEAN, SQL

from reviewer.audit import parts
from reviewer.audit.merging import merged
from reviewer.audit.shards import Shard
from reviewer.errors import Misuse
from reviewer.findings import Coverage, Note, NoteCode, Reason, Report, Status
from reviewer.outputs import json as as_json
from reviewer.outputs.look import Look
from reviewer.outputs.reading import read


def part(number: int, count: int = 4, **changes: Any) -> Report:
    """As it comes out of a file."""
    made = replace(CLEAN, coverage=Coverage(1, 1, 4, 4), notes=parts.noted(Shard(number, count)), **changes)
    return again(made)


def again(report: Report) -> Report:
    """As it comes out of a file."""
    return read(as_json.render(report, Look()).encode())


def test_all_of_them_are_the_whole() -> None:
    whole = merged([part(n) for n in (3, 1, 4, 2)])
    (note,) = whole.notes
    assert (whole.status, whole.unreviewed, note.message) == (Status.CLEAN, (), "these are all 4 parts")
    assert dict(note.data) == {"parts": [1, 2, 3, 4], "of": 4}
    assert not parts.is_part(whole)
    assert merged([again(whole)]) == again(whole)
    assert parts.noted(Shard(1, 1)) == ()


def test_a_part_that_is_missing_is_never_green() -> None:
    whole = merged([part(1), part(3), part(4, findings=(SQL,), status=Status.FINDINGS)])
    assert (whole.status, whole.findings) == (Status.INCOMPLETE, (SQL,))
    (entry,), (note,) = whole.unreviewed, whole.notes
    assert (entry.path, entry.reason) == (parts.WHOLE, Reason.INTERRUPTED)
    assert note.message == "of 4 parts of the repository 2 is missing"
    assert dict(note.data) == {"parts": [1, 3, 4], "of": 4}
    assert not parts.is_part(whole)


def test_what_was_missing_may_come_later() -> None:
    early = read(as_json.render(merged([part(1), part(3)]), Look()).encode())
    assert "2, 4 are missing" in early.notes[0].message
    assert merged([early, part(4)]).notes[0].message.endswith("2 is missing")
    late = merged([early, part(2), part(4)])
    assert (late.status, late.notes[0].message, late.unreviewed) == (Status.CLEAN, "these are all 4 parts", ())


def test_a_single_one_is_a_part_until_somebody_counts() -> None:
    assert parts.is_part(part(1))
    assert merged([part(1)]).status is Status.INCOMPLETE
    many = merged([part(1, 256)]).notes[0].message
    assert many == "of 256 parts of the repository 2, 3, 4, 5, 6, 7, 8, 9 and 247 more are missing"


@pytest.mark.parametrize(
    ("reports", "said"),
    [
        ([part(1), part(2), part(1)], "part 1/4 is there twice"),
        ([part(1), part(2, 8)], "parts of 4 and of 8"),
        ([merged([part(1), part(2)]), part(2)], "part 2/4 is there twice"),
        ([again(merged([part(n) for n in (1, 2, 3, 4)])), part(1)], "part 1/4 is there twice"),
        ([CLEAN, part(1)], "some of these reports are parts of an audit and some are none"),
    ],
)
def test_what_does_not_belong_together_is_refused(reports: list[Report], said: str) -> None:
    with pytest.raises(Misuse, match=said):
        merged(reports)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"parts": 3, "of": 4},
        {"parts": [0, 5, True, "1", None, [1]], "of": 4},
        {"parts": [1], "of": 10**9},
        {"parts": [1], "of": True},
        {"parts": [1], "of": 1},
    ],
)
def test_what_is_no_part_is_none(data: dict[str, Any]) -> None:
    odd = replace(CLEAN, notes=(Note(NoteCode.PART, "odd", data),))
    assert not parts.is_part(odd)
    assert merged([odd]).status is Status.CLEAN
