"""Which lines of a change can carry a comment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.findings import Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reviewer.change.change import FileChange

    Anchors = Mapping[str, Mapping[Side, Sequence[range]]]


def commentable(files: Iterable[FileChange]) -> Anchors:
    """By path and side, one range of line numbers a hunk: GitHub takes a comment whose ends are in one of them."""
    anchors: dict[str, dict[Side, list[range]]] = {}
    for file in files:
        sides = anchors.setdefault(file.path, {Side.NEW: [], Side.OLD: []})
        for hunk in file.hunks:
            sides[Side.NEW].append(range(hunk.new_start, hunk.new_start + hunk.new_count))
            sides[Side.OLD].append(range(hunk.old_start, hunk.old_start + hunk.old_count))
    return anchors
