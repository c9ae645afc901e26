"""A tool's edits, applied to the lines they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewer.context.sarif.locations import Edit

_BEYOND = 0xFFFF
"""A character above this is one column to some tools and two to others."""


def applied(edits: Sequence[Edit], lines: Sequence[str], first: int) -> str | None:
    """What stands in the place of `lines`, of which `first` is the number; empty: they are deleted.

    Null where the edits reach beyond the lines, overlap, or leave them as they are.
    """
    if any(ord(max(line, default=" ")) > _BEYOND for line in lines):
        return None
    # The line feed after the last line stands for itself: an edit that takes it deletes the line.
    text = "".join(f"{line}\n" for line in lines)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    cuts = []
    for edit in edits:
        last_column = edit.end if edit.end is not None else _width(lines, edit.last - first) + 1
        begin = _offset(starts, edit.first - first, edit.column)
        end = _offset(starts, edit.last - first, last_column)
        if begin is None or end is None or end < begin:
            return None
        cuts.append((begin, end, edit.text))
    changed = _cut(text, sorted(cuts))
    if changed is None or changed == text:
        return None
    return changed.removesuffix("\n") if changed.endswith("\n") or not changed else None


def _width(lines: Sequence[str], index: int) -> int:
    return len(lines[index]) if 0 <= index < len(lines) else 0


def _offset(starts: Sequence[int], index: int, column: int) -> int | None:
    """Where a line and column are in the text; the column after a line's end is its line feed, no further one is."""
    if index == len(starts) - 1 and column == 1:
        return starts[-1]
    if not 0 <= index < len(starts) - 1 or column < 1:
        return None
    offset = starts[index] + column - 1
    return offset if offset < starts[index + 1] else None


def _cut(text: str, cuts: Sequence[tuple[int, int, str]]) -> str | None:
    parts: list[str] = []
    done = 0
    for begin, end, instead in cuts:
        if begin < done:
            return None
        parts += [text[done:begin], instead.replace("\r\n", "\n")]
        done = end
    return "".join([*parts, text[done:]])
