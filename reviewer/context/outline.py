"""What the definitions around and behind a chunk say: enclosing ones, those it uses, and who calls what it changes."""

from __future__ import annotations

from dataclasses import dataclass
from posixpath import basename
from typing import TYPE_CHECKING

from reviewer.change.numbered import shown_path
from reviewer.context.callers import callers, changed
from reviewer.context.definitions import remembered
from reviewer.context.items import Item, Kind
from reviewer.context.ranking import MIN_VALUE, Candidate, ranked
from reviewer.context.symbols import parts
from reviewer.syntax.definitions import enclosing
from reviewer.syntax.grammars import Sort
from reviewer.syntax.words import Use

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reviewer.change.pieces import Chunk
    from reviewer.context.definitions import Remembered
    from reviewer.context.snapshot import Snapshot
    from reviewer.context.symbols import Part
    from reviewer.syntax.definitions import Definition
    from reviewer.text.show import Show

MAX_ITEMS = 120
"""More than any budget holds."""
_DEEPEST = 3
"""Enclosing definitions told of one piece, the innermost ones."""
_PLACES = 3
"""Lines named in the reason of one item."""
_BANDS = (0.7, 0.45, 0.25, 0.0)
"""Definitions of one file are told together where their values are in the same band."""
_TOGETHER = 6
_VERBS = {Use.CALL: "called", Use.TYPE: "named", Use.ATTRIBUTE: "used", Use.NAME: "used"}
_CONSTRUCTORS = frozenset({"__init__", "__new__", "constructor", "initialize", "init", "__construct"})


@dataclass(frozen=True, slots=True)
class Outline:
    """`capped`: which bounds of the snapshot were hit, in words; then something may be missing."""

    items: tuple[Item, ...]
    capped: tuple[str, ...] = ()


def outline(chunk: Chunk, snapshot: Snapshot, show: Show) -> Outline:
    """The items of one chunk, best first. Asked from several threads with one snapshot; never raises for odd input.

    A snapshot that is `remembered` is asked once for what several chunks want to know.
    """
    memory = remembered(snapshot)
    found = parts(chunk, memory.read)
    items = [item for part in found for item in _enclosing(part, memory)]
    for dialects in dict.fromkeys(part.family for part in found):
        items += _looked_up([part for part in found if part.family == dialects], memory)
    ordered = sorted(items, key=lambda item: (-item.value, item.where, item.kind))[:MAX_ITEMS]
    return Outline(tuple(_shown(item, show) for item in ordered), tuple(memory.capped))


def _looked_up(found: Sequence[Part], memory: Remembered) -> Iterator[Item]:
    """What one search of the repository tells of the parts, which are of one family of languages."""
    visible = {part.path: part.visible for part in found}
    affected = [(part, changed(part, memory)) for part in found]
    called = {each.name for _, all_changed in affected for each in all_changed}
    wanted = {name for part in found for name in _names(part, memory)}
    defining = memory.defining(found, wanted, called)
    yield from _defined(ranked(found, defining.paths, memory, visible), memory)
    for part, all_changed in affected:
        yield from callers(part, all_changed, defining.sightings, memory, visible)


def _names(part: Part, memory: Remembered) -> list[str]:
    """What is looked for elsewhere: not what the chunk itself shows the definition of."""
    here = {each.name for each in memory.definitions(part.path) if each.first in part.visible} if part.whole else set()
    return [symbol.name for symbol in part.symbols if symbol.name not in here]


def _enclosing(part: Part, memory: Remembered) -> Iterator[Item]:
    """The signatures of what the pieces are in, one item a file, but for those that the chunk shows itself."""
    if not part.whole:
        return
    known = memory.definitions(part.path)
    around: dict[Definition, int] = {}
    for piece in part.pieces:
        at = piece.new_range[0] if piece.new_range else next((line.new for line in piece.lines if line.new), 1)
        for each in enclosing(known, at)[-_DEEPEST:]:
            if each.first not in part.visible and not _is_in(piece.hunk.section, each):
                around.setdefault(each, at)
    if around:
        rows = [f"{each.first} {each.signature}{_doc(each)}" for each in sorted(around, key=lambda each: each.first)]
        lines = ", ".join(str(line) for line in list(dict.fromkeys(around.values()))[:_PLACES])
        yield Item(Kind.ENCLOSING, part.path, f"around line {lines}", "\n".join(rows), 0.95)


def _is_in(section: str, each: Definition) -> bool:
    """Whether the hunk's header shows the whole signature."""
    return " ".join(section.split()).rstrip("{: ") == each.signature


def _defined(found: Iterable[Candidate], memory: Remembered) -> Iterator[Item]:
    """One item for what a file defines of about the same value: its path is told once."""
    best: dict[tuple[str, int], Candidate] = {}
    for each in found:
        at = each.path, each.definition.first
        if each.value >= MIN_VALUE and (at not in best or best[at].value < each.value):
            best[at] = each
    groups: dict[tuple[str, int], list[Candidate]] = {}
    for each in sorted(best.values(), key=lambda each: (-each.value, each.path, each.definition.first)):
        band = next(number for number, least in enumerate(_BANDS) if each.value >= least)
        groups.setdefault((each.path, band), []).append(each)
    for (path, _), all_members in groups.items():
        for start in range(0, len(all_members), _TOGETHER):
            yield _of_file(path, all_members[start : start + _TOGETHER], memory)


def _of_file(path: str, members: Sequence[Candidate], memory: Remembered) -> Item:
    ordered = sorted(members, key=lambda each: each.definition.first)
    rows = [row for each in ordered for row in _rows(each, memory.definitions(path))]
    places: dict[str, None] = {}
    for each in members:
        places[f"{_VERBS[each.symbol.use]} in {basename(each.part.path)}:{each.symbol.line}"] = None
    why = ", ".join(list(places)[:_PLACES]) + (", …" if len(places) > _PLACES else "")
    where = f"{path}:{ordered[0].definition.first}" if len(members) == 1 else path
    return Item(Kind.DEFINITION, where, why, "\n".join(rows), members[0].value)


def _rows(found: Candidate, known: Sequence[Definition]) -> Iterator[str]:
    each = found.definition
    lead = f"in {each.container}: " if each.container else ""
    yield f"{each.first} {lead}{each.signature}{_doc(each)}"
    if found.symbol.use is Use.CALL and each.sort is Sort.CLASS:
        yield from (f"{made.first}   {made.signature}" for made in _constructors(each, known))


def _constructors(each: Definition, known: Sequence[Definition]) -> Iterator[Definition]:
    inside = (one for one in known if one.container == each.name and each.first < one.first <= each.last)
    made = next((one for one in inside if one.name in _CONSTRUCTORS or one.name == each.name), None)
    if made is not None:
        yield made


def _doc(each: Definition) -> str:
    return f"\n  {each.doc}" if each.doc else ""


def _shown(item: Item, show: Show) -> Item:
    text = "\n".join(show(item.text.split("\n")))
    return Item(item.kind, shown_path(item.where), shown_path(item.why), text, item.value)
