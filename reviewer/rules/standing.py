"""Which packs are used: the repository's own add to the shipped ones, replace them or switch them off."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from reviewer.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from reviewer.rules.packs import Pack

SKIP = "skip_rules"


class State(StrEnum):
    """What became of a pack."""

    USED = "used"
    REPLACED = "replaced"
    OFF = "off"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Standing:
    """A pack, what became of it, and whose word that was: a file's path, or a setting's name."""

    pack: Pack
    state: State
    by: str | None = None


def standings(shipped: Sequence[Pack], own: Sequence[Pack], skip: Collection[str]) -> tuple[Standing, ...]:
    """Every pack, the shipped ones first; a name in `skip` that no pack has raises `Misuse`."""
    known = {pack.name for pack in (*shipped, *own)}
    for name in skip:
        if name not in known:
            raise Misuse(f"{SKIP} names {name!r}, which there is not: choose from {', '.join(sorted(known))}")
    return tuple(_settled(shipped, own, skip))


def combined(shipped: Sequence[Pack], own: Sequence[Pack], skip: Collection[str] = ()) -> tuple[Pack, ...]:
    """The packs that are used, the shipped ones first; raises `Misuse` as `standings` does."""
    return tuple(each.pack for each in standings(shipped, own, skip) if each.state is State.USED)


def _settled(shipped: Iterable[Pack], own: Iterable[Pack], skip: Collection[str]) -> Iterator[Standing]:
    by_name = {pack.name: pack for pack in own}
    for pack in shipped:
        other = by_name.get(pack.name)
        if other is not None:
            yield Standing(pack, State.REPLACED if other.enabled else State.OFF, other.origin)
        else:
            yield _ours(pack, skip)
    for pack in by_name.values():
        yield _ours(pack, skip)


def _ours(pack: Pack, skip: Collection[str]) -> Standing:
    if not pack.enabled:
        return Standing(pack, State.OFF, pack.origin)
    return Standing(pack, State.SKIPPED, SKIP) if pack.name in skip else Standing(pack, State.USED)
