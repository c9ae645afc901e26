from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.syntax.languages import LANGUAGES
from reviewer.syntax.noise import code
from reviewer.syntax.words import MAX_LINE, Use, _receiver, used

DIALECTS = sorted({*LANGUAGES, "script", "objc", "ml", "sql", "clojure", "erlang"})


def uses(line: str, dialect: str = "python") -> list[tuple[str, str, str]]:
    return [(word.name, str(word.use), word.receiver) for word in used(code(line, dialect).split("\n"), [1], dialect)]


def test_how_an_identifier_is_used() -> None:
    assert uses("cart.items_of(Order, rate).total = MAX") == [
        ("cart", "name", ""),
        ("items_of", "call", "cart"),
        ("Order", "type", ""),
        ("rate", "name", ""),
        ("total", "attribute", "items_of"),
        ("MAX", "name", ""),
    ]


@pytest.mark.parametrize(
    ("dialect", "line", "expected"),
    [
        ("python", "if not isinstance(cart, str): return None", ["cart"]),
        ("python", "print('cart')  # about order", []),
        ("python", 'f"{cart.total()} of {rate!r}"', ["cart", "total", "rate"]),
        ("python", '"""order {cart}"""', []),
        ("typescript", "const a1 = `of ${cart.total} ${x}`; // order", ["a1", "cart", "total"]),
        ("go", "cart.Add(`raw order`, &item) /* rate */", ["cart", "Add", "item"]),
        ("rust", "fn add<'a>(cart: &'a Cart) { cart.total::<f64>('x') }", ["add", "cart", "Cart", "cart", "total"]),
        ("ruby", 'puts "#{cart.total}" # order', ["puts", "cart", "total"]),
        ("php", "$cart->total(Order::make()); # rate", ["total", "Order", "make"]),
        ("haskell", "total cart {- order -} -- rate", ["total", "cart"]),
        ("swift", r'"of \(cart.total())"', ["cart", "total"]),
        ("csharp", '$"{cart.Total}"', ["cart", "Total"]),
        ("sql", "select cart -- order", ["select", "cart"]),
        ("css", "color /* order */", ["color"]),
    ],
)
def test_strings_comments_keywords_and_builtins_are_no_uses(dialect: str, line: str, expected: list[str]) -> None:
    assert [name for name, _, _ in uses(line, dialect)] == expected


def test_a_comment_over_many_lines_is_none_either() -> None:
    rows = code("a1 = 1\n'''\norder\n'''\ncart\n", "python").split("\n")
    assert [(word.name, word.line) for word in used(rows, range(1, 6), "python")] == [("a1", 1), ("cart", 5)]


def test_lines_that_are_not_there_or_are_data_are_not_looked_at() -> None:
    assert list(used(["cart " * MAX_LINE], [0, 1, 7], "python")) == []


def test_a_generic_call_is_a_call() -> None:
    assert uses("total<Money>(cart)", "java")[0] == ("total", str(Use.CALL), "")


@given(st.text(), st.sampled_from(DIALECTS))
def test_what_is_blanked_keeps_its_shape(source: str, dialect: str) -> None:
    blanked = code(source, dialect)
    assert len(blanked) == len(source)
    assert [at for at, c in enumerate(blanked) if c == "\n"] == [at for at, c in enumerate(source) if c == "\n"]
    list(used(blanked.split("\n"), range(blanked.count("\n") + 2), dialect))


@pytest.mark.parametrize("unit", ['"""', "'", "`", "/*", "{-", "--[[", "(*", "\\", "a.", "f(", "a<", "#{", "{"])
def test_nothing_takes_long(unit: str) -> None:
    source = unit * (40_000 // len(unit))
    start = time.process_time()
    for dialect in DIALECTS:
        rows = code(source, dialect).split("\n")
        list(used(rows, [1], dialect))
    assert time.process_time() - start < 20  # quadratic: minutes


_DOTTED = re.compile(r"([^\W\d][\w$]*)(?:\([^()]*\)|\[[^\[\]]*\])?[?!]?\s*(?:\.|->|::|\\)\s*\Z")
_PARTS = [
    "a",
    "b1",
    "$x",
    "1",
    "_",
    "é",
    "²",
    "٣",
    ".",
    "..",
    "->",
    "::",
    ":",
    ">",
    "\\",
    "?",
    "!",
    "(",
    "x)",
    " ",
    "\t",
]


@given(st.lists(st.sampled_from([*_PARTS, "(a)", "[b]", "\u2003"]), max_size=9).map("".join))
def test_what_a_name_is_used_on_is_what_one_expression_says(before: str) -> None:
    found = _DOTTED.search(before)
    assert _receiver(before + "name", len(before)) == (found[1] if found else "")
