"""What is read first: where a defect would do most harm, and where one is likeliest."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING

from reviewer.change import families

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from reviewer.sources.listing import Entry

Family = tuple["Entry", ...]
"""Files that belong together: a source and its tests."""

BANDS = (1 / 32, 1 / 16, 1 / 8, 1 / 4)
"""Shares of the whole by weight, the riskiest first. Within a band neighbours stay neighbours: they explain each other,
and a difference of risk is no difference there. What nothing is known of is in the last one."""
_CHANGES, _DEPENDENTS, _PROGRAM = 0.5, 0.3, 0.2
_TEST, _PROSE = 0.3, 0.2
_PROSE_SUFFIXES = (".md", ".rst", ".txt", ".adoc", ".csv", ".json", ".xml", ".svg", ".html", ".css", ".po")
_OVERHEAD = 100
"""Bytes that a file costs besides its content: its header, and one more thing to look at."""


@dataclass(frozen=True, slots=True)
class Risks:
    """What is known of paths; all of it may be empty."""

    heat: Mapping[str, float] = field(default_factory=dict)
    dependents: Mapping[str, int] = field(default_factory=dict)
    entry_points: frozenset[str] = frozenset()


def grouped(entries: Sequence[Entry]) -> list[Family]:
    """Every entry once, families in path order."""
    return [tuple(entries[index] for index in family) for family in families.group([each.path for each in entries])]


def by_risk(found: Sequence[Family], risks: Risks) -> list[Family]:
    """Band by band, the riskiest first; within one in path order. The same repository, the same order."""
    risk = _scorer(risks)
    scores = [max(map(risk, family)) for family in found]
    scored = sorted(range(len(found)), key=lambda at: (-scores[at], at))
    total = sum(map(weight, found)) or 1
    bounds = list(accumulate(BANDS))
    bands: list[list[int]] = [[] for _ in range(len(bounds) + 1)]
    filled = 0
    for at in scored:
        bands[bisect_right(bounds, filled / total) if scores[at] else -1].append(at)
        filled += weight(found[at])
    return [found[at] for band in bands for at in sorted(band)]


def weight(family: Family) -> int:
    """About what it costs to read it."""
    return sum(each.size + _OVERHEAD for each in family)


def _scorer(risks: Risks) -> Callable[[Entry], float]:
    hottest = math.log1p(max(risks.heat.values(), default=0.0)) or 1.0
    most = math.log1p(max(risks.dependents.values(), default=0)) or 1.0

    def score(entry: Entry) -> float:
        path = entry.path
        changed = math.log1p(risks.heat.get(path, 0.0)) / hottest
        used = math.log1p(risks.dependents.get(path, 0)) / most
        risk = _CHANGES * changed + _DEPENDENTS * used + _PROGRAM * (path in risks.entry_points)
        if families.is_test(path):
            return risk * _TEST
        return risk * (_PROSE if path.lower().endswith(_PROSE_SUFFIXES) else 1.0)

    return score
