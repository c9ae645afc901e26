"""Is every changed line of the real diffs in exactly one chunk, or named as unreviewed?"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from benchmarks.dataset import CHUNK_TOKENS, packed
from benchmarks.tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.dataset import Pull

BUDGETS = (CHUNK_TOKENS, 2_000, 500)
_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


def table(pulls: Sequence[Pull]) -> Table:
    """A row a chunk size."""
    head = ("chunk tokens", "chunks", "changed lines", "in a chunk", "named as unreviewed", "lost", "duplicated")
    note = f"All {len(pulls)} diffs; the changed lines are counted by a reader of diffs of the benchmark's own."
    return Table("chunk integrity", head, _rows(pulls), note)


def _rows(pulls: Sequence[Pull]) -> Iterator[Sequence[object]]:
    for budget in BUDGETS:
        totals: Counter[str] = Counter()
        for pull in pulls:
            totals += account(pull.diff, budget)
        columns = ("chunks", "changed", "in chunks", "named", "lost", "duplicated")
        yield f"{budget:_}".replace("_", " "), *(totals[column] for column in columns)


def account(diff: bytes, budget: int) -> Counter[str]:
    """How many lines are where."""
    chunks, unreviewed = packed(diff, budget)
    there = changed(diff)
    read: Counter[tuple[str, str, int]] = Counter()
    for chunk in chunks:
        for piece in chunk.pieces:
            for line in piece.lines:
                if line.marker != " ":
                    number = (line.new if line.marker == "+" else line.old) or 0
                    read[piece.file.path, line.marker, number] += 1
    named = sum(entry.lines or 0 for entry in unreviewed)
    return Counter(
        {
            "chunks": len(chunks),
            "changed": len(there),
            "in chunks": len(read),
            "named": named,
            "lost": len(there - read.keys()) - named,
            "duplicated": read.total() - len(read) + len(read.keys() - there),
        }
    )


def changed(diff: bytes) -> set[tuple[str, str, int]]:
    """(path, marker, line) of every changed line."""
    found = set()
    path = b""
    old = new = left_old = left_new = 0
    for row in diff.split(b"\n"):
        if left_old > 0 or left_new > 0:
            marker = row[:1]
            if marker in b"+-" and marker:
                found.add((path.decode(), marker.decode(), new if marker == b"+" else old))
            if marker != b"\\":
                old, left_old = old + (marker != b"+"), left_old - (marker != b"+")
                new, left_new = new + (marker != b"-"), left_new - (marker != b"-")
        elif row.startswith((b"--- a/", b"+++ b/")):
            path = row[6:]
        elif match := _HUNK.match(row):
            old, left_old, new, left_new = (int(number or 1) for number in match.groups())
    return found
