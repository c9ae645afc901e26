"""What a reader is given: pieces of hunks, each with what is shown of it, and chunks of pieces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewer.change.change import FileChange, Hunk, Line


@dataclass(frozen=True, slots=True)
class Piece:
    """Consecutive lines of one hunk. `shown` is what the model sees, one string per line (redacted, revealed)."""

    file: FileChange
    hunk: Hunk
    lines: tuple[Line, ...]
    shown: tuple[str, ...]

    @property
    def changed(self) -> int:
        """How many of the lines are added or deleted."""
        return sum(line.marker != " " for line in self.lines)

    @property
    def new_range(self) -> tuple[int, int] | None:
        """First and last added line; null where nothing was added."""
        return _ends([line.new for line in self.lines if line.marker == "+" and line.new is not None])

    @property
    def old_range(self) -> tuple[int, int] | None:
        """First and last deleted line; null where nothing was deleted."""
        return _ends([line.old for line in self.lines if line.marker == "-" and line.old is not None])

    def part(self, first: int, end: int) -> Piece:
        """The lines `first` to before `end`, counted from 0 within this piece."""
        return Piece(self.file, self.hunk, self.lines[first:end], self.shown[first:end])


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one call reads; `tokens` is the estimate of the text `numbered.render` makes of it."""

    pieces: tuple[Piece, ...]
    tokens: int


def _ends(numbers: Sequence[int]) -> tuple[int, int] | None:
    return (numbers[0], numbers[-1]) if numbers else None
