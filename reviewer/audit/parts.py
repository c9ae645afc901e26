"""Which shards of an audit a report is of: what is missing was not read, and is not taken for clean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.audit.shards import MOST, Shard
from reviewer.errors import Misuse
from reviewer.findings import Note, NoteCode, Reason, Unreviewed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from reviewer.findings import Report

WHOLE = "."
"""The path of what is missing: nobody knows which files."""
_NAMED = 8


def noted(shard: Shard) -> tuple[Note, ...]:
    """That a report is of this part; nothing where the part is the whole."""
    if shard.count == 1:
        return ()
    data = {"parts": [shard.number], "of": shard.count}
    return (Note(NoteCode.PART, f"this is part {shard} of the repository", data),)


def is_part(report: Report) -> bool:
    """Whether it is of one part, and nobody has counted the others."""
    said = [note for note in report.notes if any(_named_in(note))]
    return bool(said) and not all(map(is_all, said)) and not any(map(_is_missing, report.unreviewed))


def is_all(note: Note) -> bool:
    """Whether it says that no part is missing, which is of interest to the next merge alone."""
    found = set(_named_in(note))
    return bool(found) and len(found) == next(iter(found)).count


def joined(reports: Sequence[Report]) -> tuple[tuple[Note, ...], tuple[Unreviewed, ...]]:
    """What there is to say of the parts together, and the loss where some are missing.

    A part that is there twice, one of another split, or one beside what is none raises `Misuse`.
    """
    given = [list(_of(report)) for report in reports]
    if any(given) and not all(given):
        raise Misuse("some of these reports are parts of an audit and some are none: merge the parts alone")
    found: dict[Shard, None] = {}
    for shard in (each for shards in given for each in shards):
        if shard in found:
            raise Misuse(f"part {shard} is there twice: merge each report once")
        found[shard] = None
    counts = sorted({shard.count for shard in found})
    if len(counts) > 1:
        raise Misuse(f"these are parts of {counts[0]} and of {counts[1]}: merge those of one split")
    count = counts[0] if counts else 0
    there = sorted(shard.number for shard in found)
    missing = [number for number in range(1, count + 1) if number not in there]
    if not count:
        return (), ()
    if not missing:  # kept, so that none of them is counted once more
        return (Note(NoteCode.PART, f"these are all {count} parts", {"parts": there, "of": count}),), ()
    said = f"of {count} parts of the repository {_listed(missing)} {'is' if len(missing) == 1 else 'are'} missing"
    note = Note(NoteCode.PART, said, {"parts": there, "of": count})
    return (note,), (Unreviewed(WHOLE, Reason.INTERRUPTED, f"{said}: nothing of it was merged"),)


def besides(unreviewed: Iterable[Unreviewed]) -> list[Unreviewed]:
    """Without what an earlier merge missed: it is counted again."""
    return [entry for entry in unreviewed if not _is_missing(entry)]


def _of(report: Report) -> Iterator[Shard]:
    for note in report.notes:
        yield from _named_in(note)


def _named_in(note: Note) -> Iterator[Shard]:
    """A report may be a stranger's: what is no part is none."""
    parts, count = note.data.get("parts"), note.data.get("of")
    if note.code is NoteCode.PART and isinstance(parts, list) and type(count) is int and 1 < count <= MOST:
        yield from (Shard(each, count) for each in parts[:MOST] if type(each) is int and 1 <= each <= count)


def _is_missing(entry: Unreviewed) -> bool:
    return entry.path == WHOLE and entry.reason is Reason.INTERRUPTED


def _listed(numbers: Collection[int]) -> str:
    first = [str(number) for number in sorted(numbers)[:_NAMED]]
    more = len(numbers) - len(first)
    return ", ".join(first) + (f" and {more} more" if more else "")
