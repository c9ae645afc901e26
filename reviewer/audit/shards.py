"""One tree in equal parts, for as many machines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.audit.order import weight
from reviewer.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewer.audit.order import Family

MOST = 256
"""Jobs in one matrix of GitHub Actions."""
_LARGE = 16
"""A family of more than this fraction of a shard is placed by itself: the small ones level out what is left."""


@dataclass(frozen=True, slots=True)
class Shard:
    """Part `number` (from 1) of `count`."""

    number: int = 1
    count: int = 1

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


def parse(written: str) -> Shard:
    """`3/16`; anything else raises `Misuse`."""
    found = re.fullmatch(r"(\d{1,4})/(\d{1,4})", written)
    if found is None or not 1 <= int(found[1]) <= int(found[2]) <= MOST:
        raise Misuse(f"--shard {written}: write NUMBER/COUNT, such as 3/16, with a count of at most {MOST}")
    return Shard(int(found[1]), int(found[2]))


def split(families: Sequence[Family], count: int) -> list[list[Family]]:
    """Every family in exactly one of `count` parts of about the same weight; each part in the order given.

    The same families, the same parts. Neighbours stay together where they can, so that a small change moves few.
    """
    weights = [weight(family) for family in families]
    mean = sum(weights) / count
    filled = [0] * count
    parts: list[list[int]] = [[] for _ in range(count)]

    def put(family: int, part: int) -> None:
        parts[part].append(family)
        filled[part] += weights[family]

    large = [at for at, each in enumerate(weights) if each * _LARGE > mean]
    for at in sorted(large, key=lambda at: (-weights[at], at)):
        put(at, min(range(count), key=lambda part: (filled[part], part)))
    part, is_large = 0, frozenset(large)
    for at in range(len(families)):
        if at in is_large:
            continue
        while part < count - 1 and filled[part] + weights[at] / 2 > mean:
            part += 1
        put(at, part)
    return [[families[at] for at in sorted(part)] for part in parts]


def taken(families: Sequence[Family], shard: Shard) -> list[Family]:
    """The part that is this shard's."""
    return split(families, shard.count)[shard.number - 1]
