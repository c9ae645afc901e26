"""Which symbols the added lines of a chunk use, file by file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reviewer.change.change import Kind
from reviewer.syntax import imports, words
from reviewer.syntax.imports import Imports
from reviewer.syntax.languages import dialect_of, family
from reviewer.syntax.words import Use

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from reviewer.change.pieces import Chunk, Piece

MAX_SOURCE = 400_000
"""Of a longer file the chunk's own lines are all that is read."""
MAX_SYMBOLS = 300
"""Symbols of one chunk that are looked up, the most telling ones."""
_RANK = {Use.CALL: 0, Use.TYPE: 1, Use.NAME: 2, Use.ATTRIBUTE: 3}


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name that added lines use: where first and how, how often, and on what (`receivers`)."""

    name: str
    line: int
    use: Use
    count: int
    receivers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Part:
    """One file's part of a chunk. `visible`: the lines of the new side that the chunk shows."""

    path: str
    dialect: str
    pieces: tuple[Piece, ...]
    visible: frozenset[int]
    added: frozenset[int]
    is_new: bool
    whole: bool
    """The file could be read, and says what the chunk says."""
    symbols: tuple[Symbol, ...] = ()
    imports: Imports = field(default_factory=Imports)

    @property
    def family(self) -> tuple[str, ...]:
        """The languages in which its symbols may be defined."""
        return family(self.dialect)


def parts(chunk: Chunk, read: Callable[[str], str | None]) -> list[Part]:
    """The chunk's files that are source code and still there."""
    by_path: dict[str, list[Piece]] = {}
    for piece in chunk.pieces:
        if piece.file.kind is not Kind.DELETED:
            by_path.setdefault(piece.file.path, []).append(piece)
    found = []
    for path, pieces in by_path.items():
        dialect = dialect_of(path)
        if dialect is not None:
            found.append(_part(path, dialect, tuple(pieces), read(path)))
    return found


def _part(path: str, dialect: str, pieces: tuple[Piece, ...], source: str | None) -> Part:
    texts = {line.new: line.text for piece in pieces for line in piece.lines if line.new is not None}
    added = frozenset(
        line.new for piece in pieces for line in piece.lines if line.marker == "+" and line.new is not None
    )
    whole = source is not None and agrees(source, texts)
    known = source if source is not None and whole and len(source) <= MAX_SOURCE else _stitched(texts)
    rows = words.code(known, dialect).split("\n")
    return Part(
        path=path,
        dialect=dialect,
        pieces=pieces,
        visible=frozenset(texts),
        added=added,
        is_new=pieces[0].file.kind is Kind.ADDED,
        whole=whole,
        symbols=tuple(_symbols(words.used(rows, added, dialect))) if family(dialect) else (),
        imports=imports.imports(known, dialect),
    )


def agrees(source: str, texts: Mapping[int, str]) -> bool:
    """Whether the file has these lines where they are said to be."""
    rows = source.split("\n")
    return all(
        number <= len(rows) and rows[number - 1].rstrip("\r") == text.rstrip("\r") for number, text in texts.items()
    )


def _stitched(texts: Mapping[int, str]) -> str:
    """The chunk's lines at their places in a file of otherwise empty lines."""
    return "\n".join(texts.get(number, "") for number in range(1, max(texts, default=0) + 1))


def _symbols(used: Iterator[words.Word]) -> Sequence[Symbol]:
    """One for each name, the most telling first: calls and types, then what is used often."""
    by_name: dict[str, list[words.Word]] = {}
    for word in used:
        by_name.setdefault(word.name, []).append(word)
    symbols = [
        Symbol(
            name,
            uses[0].line,
            min((word.use for word in uses), key=_RANK.__getitem__),
            len(uses),
            frozenset(word.receiver for word in uses if word.receiver),
        )
        for name, uses in by_name.items()
    ]
    symbols.sort(key=lambda symbol: (_RANK[symbol.use], -symbol.count, symbol.line, symbol.name))
    return symbols[:MAX_SYMBOLS]
