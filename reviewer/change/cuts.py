"""Where a hunk that is too large is cut."""

from __future__ import annotations

from bisect import bisect_right
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from reviewer.change.change import Line

_HARM = {"  ": 2, " +": 4, " -": 4, "+ ": 4, "- ": 4, "+-": 4, "++": 8, "--": 8, "-+": 12}
"""By the markers around the cut. The worst parts deleted lines from what replaces them."""


def ranges(lines: Sequence[Line], cost: Callable[[int, int], int], room: int) -> Iterator[tuple[int, int]]:
    """Half-open ranges that cover `lines`, each of a `cost(first, end)` of at most `room` unless it is one line."""
    first, guess = 0, 1
    while first < len(lines):
        end = _furthest(partial(cost, first), room, first + 1, len(lines), guess)
        guess = end - first
        if end < len(lines):
            end = min(range(end, first + (end - first) // 2, -1), key=partial(harm, lines))
        yield first, end
        first = end


def _furthest(cost: Callable[[int], int], room: int, low: int, high: int, step: int) -> int:
    """The largest of `low`…`high` that costs at most `room`, else `low`; by doubling, then halving steps."""
    bound = min(low + step, high)
    while bound < high and cost(bound) <= room:
        low, step = bound, step * 2
        bound = min(low + step, high)
    return low + bisect_right(range(low + 1, bound + 1), room, key=cost)


def middle(lines: Sequence[Line]) -> int | None:
    """Where to cut in two so that both have changed lines; null where there is only one."""
    changed = [at for at, line in enumerate(lines) if line.marker != " "]
    if len(changed) < 2:
        return None
    low, high = changed[0] + 1, changed[-1]
    margin, centre = (high - low) // 4, (low + high) // 2
    return min(range(low + margin, high - margin + 1), key=lambda at: (harm(lines, at), abs(at - centre)))


def harm(lines: Sequence[Line], at: int) -> int:
    """How much a reader loses by a cut before line `at`; a blank line before it makes it better."""
    before, after = lines[at - 1], lines[at]
    markers = before.marker + after.marker
    if markers == "-+":
        return _HARM[markers]
    return _HARM[markers] - 2 * (not before.text.strip()) - (not after.text.strip())
