from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from reviewer.context.items import Item, Kind
from reviewer.context.pack import MOST_FOR_ONE, Packed, cost, entry, spend
from reviewer.text.tokens import estimate

ITEMS = st.builds(
    Item,
    kind=st.sampled_from(Kind),
    where=st.sampled_from(["a.py:1", "b.py:2", "title"]),
    why=st.sampled_from(["called in c.py:3", "nearest"]),
    text=st.text(max_size=300),
    value=st.floats(0, 1),
)


def item(text: str, value: float, kind: Kind = Kind.DEFINITION, where: str = "src/cart.py:12") -> Item:
    return Item(kind, where, "called in src/shop.py:40", text, value)


def test_the_best_value_goes_first_and_the_rest_is_named() -> None:
    dear, good, poor = item("def a(): " + "x" * 200, 0.9), item("def b(): ...", 0.8), item("def c(): ...", 0.1)
    budget = cost(good) * 3
    spent = spend([poor, good, dear], budget)
    assert spent == Packed((good, poor), (dear,))


def test_one_item_never_takes_most_of_the_budget() -> None:
    long = item("word " * 400, 1.0, Kind.PULL, "description")
    assert spend([long], round(cost(long) / MOST_FOR_ONE) - 2).left_out == (long,)
    assert spend([long], round(cost(long) / MOST_FOR_ONE) + 2).kept == (long,)


def test_the_same_text_is_told_once_with_its_best_value() -> None:
    twice = item("def a(): ...", 0.2)
    spent = spend([twice, replace(twice, value=0.9, why="called in b.py:1")], 1_000)
    assert [each.why for each in spent.kept] == ["called in b.py:1"]
    assert not spent.left_out


def test_it_is_shown_by_kind_and_place_whatever_its_value() -> None:
    call = item("total(1)", 1.0, Kind.CALLER, "a.py:1")
    late, early = item("def b(): ...", 0.9, where="b.py:1"), item("def a(): ...", 0.1, where="a.py:9")
    around = item("class Cart:", 0.5, Kind.ENCLOSING)
    assert spend([call, late, early, around], 10_000).kept == (around, early, late, call)


def test_an_entry_says_what_it_is_where_and_why() -> None:
    assert entry(item("def total(items): ...", 1.0)) == (
        "[definition] src/cart.py:12 (called in src/shop.py:40)\ndef total(items): ..."
    )


@given(st.lists(ITEMS, max_size=12), st.integers(0, 400))
def test_nothing_disappears_and_the_budget_holds(items: list[Item], budget: int) -> None:
    spent = spend(items, budget)
    named = {(each.kind, each.where, each.text) for each in items}
    assert {(each.kind, each.where, each.text) for each in (*spent.kept, *spent.left_out)} == named
    assert len(spent.kept) + len(spent.left_out) == len(named)
    assert estimate("\n\n".join(map(entry, spent.kept))) <= max(budget, 0)
    assert spend(list(reversed(items)), budget) == spent
