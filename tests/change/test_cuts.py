"""Where a hunk is cut in two, and in parts that fit."""

from __future__ import annotations

import pytest
from changed import hunk
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.change import cuts


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ("+a\n+b", 1),
        ("+a\n+b\n+c\n+d\n+e\n+f\n+g\n+h", 4),
        ("+a\n+b\n+\n+d\n+e\n+f\n+g\n+h", 3),
        ("+a\n+b\n+c\n+\n+e\n+f\n+g\n+h", 4),
        ("-a\n-b\n-c\n-d\n+e\n+f\n+g\n+h", 3),
        (" x\n+a\n y\n z\n+b\n w", 3),
        (" x\n" * 9 + "+a\n y\n+b", 10),
        ("+a\n+b\n+c\n y\n z\n+d\n+e\n+f", 4),
        ("+\n+b\n+c\n+d\n+e\n+f\n+g\n+", 4),
        ("+a\n x\n", None),
        (" x", None),
    ],
)
def test_the_middle_is_where_it_harms_least(body: str, at: int | None) -> None:
    assert cuts.middle(hunk(body.rstrip("\n")).lines) == at


def test_a_blank_line_is_left_above_the_cut_rather_than_below_it() -> None:
    lines = hunk("+a\n+\n+b\n-c\n+d\n x\n y").lines
    harm = [cuts.harm(lines, at) for at in range(1, len(lines))]
    assert harm == [7, 6, 4, 12, 4, 2]


MARKED = st.lists(st.tuples(st.sampled_from("+- "), st.sampled_from(["", "x", "def f():"])).map("".join), min_size=1)


@settings(max_examples=80, deadline=None)
@given(MARKED, st.integers(1, 9))
def test_every_part_fits_and_all_is_there(rows: list[str], room: int) -> None:
    lines = hunk("\n".join(rows)).lines
    sizes = [1 + len(row) % 3 for row in rows]
    parts = list(cuts.ranges(lines, lambda first, end: sum(sizes[first:end]), room))
    assert [at for first, end in parts for at in range(first, end)] == list(range(len(rows)))
    for first, end in parts:
        assert end - first == 1 or sum(sizes[first:end]) <= room
        if end < len(rows):
            most = next(to for to in range(end, len(rows) + 1) if to == len(rows) or sum(sizes[first : to + 1]) > room)
            assert end > first + (most - first) // 2, "no part is much smaller than it has to be"
    at = cuts.middle(lines)
    changed = [row[0] != " " for row in rows]
    assert (at is None) == (sum(changed) < 2)
    assert at is None or (any(changed[:at]) and any(changed[at:]))
