"""Files and hunks packed into calls that fit a token budget, related files together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, groupby
from typing import TYPE_CHECKING

from reviewer.change import cuts, families, numbered
from reviewer.change.pieces import Chunk, Piece
from reviewer.findings import Reason, Unreviewed
from reviewer.text.tokens import estimate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reviewer.change.change import FileChange, Hunk, Line

Show = Callable[[Sequence[str]], Sequence[str]]
"""The source texts of one hunk → the shown ones, as many."""

Grouped = Callable[[Sequence[str]], Sequence[Sequence[int]]]
"""Paths → families of their indices."""

MAX_LINE = 4_000
"""Characters of a shown line. A longer one is data, not code: it is named as unreviewed."""

WINDOW_FILES, WINDOW_BYTES = 1_024, 4 * 1024 * 1024
"""Related files are looked for among so many files or bytes of patch, whichever comes first: a stream stays one."""

OPEN, FULL = 16, 0.9
"""So many chunks wait for something small enough, unless they are nearly full; the others leave."""


def pack(
    files: Iterable[FileChange | Unreviewed], *, budget: int, show: Show, in_order: bool = False
) -> Iterator[Chunk | Unreviewed]:
    """Every changed line, in exactly one chunk or in an `Unreviewed`; what `select` left out passes through.

    A chunk holds at most `budget` tokens unless it is a single line. `in_order`: families in the order of their first
    members, not of their paths.
    """
    shelf = _Shelf(budget)
    grouped = families.in_order if in_order else families.group
    window: list[FileChange] = []
    waiting = 0
    for file in files:
        if isinstance(file, Unreviewed):
            yield file
            continue
        window.append(file)
        waiting += file.size
        if len(window) >= WINDOW_FILES or waiting >= WINDOW_BYTES:
            yield from _packed(window, grouped, shelf, budget, show)
            window, waiting = [], 0
    yield from _packed(window, grouped, shelf, budget, show)
    yield from shelf.take(keep=0)


def _packed(
    files: Sequence[FileChange], grouped: Grouped, shelf: _Shelf, budget: int, show: Show
) -> Iterator[Chunk | Unreviewed]:
    """Family by family: the first chunk is on its way while the last file has not been looked at."""
    for family in grouped([file.path for file in files]):
        parcels = []
        for file in (files[index] for index in family):
            parcel = _Parcel(file, estimate(numbered.file_header(file) + "\n") + 1)
            for piece in _pieces(file, budget - parcel.header, show):
                if isinstance(piece, Unreviewed):
                    yield piece
                else:
                    parcel.add(*piece)
            parcels.append(parcel)
        shelf.place(parcels)
        yield from shelf.take(keep=OPEN)


def halve(chunk: Chunk) -> tuple[Chunk, Chunk] | None:
    """Two chunks of about half the size: cut between files, else hunks, else lines; null for one changed line."""
    units = [tuple(pieces) for _, pieces in groupby(chunk.pieces, key=lambda piece: id(piece.file))]
    if len(units) == 1:
        units = [(piece,) for piece in chunk.pieces]
    if len(units) == 1:
        (piece,) = chunk.pieces
        at = cuts.middle(piece.lines)
        if at is None:
            return None
        units = [(piece.part(0, at),), (piece.part(at, len(piece.lines)),)]
    cut = _middle([_chunk(unit).tokens for unit in units])
    return _chunk(sum(units[:cut], ())), _chunk(sum(units[cut:], ()))


def restored(parts: Iterable[tuple[FileChange, Hunk, int, int]], show: Show) -> Chunk:
    """The chunk that was packed of these lines of hunks: `first` to before `end`, counted from 0."""
    pieces = []
    for file, hunk, first, end in parts:
        pieces.append(Piece(file, hunk, hunk.lines, tuple(show([line.text for line in hunk.lines]))).part(first, end))
    return _chunk(tuple(pieces))


def lost(chunk: Chunk, reason: Reason, detail: str) -> tuple[Unreviewed, ...]:
    """What nobody read, one entry a piece."""
    return tuple(
        Unreviewed(piece.file.path, reason, detail, piece.new_range, piece.old_range, piece.changed)
        for piece in chunk.pieces
    )


@dataclass(slots=True)
class _Parcel:
    """A file's pieces, each with what it costs, and what the file's header costs once a chunk."""

    file: FileChange
    header: int
    pieces: list[tuple[Piece, int]] = field(default_factory=list)
    cost: int = 0

    def add(self, piece: Piece, tokens: int) -> None:
        self.pieces.append((piece, tokens))
        self.cost += tokens + (0 if self.cost else self.header)


@dataclass(slots=True, eq=False)
class _Box:
    """A chunk in the making."""

    pieces: list[Piece] = field(default_factory=list)
    cost: int = 0


class _Shelf:
    """Boxes of one size. What fits whole is not cut; a gap in an earlier box is filled by what comes later."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._boxes: list[_Box] = []

    def place(self, family: Sequence[_Parcel]) -> None:
        """Puts every piece of a family into a box, together where they fit."""
        members = [parcel for parcel in family if parcel.pieces]
        if sum(parcel.cost for parcel in members) <= self._budget:
            self._put(members)
            return
        for parcel in members:
            if parcel.cost <= self._budget:
                self._put([parcel])
            else:
                self._pour(parcel)

    def take(self, keep: int) -> Iterator[Chunk]:
        """The boxes as chunks, in order, but for the last `keep` that still have room worth filling."""
        roomy = [box for box in self._boxes if box.cost < FULL * self._budget or box is self._boxes[-1]]
        kept = roomy[max(0, len(roomy) - keep) :] if keep else []
        going, self._boxes = [box for box in self._boxes if box not in kept], kept
        while going:
            yield _chunk(tuple(going.pop(0).pieces))

    def _put(self, parcels: Sequence[_Parcel]) -> None:
        """All into one box: the last one, else the fullest that has room, else a new one."""
        cost = sum(parcel.cost for parcel in parcels)
        if not cost:
            return
        roomy = [box for box in self._boxes if box.cost + cost <= self._budget]
        if not roomy:
            self._boxes.append(_Box())
            roomy = self._boxes[-1:]
        box = roomy[-1] if roomy[-1] is self._boxes[-1] else max(roomy, key=lambda box: box.cost)
        box.pieces.extend(piece for parcel in parcels for piece, _ in parcel.pieces)
        box.cost += cost

    def _pour(self, parcel: _Parcel) -> None:
        """A file larger than a box: piece by piece, from the last box on."""
        for piece, cost in parcel.pieces:
            box = self._boxes[-1] if self._boxes else _Box(cost=self._budget)
            header = 0 if box.pieces and box.pieces[-1].file is parcel.file else parcel.header
            if box.cost + header + cost > self._budget:
                box, header = _Box(), parcel.header
                self._boxes.append(box)
            box.pieces.append(piece)
            box.cost += header + cost


def _pieces(file: FileChange, room: int, show: Show) -> Iterator[tuple[Piece, int] | Unreviewed]:
    """The file's hunks, each shown as a whole before it is cut to fit `room` tokens; with what each piece has."""
    for hunk in file.hunks:
        if all(line.marker == " " for line in hunk.lines):
            continue
        whole = Piece(file, hunk, hunk.lines, tuple(show([line.text for line in hunk.lines])))
        if len(whole.shown) != len(whole.lines):
            raise ValueError(f"{len(whole.lines)} lines of {file.path} were shown as {len(whole.shown)}")
        first = 0
        for at, shown in enumerate(whole.shown):
            if len(shown) > MAX_LINE:
                yield from _fitting(whole.part(first, at), room)
                yield from _too_long(file, whole.lines[at])
                first = at + 1
        yield from _fitting(whole.part(first, len(whole.lines)) if first else whole, room)


def _fitting(piece: Piece, room: int) -> Iterator[tuple[Piece, int]]:
    """The piece, or parts of it that fit, and their tokens; parts of nothing but context are left away."""
    tokens = _tokens(piece)
    if tokens <= room:
        parts = [(piece, tokens)]
    else:
        ranges = cuts.ranges(piece.lines, lambda first, end: _tokens(piece.part(first, end)), room)
        parts = [(part, _tokens(part)) for part in (piece.part(*ends) for ends in ranges)]
    return (part for part in parts if part[0].changed)


def _too_long(file: FileChange, line: Line) -> Iterator[Unreviewed]:
    if line.marker != " ":
        detail = f"a line of more than {MAX_LINE} characters"
        new, old = ((number, number) if number else None for number in (line.new, line.old))
        yield Unreviewed(file.path, Reason.TOO_LARGE, detail, new, old, 1)


def _tokens(piece: Piece) -> int:
    rows = [numbered.hunk_header(piece.hunk, piece.lines), *map(numbered.line, piece.lines, piece.shown), ""]
    return estimate("\n".join(rows)) + 1  # the estimate of the whole is rounded apart from those of its parts


def _chunk(pieces: tuple[Piece, ...]) -> Chunk:
    return Chunk(pieces, estimate(numbered.render(Chunk(pieces, 0))))


def _middle(sizes: Sequence[int]) -> int:
    """The cut that leaves both sides most alike."""
    upto = list(accumulate(sizes))
    return min(range(1, len(sizes)), key=lambda cut: abs(2 * upto[cut - 1] - upto[-1]))
