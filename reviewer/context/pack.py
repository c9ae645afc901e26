"""Spends the budget that a chunk's context has, best value first."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reviewer.context.items import Kind
from reviewer.text.tokens import estimate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewer.context.items import Item

_ORDER = tuple(Kind)
_FORGED = re.compile(r"^\[", re.MULTILINE)
"""No line of a text looks like the start of an item."""
MOST_FOR_ONE = 0.5
"""No item may take more than this part of the budget: one long description must not stand for everything else."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a chunk's reader is told besides it. `capped` and `trimmed` say in words what is missing, and why."""

    items: tuple[Item, ...] = ()
    guides: tuple[Item, ...] = ()
    left_out: tuple[Item, ...] = ()
    capped: tuple[str, ...] = ()
    trimmed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Packed:
    """Every item is in one of the two: `kept` in the order in which they are shown, `left_out` the best first."""

    kept: tuple[Item, ...] = ()
    left_out: tuple[Item, ...] = field(default=())


def spend(items: Iterable[Item], budget: int) -> Packed:
    """What of `items` fits into `budget` tokens. The same text twice is told once; nothing is cut."""
    left = budget
    kept: list[Item] = []
    left_out: list[Item] = []
    known: set[tuple[Kind, str, str]] = set()
    for item in sorted(items, key=_best_first):
        name = item.kind, item.where, item.text
        if name in known:
            continue
        known.add(name)
        tokens = cost(item)
        if tokens <= min(left, budget * MOST_FOR_ONE):
            kept.append(item)
            left -= tokens
        else:
            left_out.append(item)
    return Packed(tuple(sorted(kept, key=_as_shown)), tuple(left_out))


def entry(item: Item) -> str:
    """The item as the model reads it."""
    return f"[{item.kind}] {item.where} ({item.why})\n{_FORGED.sub(' [', item.text)}"


def cost(item: Item) -> int:
    """Tokens of the item in a prompt."""
    return estimate(entry(item)) + 1


def _best_first(item: Item) -> tuple[object, ...]:
    return -item.value, _ORDER.index(item.kind), item.where, item.text, item.why


def _as_shown(item: Item) -> tuple[object, ...]:
    return _ORDER.index(item.kind), item.where, -item.value, item.text
