"""What was shown of a file, seen by side, and places in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import accumulate
from typing import TYPE_CHECKING

from reviewer.findings import Side, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from reviewer.change.change import Line
    from reviewer.change.pieces import Piece

_SPACES = re.compile(r"\s+")


class Level(IntEnum):
    """How a quote fits, best first; up to MARKERS it is whole lines, letter by letter."""

    EXACT = 0
    SPACING = 1
    MARKERS = 2
    MOST = 3
    SUBSTRING = 4
    CLOSE = 5


@dataclass(frozen=True, slots=True)
class Place:
    """Lines `first`…`last` (indexes, inclusive) of a piece, as far as they are on that side."""

    piece: Piece
    first: int
    last: int
    side: Side
    level: Level

    @property
    def rows(self) -> tuple[int, ...]:
        """The indexes of the lines that are meant."""
        lines = self.piece.lines
        return tuple(row for row in range(self.first, self.last + 1) if number(lines[row], self.side) is not None)

    @property
    def span(self) -> Span:
        """The place by its line numbers."""
        first, last = (number(self.piece.lines[row], self.side) for row in (self.first, self.last))
        return Span(self.piece.file.path, first, last, self.side)


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring lines of a view, by index, and how alike they are to the quote (100: the same)."""

    first: int
    last: int
    score: float = 100.0


class View:
    """The lines of one piece that are on one side, or on both; blank ones are left out."""

    def __init__(self, piece: Piece, wanted: Callable[[Line], bool]) -> None:
        self.piece = piece
        self.rows = [row for row, line in enumerate(piece.lines) if wanted(line) and piece.shown[row].strip()]
        self.texts = [piece.shown[row].rstrip() for row in self.rows]
        self.keys = [key(text) for text in self.texts]
        self.flat = "".join(self.keys)
        self.starts = [0, *accumulate(map(len, self.keys))]
        self._positions = list(_positions(piece))

    def distance(self, run: Run, hint: int | None) -> int:
        """Lines between the hint and the run; a deleted line counts as where it was."""
        if hint is None:
            return 0
        first, last = (self._positions[self.rows[index]] for index in (run.first, run.last))
        return max(first - hint, hint - last, 0)

    def changed(self, run: Run) -> bool:
        """Whether any line of the run was added or deleted."""
        return any(self.piece.lines[row].marker != " " for row in self.rows[run.first : run.last + 1])

    def place(self, run: Run, level: Level) -> Place:
        """On the new side if every line of the run is there, or any was added; else on the old one.

        Where the run leaves out lines of that side, the place holds more than was quoted: no whole lines any more.
        """
        rows = self.rows[run.first : run.last + 1]
        lines = self.piece.lines
        new = [row for row in rows if lines[row].new is not None]
        side = Side.NEW if len(new) == len(rows) or any(lines[row].marker == "+" for row in new) else Side.OLD
        place = Place(self.piece, *((new[0], new[-1]) if side is Side.NEW else (rows[0], rows[-1])), side, level)
        missed = any(row not in rows and self.piece.shown[row].strip() for row in place.rows)
        return replace(place, level=max(level, Level.MOST)) if missed else place


Match = tuple[View, Run]


@dataclass(frozen=True, slots=True)
class Views:
    """The pieces of one file: each side of them, and both as a diff shows them."""

    new: tuple[View, ...]
    old: tuple[View, ...]
    both: tuple[View, ...]

    @classmethod
    def of(cls, pieces: Sequence[Piece]) -> Views:
        """Built once a file: many claims may be about it."""
        return cls(
            tuple(View(piece, lambda line: line.new is not None) for piece in pieces),
            tuple(View(piece, lambda line: line.old is not None) for piece in pieces),
            tuple(View(piece, lambda _: True) for piece in pieces),
        )


def number(line: Line, side: Side) -> int | None:
    """The line's number on that side; null where it is not."""
    return line.new if side is Side.NEW else line.old


def key(text: str) -> str:
    """The text without white space."""
    return _SPACES.sub("", text)


def _positions(piece: Piece) -> Iterator[int]:
    """The new side's number of each line, or for a deleted one of the line before it."""
    current = next((line.new - 1 for line in piece.lines if line.new is not None), piece.hunk.new_start)
    for line in piece.lines:
        current = current if line.new is None else line.new
        yield current
