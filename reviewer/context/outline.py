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
    from collections.abc import Iterator, Sequence

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
        items += _looked_up([part for part in found if part.family == dialects], dialects, memory)
    best: dict[tuple[Kind, str], Item] = {}
    for item in items:
        known = best.get((item.kind, item.where))
        if item.value >= MIN_VALUE and (known is None or known.value < item.value):
            best[item.kind, item.where] = item
    ordered = sorted(best.values(), key=lambda item: (-item.value, item.where, item.kind))[:MAX_ITEMS]
    return Outline(tuple(_shown(item, show) for item in ordered), tuple(memory.capped))


def _looked_up(found: Sequence[Part], dialects: tuple[str, ...], memory: Remembered) -> Iterator[Item]:
    """What one search of the repository tells of the parts in these languages."""
    visible = {part.path: part.visible for part in found}
    affected = [(part, changed(part, memory)) for part in found]
    called = {each.name for _, all_changed in affected for each in all_changed}
    wanted = {name for part in found for name in _names(part, memory)} | called
    sightings = memory.sightings(dialects, wanted, called)
    for each in ranked(found, sightings.defining, memory, visible):
        yield _defined(each, memory)
    for part, all_changed in affected:
        yield from callers(part, all_changed, sightings, memory, visible)


def _names(part: Part, memory: Remembered) -> list[str]:
    """What is looked for elsewhere: not what the chunk itself shows the definition of."""
    here = {each.name for each in memory.definitions(part.path) if each.first in part.visible} if part.whole else set()
    return [symbol.name for symbol in part.symbols if symbol.name not in here]


def _enclosing(part: Part, memory: Remembered) -> Iterator[Item]:
    """The signatures of what each piece begins in, but for those that it shows itself."""
    if not part.whole:
        return
    known = memory.definitions(part.path)
    for piece in part.pieces:
        changed_lines = [line.new for line in piece.lines if line.marker == "+" and line.new is not None]
        at = (
            changed_lines[0]
            if changed_lines
            else next((line.new for line in piece.lines if line.new is not None), None)
        )
        if at is None:
            continue
        around = [each for each in enclosing(known, at) if each.first not in part.visible][-_DEEPEST:]
        if around:
            rows = [f"{each.first} {each.signature}{_doc(each)}" for each in around]
            why = f"around line {at}"
            yield Item(Kind.ENCLOSING, f"{part.path}:{around[-1].first}", why, "\n".join(rows), 0.95)


def _defined(found: Candidate, memory: Remembered) -> Item:
    each, symbol = found.definition, found.symbol
    lead = f"in {each.container}: " if each.container else ""
    rows = [f"{lead}{each.signature}{_doc(each)}"]
    if symbol.use is Use.CALL and each.sort is Sort.CLASS:
        rows += (made.signature for made in _constructors(each, memory.definitions(found.path)))
    why = f"{_VERBS[symbol.use]} in {basename(found.part.path)}:{symbol.line}"
    return Item(Kind.DEFINITION, f"{found.path}:{each.first}", why, "\n".join(rows), found.value)


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
