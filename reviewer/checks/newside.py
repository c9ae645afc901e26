"""What a check may look at: the new side of one file's change."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reviewer.change.change import FileChange


@dataclass(frozen=True)
class NewSide:
    """A file's lines after the change, by number, as far as the change shows them: each hunk's, and the added ones."""

    path: str
    hunks: tuple[Mapping[int, str], ...]
    added: Mapping[int, str]

    @cached_property
    def text(self) -> str:
        """Every shown line, to see at one glance whether a word is there at all."""
        return "\n".join("\n".join(hunk.values()) for hunk in self.hunks)

    @cached_property
    def added_text(self) -> str:
        """Every added line, likewise."""
        return "\n".join(self.added.values())

    def added_run(self, first: int, last: int) -> tuple[int, int] | None:
        """The first run of neighbouring added lines within `first`…`last`; null where none of them is added."""
        begin = next((number for number in range(first, last + 1) if number in self.added), None)
        if begin is None:
            return None
        end = begin
        while end < last and end + 1 in self.added:
            end += 1
        return begin, end


def new_side(file: FileChange) -> NewSide:
    """Reads the hunks once. A byte order mark at the very start of the file is no part of its first line."""
    hunks: list[Mapping[int, str]] = []
    added: dict[int, str] = {}
    for hunk in file.hunks:
        shown: dict[int, str] = {}
        for line in hunk.lines:
            if line.new is None:
                continue
            text = line.text.removeprefix("\ufeff") if line.new == 1 else line.text
            shown[line.new] = text
            if line.marker == "+":
                added[line.new] = text
        hunks.append(shown)
    return NewSide(file.path, tuple(hunks), added)
