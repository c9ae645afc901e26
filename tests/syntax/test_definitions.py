from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.syntax import definitions as syntax
from reviewer.syntax.definitions import Definition, definitions, enclosing
from reviewer.syntax.grammars import GRAMMARS, Sort
from reviewer.syntax.languages import LANGUAGES

SAMPLES = tomllib.loads((Path(__file__).parent / "definitions.toml").read_text(encoding="utf-8"))
SOURCES: dict[str, str] = {path: sample["source"] for path, sample in SAMPLES.items()}


def told(path: str) -> list[str]:
    found = definitions(SOURCES[path], path)
    return [f"{d.sort} {d.container}{'.' if d.container else ''}{d.name}" for d in found]


def find(path: str, name: str, container: str = "") -> Definition:
    return next(d for d in definitions(SOURCES[path], path) if (d.name, d.container) == (name, container))


def test_every_language_has_a_grammar() -> None:
    assert set(GRAMMARS) == LANGUAGES


@pytest.mark.parametrize("path", SOURCES)
def test_what_a_source_defines(path: str) -> None:
    assert told(path) == SAMPLES[path]["defines"]


@pytest.mark.parametrize(
    ("path", "name", "signature"),
    [
        ("a.py", "total", "async def total(cart: Cart, *, rate: float = 0.2) -> Money"),
        ("a.py", "Cart", "class Cart(Base)"),
        ("a.py", "Pair", "type Pair = tuple[int, int]"),
        ("a.ts", "total", "export async function total<T>(cart: Cart, rate = 0.2): Promise<T>"),
        ("a.ts", "render", "export const render = (a: string)"),
        ("a.ts", "Item", "interface Item { name: string; price(): number }"),
        ("a.go", "Total", "func Total(cart *Cart, rate float64) (Money, error)"),
        ("a.go", "Cart", "type Cart struct { Owner string }"),
        ("a.rs", "total", "pub fn total<T>(cart: &Cart<T>) -> Money where T: Price"),
        ("a.c", "total", "static struct money *total(const struct cart *cart)"),
        ("a.c", "add", "int add(struct cart *cart);"),
        ("a.rb", "total", "def total(rate: 1)"),
        ("a.ex", "total", "def total(cart, rate) when rate > 1"),
        ("a.hs", "total", "total :: Cart -> Int"),
        ("a.tf", "resource aws_x cart", 'resource "aws_x" "cart"'),
        ("a.yml", "cart", "cart"),
    ],
)
def test_a_signature_is_one_line_without_its_body(path: str, name: str, signature: str) -> None:
    found = next(d for d in definitions(SOURCES[path], path) if d.name == name)
    assert found.signature == signature


@pytest.mark.parametrize("path", ["a.py", "a.ts", "a.rs", "a.c", "a.lua", "a.sh", "a.hs", "a.dart", "a.swift", "a.php"])
def test_the_first_line_of_what_is_written_about_it(path: str) -> None:
    assert next(d for d in definitions(SOURCES[path], path) if d.name == "total").doc.startswith("Sums")


def test_documentation_is_found_above_decorators_and_attributes_and_in_xml() -> None:
    assert find("a.cs", "Total", "Cart").doc == "Sums it up."
    assert find("a.cs", "Total", "Cart").signature.startswith("public Money Total<T>")
    assert find("A.java", "total", "Cart").signature == "public Money total(int rate) throws Sold"
    assert find("a.ex", "total", "Shop.Cart").doc == "Sums."


@pytest.mark.parametrize(
    ("path", "source", "doc"),
    [
        ("a.c", "#define RATE 2\nint total;\n", ""),
        ("a.py", 'class A:\n    """Of the class."""\n    x: int\n', ""),
        ("a.ts", "/**\n * @deprecated\n * Sums it up.\n */\nfunction total() {}\n", "Sums it up."),
        ("a.go", "//go:noinline\n// Total sums it up.\nfunc Total() {}\n", "Total sums it up."),
        ("a.py", "# ------\n# Sums it up.\ndef total(): pass\n", "Sums it up."),
        ("a.py", "# About something else.\n\ndef total(): pass\n", ""),
        ("a.py", f'def total():\n    "{"long " * 100}"\n', f"{('long ' * 32)[:-1]}…"),
    ],
)
def test_what_is_documentation_and_what_is_not(path: str, source: str, doc: str) -> None:
    assert definitions(source, path)[-1].doc == doc


def test_lines_leave_decorators_aside() -> None:
    total = find("a.py", "total")
    assert (total.first, total.head, total.body, total.last) == (5, 9, 10, 15)


def test_what_has_no_body_ends_where_it_is() -> None:
    assert find("a.py", "MAX").head == find("a.py", "MAX").first == 1


def test_what_is_around_a_line() -> None:
    found = definitions(SOURCES["a.py"], "a.py")
    assert [each.name for each in enclosing(found, 20)] == ["Cart", "__init__"]
    assert enclosing(found, 1) == ()  # a variable is around nothing


def test_a_source_without_a_parser_is_read_by_its_lines() -> None:
    found = definitions("<script>\n// Sums.\nexport function total(cart) {\n</script>\n", "a.vue")
    assert [(d.name, d.sort, d.first, d.signature, d.doc) for d in found] == [
        ("total", Sort.FUNCTION, 3, "export function total(cart)", "Sums.")
    ]


@pytest.mark.parametrize("source", ["def f():\n  pass\n" + "x" * 3_000, "def f():\n  pass\n" + "# a\n" * 150_000])
def test_what_is_too_wide_or_too_large_is_read_by_its_lines(source: str) -> None:
    assert [d.name for d in definitions(source, "a.py")] == ["f"]


def test_what_need_not_be_parsed_is_read_by_its_lines() -> None:
    assert [d.last for d in definitions("def f():\n  pass\n", "a.py", parsed=False)] == [1]


def test_what_is_no_source_code_defines_nothing() -> None:
    assert definitions("def f(): pass", "README.md") == ()


def test_there_is_an_end_to_definitions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syntax, "MAX_DEFINITIONS", 3)
    assert len(definitions("def f(): pass\n" * 5, "a.py")) == 3
    assert len(definitions("function f() {\n" * 5, "a.vue")) == 3


def test_a_long_signature_is_cut() -> None:
    (found,) = definitions(f"def f({', '.join(f'argument_{n}' for n in range(100))}): pass\n", "a.py")
    assert len(found.signature) == 300
    assert found.signature.endswith("…")


@given(st.text(), st.sampled_from([*SOURCES, "a.vue", "a.zig", "a.md"]))
def test_any_text_is_read(source: str, path: str) -> None:
    lines = source.count("\n") + 1
    for each in definitions(source, path):
        assert 1 <= each.first <= each.last <= lines
        assert each.body is None or each.body <= lines


@given(st.data())
def test_what_is_cut_anywhere_is_read(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(SOURCES)))
    cut = data.draw(st.integers(0, len(SOURCES[path])))
    rest = SOURCES[path][cut:]
    assert all(1 <= each.first <= each.last <= rest.count("\n") + 1 for each in definitions(rest, path))
