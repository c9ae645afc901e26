"""What the report says of the evidence: a line for each tool, one for the coverage, one for what no test covers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from reviewer.change.numbered import shown_path
from reviewer.context.coverage import in_words
from reviewer.findings import Note, NoteCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from reviewer.context.coverage import Range

MAX_TOOLS, MAX_TOLD, MAX_FILES, MAX_RANGES = 20, 3, 200, 100
"""Tools with a note of their own, files in a sentence, files in the data, ranges of a file there."""


@dataclass(slots=True)
class Tally:
    """What became of one tool's results."""

    tool: str
    results: int = 0
    said: int = 0
    suppressed: int = 0
    known: int = 0
    unplaced: int = 0
    ambiguous: int = 0
    stale: int = 0
    unread: int = 0
    failed: bool = False


def results(tallies: Iterable[Tally]) -> Iterator[Note]:
    """A note for each tool; those over `MAX_TOOLS` share one."""
    every = iter(tallies)
    for tally in islice(every, MAX_TOOLS):
        yield _note(tally)
    rest = list(every)
    if rest:
        total, said = sum(tally.results for tally in rest), sum(tally.said for tally in rest)
        failed = sum(tally.failed for tally in rest)
        unfinished = f"; {failed} of them say that they did not finish" if failed else ""
        yield Note(
            NoteCode.EVIDENCE,
            f"{len(rest)} more tools: {_plural(total, 'result')}, {said} on changed lines{unfinished}",
            {"tools": len(rest), "results": total, "on_changed_lines": said, "failed": failed},
        )


def _note(tally: Tally) -> Note:
    besides = (
        (tally.suppressed, "{} more suppressed"),
        (tally.known, "{} more known before"),
        (tally.unplaced, "{} without a place"),
        (tally.ambiguous, "{} in files that could be several of the repository's"),
        (tally.stale, "{} about code that reads otherwise now"),
        (tally.unread, "{} over the limit and not read"),
    )
    parts = [
        f"{_plural(tally.results, 'result')}, {tally.said} on changed lines",
        *(words.format(count) for count, words in besides if count),
        *(["the tool says that it did not finish"] if tally.failed else []),
    ]
    return Note(
        NoteCode.EVIDENCE,
        f"{tally.tool}: {'; '.join(parts)}",
        {
            "tool": tally.tool,
            "results": tally.results,
            "on_changed_lines": tally.said,
            "suppressed": tally.suppressed,
            "known": tally.known,
            "unplaced": tally.unplaced,
            "ambiguous": tally.ambiguous,
            "stale": tally.stale,
            "unread": tally.unread,
            "failed": tally.failed,
        },
    )


def measured(reports: int, files: int) -> Note:
    """How much of the coverage is about this change."""
    return Note(
        NoteCode.EVIDENCE,
        f"coverage: {_plural(reports, 'report')}, measured {_plural(files, 'file')} of this change",
        {"tool": "coverage", "reports": reports, "changed_files": files},
    )


def uncovered(files: Mapping[str, Sequence[Range]], lines: int) -> Note:
    """The changed lines that no test covers, by file; the sentence names some of them, the data `MAX_FILES`."""
    by_path = {path: sorted(files[path]) for path in sorted(files)}
    told = [f"{shown_path(path)}:{_few(ranges)}" for path, ranges in islice(by_path.items(), MAX_TOLD)]
    more = len(by_path) - len(told)
    rest = f" and {_plural(more, 'more file')}" if more else ""
    return Note(
        NoteCode.UNCOVERED,
        f"no test covers {'; '.join(told)}{rest} ({_plural(len(files), 'file')}, {_plural(lines, 'changed line')})",
        {
            "files": [
                {"path": path, "lines": [list(each) for each in ranges[:MAX_RANGES]]}
                for path, ranges in islice(by_path.items(), MAX_FILES)
            ],
            "total_files": len(files),
            "total_lines": lines,
        },
    )


def _few(ranges: Sequence[Range]) -> str:
    told = in_words(ranges[: 2 * MAX_TOLD])
    return f"{told}, …" if len(ranges) > 2 * MAX_TOLD else told


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
