"""Which symbols a chunk uses, file by file: in the lines it adds, and in those it shows around them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reviewer.change.change import Kind
from reviewer.syntax import noise, words
from reviewer.syntax.imports import Imports, imports
from reviewer.syntax.languages import dialect_of, family
from reviewer.syntax.words import Use

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from reviewer.change.pieces import Chunk, Piece

MAX_SOURCE = 400_000
"""Of a longer file the chunk's own lines are all that is read."""
MAX_SYMBOLS = 300
"""Symbols of one file that are looked up, the most telling ones."""
_BINDING = re.compile(r"(?<!\w)([^\W\d]\w{0,99})(?:\s{0,9}:\s{0,9}[\w\[\]<>., |]{1,80})?\s{0,9}(?::=|=(?![=>~]))")
_RANK = {Use.CALL: 0, Use.TYPE: 1, Use.NAME: 2, Use.ATTRIBUTE: 3}


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name that is used: where first and how, how often, on what (`receivers`), and whether in an added line."""

    name: str
    line: int
    use: Use
    count: int
    receivers: frozenset[str] = frozenset()
    added: bool = True


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


def agrees(source: str, texts: Mapping[int, str]) -> bool:
    """Whether the file has these lines where they are said to be."""
    rows = source.split("\n")
    return all(
        number <= len(rows) and rows[number - 1].rstrip("\r") == text.rstrip("\r") for number, text in texts.items()
    )


def _part(path: str, dialect: str, pieces: tuple[Piece, ...], source: str | None) -> Part:
    new = [line for piece in pieces for line in piece.lines if line.new is not None]
    texts = {line.new: line.text for line in new if line.new is not None}
    added = frozenset(line.new for line in new if line.marker == "+" and line.new is not None)
    whole = source is not None and agrees(source, texts)
    known = source if source is not None and whole and len(source) <= MAX_SOURCE else _stitched(texts)
    return Part(
        path=path,
        dialect=dialect,
        pieces=pieces,
        visible=frozenset(texts),
        added=added,
        is_new=pieces[0].file.kind is Kind.ADDED,
        whole=whole,
        symbols=_symbols(known, dialect, added, frozenset(texts)) if family(dialect) else (),
        imports=imports(known, dialect, path),
    )


def _stitched(texts: Mapping[int, str]) -> str:
    """The chunk's lines at their places in a file of otherwise empty lines."""
    return "\n".join(texts.get(number, "") for number in range(1, min(max(texts, default=0), MAX_SOURCE) + 1))


def _symbols(source: str, dialect: str, added: Collection[int], visible: Collection[int]) -> tuple[Symbol, ...]:
    """One for each name: of added lines first, then calls and types, then what is used often."""
    rows = noise.code(source, dialect).split("\n")
    by_name: dict[str, list[words.Word]] = {}
    for word in words.used(rows, visible, dialect):
        by_name.setdefault(word.name, []).append(word)
    bound = {name for number in visible for name in _bound(rows[number - 1])}
    symbols = [_symbol(name, uses, added) for name, uses in by_name.items()]
    symbols = [each for each in symbols if each.use is not Use.NAME or each.name not in bound or each.name.isupper()]
    symbols.sort(key=lambda symbol: (not symbol.added, _RANK[symbol.use], -symbol.count, symbol.line, symbol.name))
    return tuple(symbols[:MAX_SYMBOLS])


def _bound(row: str) -> list[str]:
    """What the line gives a value: mostly variables of its own."""
    return _BINDING.findall(row[: words.MAX_LINE]) if "=" in row else []


def _symbol(name: str, uses: Sequence[words.Word], added: Collection[int]) -> Symbol:
    ours = [word for word in uses if word.line in added] or uses
    return Symbol(
        name,
        ours[0].line,
        _most_telling(word.use for word in ours),
        len(ours),
        frozenset(word.receiver for word in ours if word.receiver),
        ours[0].line in added,
    )


def _most_telling(uses: Iterable[Use]) -> Use:
    return min(uses, key=_RANK.__getitem__)
