"""Which definition a name in a chunk means, and what it is worth to a reader: near and unique ones most."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.syntax.grammars import Sort
from reviewer.syntax.words import Use

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from reviewer.context.definitions import Remembered, Sightings
    from reviewer.context.snapshot import Hit
    from reviewer.context.symbols import Part, Symbol
    from reviewer.syntax.definitions import Definition

MIN_VALUE = 0.08
"""What is worth less is not told."""
MAX_RIVALS = 24
"""Files with a definition of one name, none of them near: so common a name says nothing."""
MAX_FILES = 80
"""Files that are read and parsed for one part of a chunk."""
MOST_EACH = 2
"""Definitions told of one name."""

_NEAR = {"here": 1.0, "imported": 0.95, "module": 0.85, "beside": 0.8, "elsewhere": 0.65}
_USES = {Use.CALL: 1.0, Use.TYPE: 0.95, Use.ATTRIBUTE: 0.7, Use.NAME: 0.75}
_TEST = re.compile(
    r"(?i)(?:^|[/_.-])(?:tests?|specs?|mocks?|__tests__|testdata|fixtures?|examples?|stubs?)(?:[/_.-]|\Z)|Tests?\.\w+\Z"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A definition that a symbol may mean."""

    symbol: Symbol
    path: str
    definition: Definition
    value: float


def ranked(
    part: Part, sightings: Sightings, memory: Remembered, visible: Mapping[str, frozenset[int]]
) -> Iterator[Candidate]:
    """For each symbol its likeliest definitions that the chunk does not show. The best-placed symbols come first."""
    budget = MAX_FILES
    for symbol in part.symbols:
        hits = sightings.defining.get(symbol.name)
        if not hits:
            continue
        near = _by_nearness(part, symbol, hits)
        known = [path for path, _ in near if path in memory.parsed]
        fresh = [path for path, _ in near if path not in memory.parsed][:budget]
        budget -= len(fresh)
        allowed = {*known, *fresh}
        yield from _of_symbol(part, symbol, [each for each in near if each[0] in allowed], memory, visible)


def is_test(path: str) -> bool:
    """Whether the file seems to be a test, an example or a stand-in."""
    return _TEST.search(path) is not None


def _by_nearness(part: Part, symbol: Symbol, hits: Sequence[Hit]) -> list[tuple[str, str]]:
    """Paths with how near they are, the nearest first; of the far ones none where there are too many."""
    places = {path: nearness(part, symbol, path) for path in dict.fromkeys(hit.path for hit in hits)}
    tested = is_test(part.path)
    far = [path for path, near in places.items() if near == "elsewhere" and (tested or not is_test(path))]
    if len(far) > MAX_RIVALS or (far and any(near != "elsewhere" for near in places.values()) and len(far) > 3):
        places = {path: near for path, near in places.items() if near != "elsewhere"}
    order = list(_NEAR)
    return sorted(places.items(), key=lambda each: (order.index(each[1]), _distance(part.path, each[0]), each[0]))[
        :MAX_RIVALS
    ]


def nearness(part: Part, symbol: Symbol, path: str) -> str:
    """How near a file is to the part: `here`, `imported` by this name, `module` imported, `beside`, `elsewhere`."""
    if path == part.path:
        return "here"
    stem = _parts_of(path)
    sources = [part.imports.names[name] for name in (symbol.name, *symbol.receivers) if name in part.imports.names]
    if any(_leads_to(module, stem) for module in sources):
        return "imported"
    if any(_leads_to(module, stem) for module in part.imports.modules):
        return "module"
    if posixpath.dirname(path) == posixpath.dirname(part.path):
        return "beside"
    return "elsewhere"


def _of_symbol(
    part: Part,
    symbol: Symbol,
    near: Iterable[tuple[str, str]],
    memory: Remembered,
    visible: Mapping[str, frozenset[int]],
) -> Iterator[Candidate]:
    """The nearest kind of place that defines the name is where it comes from; there each one more makes it less clear."""
    found: dict[str, list[tuple[str, Definition]]] = {}
    for path, how in near:
        for each in memory.definitions(path):
            if each.name == symbol.name and _fits(symbol, each, how):
                found.setdefault(how, []).append((path, each))
    for how in (how for how in _NEAR if how in found):
        rivals = [each for each in found[how] if is_test(part.path) or not is_test(each[0])] or found[how]
        if any(each.first in visible.get(path, ()) for path, each in rivals):
            return  # the chunk shows it
        rivals.sort(
            key=lambda each: (
                each[1].sort is Sort.CONSTANT,
                not _is_on(symbol, each[1]),
                _distance(part.path, each[0]),
                each[0],
                each[1].first,
            )
        )
        clear = sum(1 for _ in {(path, each.container) for path, each in rivals})
        value = _NEAR[how] * _USES[symbol.use] / clear ** (0.5 if how != "elsewhere" else 0.8)
        for number, (path, each) in enumerate(rivals[:MOST_EACH]):
            yield Candidate(
                symbol, path, each, value * 0.9 * (0.8**number) * (0.8 if each.sort is Sort.CONSTANT else 1.0)
            )
        return


def _fits(symbol: Symbol, each: Definition, how: str) -> bool:
    """Variables of other files are meant only where they are imported or their name stands out."""
    if each.sort is Sort.SECTION:
        return False
    if each.sort is Sort.CONSTANT and how in ("beside", "elsewhere"):
        return (
            symbol.name.isupper() or (bool(each.container) and symbol.use is Use.ATTRIBUTE) or symbol.name[:1].isupper()
        )
    return True


def _is_on(symbol: Symbol, each: Definition) -> bool:
    """Whether the name is used on something called like what defines it: `cart.total` and the class `Cart`."""
    container = each.container.lower()
    return bool(container) and any(
        receiver.lower().strip("_") in (container, container + "s") for receiver in symbol.receivers
    )


def _leads_to(module: tuple[str, ...], stem: tuple[str, ...]) -> bool:
    """Whether a module's path may be the file's (or its folder's): their ends are alike as far as both go."""
    for parts in (module, module[:-1]):
        for end in (stem, stem[:-1]):
            length = min(len(parts), len(end), 2)
            if length and parts[-length:] == end[-length:]:
                return True
    return False


def _parts_of(path: str) -> tuple[str, ...]:
    """`src/shop/__init__.py` and `src/shop/index.ts` are the folder itself."""
    folder, _, name = path.rpartition("/")
    stem = name.partition(".")[0]
    parts = tuple(part for part in folder.split("/") if part)
    return parts if stem in ("__init__", "index", "mod", "lib") else (*parts, stem)


def _distance(one: str, other: str) -> int:
    """Steps from folder to folder."""
    first, second = one.split("/")[:-1], other.split("/")[:-1]
    common = len(posixpath.commonprefix([first, second]))
    return len(first) + len(second) - 2 * common
