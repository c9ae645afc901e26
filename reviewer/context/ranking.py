"""Which definition a name in a chunk means, and what it is worth to a reader: near and unique ones most."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.context.neighbourhood import FAR, NEAR, Neighbourhood, distance
from reviewer.syntax.grammars import Sort
from reviewer.syntax.words import Use

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from reviewer.context.definitions import Remembered
    from reviewer.context.symbols import Part, Symbol
    from reviewer.syntax.definitions import Definition

MIN_VALUE = 0.1
"""What is worth less is not told."""
MAX_RIVALS = 12
"""Files that define one name, none of them near: so common a name says nothing."""
MAX_FILES = 80
"""Files of other people's definitions that are read and parsed for one chunk."""
FILES_EACH = 6
MOST_EACH = 2
"""Definitions told of one name."""

_USES = {Use.CALL: 1.0, Use.TYPE: 0.95, Use.NAME: 0.75, Use.ATTRIBUTE: 0.7}
_UNADDED = 0.55
"""What a name is worth that only lines around the added ones use."""
_FOREIGN = 0.5
"""What a far definition is worth where the name was imported from somewhere else."""
_TEST = re.compile(
    r"(?i)(?:^|[/_.-])(?:tests?|specs?|mocks?|testing|testdata|fixtures?|examples?|stubs?|benchmarks?)(?:[/_.-]|\Z)"
    r"|(?-i:Tests?\.\w+\Z)"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A definition that a symbol of a part may mean."""

    part: Part
    symbol: Symbol
    path: str
    definition: Definition
    value: float


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A symbol, with the files that may define it and how near each is, the nearest first."""

    part: Part
    symbol: Symbol
    near: Sequence[tuple[str, str]]
    foreign: bool


def ranked(
    parts: Sequence[Part],
    defining: Callable[[Part, str], Sequence[str]],
    memory: Remembered,
    visible: Mapping[str, frozenset[int]],
) -> Iterator[Candidate]:
    """For each symbol its likeliest definitions that the chunk does not show; of `MAX_FILES` files at most.

    `defining` gives the files that define a name.
    """
    read: dict[str, None] = {}
    for wanted in _wanted(parts, defining):
        near = [each for each in wanted.near[:FILES_EACH] if each[0] in read or len(read) < MAX_FILES]
        read.update(dict.fromkeys(path for path, _ in near))
        yield from _meant(wanted, near, memory, visible)


def is_test(path: str) -> bool:
    """Whether the file seems to be a test, an example or a stand-in."""
    return _TEST.search(path) is not None


def _wanted(parts: Sequence[Part], defining: Callable[[Part, str], Sequence[str]]) -> list[_Wanted]:
    """The symbols that something defines: in added lines first, then by how they are used and how near it is."""
    found = []
    for part in parts:
        around = Neighbourhood(part.path, part.imports)
        for symbol in part.symbols:
            near = _nearest(part, symbol, around, defining(part, symbol.name))
            if near:
                found.append(_Wanted(part, symbol, near, around.is_foreign(symbol)))
    order = list(NEAR)
    found.sort(key=lambda each: (not each.symbol.added, order.index(each.near[0][1]), -_USES[each.symbol.use]))
    return found


def _nearest(part: Part, symbol: Symbol, around: Neighbourhood, paths: Sequence[str]) -> list[tuple[str, str]]:
    """The nearest first; of the far ones none where they are too many."""
    tested = is_test(part.path)
    places = {path: around.nearness(symbol, path) for path in paths}
    far = [path for path, near in places.items() if near == FAR and (tested or not is_test(path))]
    if len(far) > MAX_RIVALS:
        places = {path: near for path, near in places.items() if near != FAR}
    order = list(NEAR)
    return sorted(
        places.items(),
        key=lambda each: (
            order.index(each[1]),
            is_test(each[0]) and not tested,
            distance(part.path, each[0]),
            each[0],
        ),
    )


def _meant(
    wanted: _Wanted, near: Sequence[tuple[str, str]], memory: Remembered, visible: Mapping[str, frozenset[int]]
) -> Iterator[Candidate]:
    """The nearest kind of place that defines a name is where it comes from; each rival there makes it less clear."""
    symbol, part = wanted.symbol, wanted.part
    found: dict[str, list[tuple[str, Definition]]] = {}
    for path, how in near:
        for each in memory.definitions(path):
            if each.name == symbol.name and each.container != each.name and _fits(symbol, each, how):
                found.setdefault(how, []).append((path, each))
    if not found:
        return
    how = next(how for how in NEAR if how in found)
    tested = is_test(part.path)
    rivals = [each for each in found[how] if tested or not is_test(each[0])] or found[how]
    if any(each.first in visible.get(path, ()) for path, each in rivals):
        return  # the chunk shows it
    rivals.sort(key=lambda each: (*_likelihood(symbol, each[1]), distance(part.path, each[0]), each[0], each[1].first))
    owned = [each for each in rivals if _is_on(symbol, each[1])]
    clear = len({(path, each.container) for path, each in owned or rivals})
    if how == FAR and not owned:
        unread = {path for path, where in wanted.near if where == FAR and (tested or not is_test(path))} - dict(
            near
        ).keys()
        clear += len(unread)
    value = 0.9 * NEAR[how] * _USES[symbol.use] / clear ** (0.8 if how == FAR else 0.5)
    value *= (1.0 if symbol.added else _UNADDED) * (_FOREIGN if wanted.foreign and how == FAR else 1.0)
    for number, (path, each) in enumerate(rivals[:MOST_EACH]):
        yield Candidate(part, symbol, path, each, value * 0.8**number * _weight(symbol, each))


def _weight(symbol: Symbol, each: Definition) -> float:
    """A field of something else than what the name is used on tells little."""
    if each.sort is not Sort.CONSTANT:
        return 1.0
    return 0.4 if each.container and symbol.use is Use.ATTRIBUTE and not _is_on(symbol, each) else 0.85


def _likelihood(symbol: Symbol, each: Definition) -> tuple[bool, bool]:
    return not _is_on(symbol, each), each.sort is Sort.CONSTANT


def _fits(symbol: Symbol, each: Definition, how: str) -> bool:
    """Variables of other files are meant only where they are imported or their name stands out."""
    if each.sort is Sort.SECTION:
        return False
    if each.sort is Sort.CONSTANT and how not in ("here", "imported"):
        is_field = bool(each.container) and symbol.use is Use.ATTRIBUTE
        return is_field or symbol.name[:1].isupper()
    return True


def _is_on(symbol: Symbol, each: Definition) -> bool:
    """Whether the name is used on something called like what defines it: `cart.total` and the class `Cart`."""
    owner = each.container.lower()
    return bool(owner) and any(receiver.lower().strip("_") == owner for receiver in symbol.receivers)
