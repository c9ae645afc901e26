from __future__ import annotations

import random

import pytest
from entries import entry
from hypothesis import given
from hypothesis import strategies as st

from reviewer.audit import order, shards
from reviewer.audit.order import weight
from reviewer.audit.shards import Shard
from reviewer.errors import Misuse

TREES = st.lists(
    st.tuples(st.from_regex(r"\A(src|lib|tests)/[a-c]/(test_)?[a-h]{1,2}\.py\Z"), st.integers(0, 300_000)),
    max_size=60,
    unique_by=lambda each: each[0],
)


@given(TREES, st.integers(1, 16))
def test_the_union_of_all_shards_is_exactly_the_whole(tree: list[tuple[str, int]], count: int) -> None:
    families = order.grouped([entry(path, size) for path, size in tree])
    parts = [shards.taken(families, Shard(number, count)) for number in range(1, count + 1)]
    together = [each.path for part in parts for family in part for each in family]
    assert sorted(together) == sorted(path for path, _ in tree)
    assert sorted(map(repr, (family for part in parts for family in part))) == sorted(map(repr, families))
    assert parts == [shards.taken(families, Shard(number, count)) for number in range(1, count + 1)]


@pytest.mark.parametrize("seed", range(10))
def test_the_slowest_of_eight_is_within_a_quarter_of_the_mean(seed: int) -> None:
    """Sizes as they are: most files are small, a few are a hundred times as large."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    families = order.grouped(
        [entry(f"p{n % 20}/m{n}.py", int(chance.lognormvariate(8.3, 1.3))) for n in range(chance.randrange(300, 3_000))]
    )
    loads = [sum(map(weight, part)) for part in shards.split(families, 8)]
    assert max(loads) <= 1.25 * sum(loads) / 8


def test_a_source_and_its_test_are_in_one_shard() -> None:
    names = [f"src/m{n}.py" for n in range(50)]
    families = order.grouped([entry(name) for name in (*names, *(f"tests/test_m{n}.py" for n in range(50)))])
    for part in shards.split(families, 7):
        here = {each.path for family in part for each in family}
        assert {path for path in here if path.startswith("tests/")} == {
            f"tests/test_{path[4:]}" for path in here if path.startswith("src/")
        }


def test_neighbours_stay_together_and_a_small_change_moves_few() -> None:
    before = order.grouped([entry(f"p{n // 10:02}/m{n}.py", 4_000 + n) for n in range(400)])
    after = order.grouped(
        [entry(f"p{n // 10:02}/m{n}.py", 4_000 + n + (n == 200) * 500) for n in range(400)] + [entry("p99/new.py")]
    )
    where = [
        {each.path: number for number, part in enumerate(shards.split(tree, 8)) for family in part for each in family}
        for tree in (before, after)
    ]
    assert sum(where[0][path] != where[1][path] for path in where[0]) <= 16
    assert sum(len({where[0][f"p{p:02}/m{n}.py"] for n in range(p * 10, p * 10 + 10)}) == 1 for p in range(40)) >= 30


@pytest.mark.parametrize("written", ["0/4", "5/4", "1/0", "1", "a/b", "1/257", "-1/4", "1/4 "])
def test_what_is_no_shard_is_a_mistake(written: str) -> None:
    with pytest.raises(Misuse, match="3/16"):
        shards.parse(written)


def test_a_shard_is_read_as_it_is_written() -> None:
    assert shards.parse("3/16") == Shard(3, 16)
    assert str(Shard(3, 16)) == "3/16"
