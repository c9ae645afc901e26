"""Who calls a definition whose signature a chunk changes, or that it removes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.context.items import Item, Kind
from reviewer.context.ranking import is_test
from reviewer.syntax import lines
from reviewer.syntax.grammars import Sort

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reviewer.context.definitions import Remembered, Sightings
    from reviewer.context.snapshot import Hit
    from reviewer.context.symbols import Part

MOST_EACH = 2
MAX_CHANGED = 20
"""Changed definitions of one file whose callers are looked for."""
COMMON = 40
"""So many lines call something of this name: it is another's name, too."""
MAX_ROW = 200
_CALLABLE = re.compile(
    r"NAME\s*(?:<[^()]*>)?\(|\b(?:class|def|fn|func|fun|function\*?|sub)\s+NAME|NAME\s*=\s*(?:async\s*)?(?:function|\()"
)
_CALLED = frozenset({Sort.FUNCTION, Sort.METHOD, Sort.CLASS})


@dataclass(frozen=True, slots=True)
class Changed:
    """A definition that callers depend on, and what became of it."""

    name: str
    first: int
    last: int
    removed: bool = False


def changed(part: Part, memory: Remembered) -> list[Changed]:
    """Definitions that were there before, of which the chunk changes the signature or takes the whole away."""
    if part.is_new or not part.whole:
        return []
    before = _defined_before(part)
    now = memory.definitions(part.path)
    found = [
        Changed(each.name, each.first, each.last)
        for each in now
        if each.sort in _CALLED
        and each.name in before
        and any(line in part.added for line in range(each.first, each.head + 1))
    ]
    present = {each.name for each in now}
    found += (Changed(name, 0, 0, removed=True) for name in before if name not in present)
    unique = {each.name: each for each in reversed(found)}
    return list(reversed(unique.values()))[:MAX_CHANGED]


def _defined_before(part: Part) -> list[str]:
    """The names that deleted lines define."""
    deleted = [line.text for piece in part.pieces for line in piece.lines if line.marker == "-"]
    rows = lines.defining(deleted, part.dialect, MAX_CHANGED * 4)
    callable_rows = (
        row for row in rows if len(row.name) > 1 and _CALLABLE.search(row.text.replace(row.name, "NAME", 1))
    )
    return list(dict.fromkeys(row.name for row in callable_rows))


def callers(
    part: Part,
    affected: Sequence[Changed],
    sightings: Sightings,
    memory: Remembered,
    visible: Mapping[str, frozenset[int]],
) -> Iterator[Item]:
    """One or two of each, with a line on either side, outside of what the chunk shows; the nearest code first."""
    for each in affected:
        hits = [hit for hit in sightings.calling.get(each.name, ()) if _calls(hit, each, part, visible)]
        if len(hits) > COMMON:
            continue
        clear = max(1, len({hit.path for hit in sightings.defining.get(each.name, ())}))
        hits.sort(key=lambda hit: (is_test(hit.path), hit.path == part.path, hit.path, hit.line))
        for number, hit in enumerate(hits[:MOST_EACH]):
            verb = "calls" if not each.removed else "still calls"
            what = "whose signature changed" if not each.removed else "which the change removes"
            value = 0.8 * (0.75**number) / clear**0.5
            yield Item(
                Kind.CALLER, f"{hit.path}:{hit.line}", f"{verb} {each.name}, {what}", _around(hit, memory), value
            )


def _calls(hit: Hit, each: Changed, part: Part, visible: Mapping[str, frozenset[int]]) -> bool:
    if hit.line in visible.get(hit.path, ()):
        return False
    if hit.path == part.path and hit.line == each.first:
        return False
    found = re.search(rf"(\w+)[\s.:]+{re.escape(each.name)}\s*[<(]", hit.text)
    return not found or found[1] not in ("def", "function", "func", "fn", "fun", "class", "sub")


def _around(hit: Hit, memory: Remembered) -> str:
    rows = (memory.read(hit.path) or "").split("\n")
    if hit.line > len(rows):
        return f"{hit.line} {hit.text[:MAX_ROW]}"
    near = range(max(1, hit.line - 1), min(len(rows), hit.line + 1) + 1)
    return "\n".join(f"{number} {rows[number - 1][:MAX_ROW].rstrip()}" for number in near if rows[number - 1].strip())
