"""The lines that GitHub takes a comment on: those of the hunks."""

from __future__ import annotations

from changed import added, hunk, modified

from reviewer.change.commentable import commentable
from reviewer.findings import Side


def test_one_range_a_hunk_and_side() -> None:
    file = modified("a.py", hunk(" 1\n-2\n+2\n+3\n 4"), hunk("-x\n y", start=20))
    assert commentable([file, added("b.py", "x\ny")]) == {
        "a.py": {Side.NEW: [range(1, 5), range(20, 21)], Side.OLD: [range(1, 4), range(20, 22)]},
        "b.py": {Side.NEW: [range(1, 3)], Side.OLD: [range(1, 1)]},
    }


def test_a_file_without_lines_has_no_place() -> None:
    assert commentable([modified("logo.png")]) == {"logo.png": {Side.NEW: [], Side.OLD: []}}
