from __future__ import annotations

import pytest

from reviewer.syntax import hazards, trees

NESTED = "".join(f"{' ' * level}a:\n" for level in range(600))


@pytest.mark.parametrize(
    ("language", "source"),
    [
        ("yaml", NESTED),  # these two abort the process: `length <= 1024`
        ("ruby", "".join(f"x = <<{'A' * 300}{n}\n" for n in range(100))),
        ("ruby", "f(" + "<<A, " * 300 + ")\n"),
        ("elixir", "x = a" + " + a" * 1_000),  # 7 s
        ("bash", "x" + ".f(1)\n" * 4_000),
        ("haskell", "x = a\n" + "  + a\n" * 4_000),
        ("dart", "(" * 5_000),
        ("lua", "function f(){" * 20_000),
    ],
)
def test_what_would_end_the_process_or_take_minutes_is_not_parsed(language: str, source: str) -> None:
    assert trees.parse(source, language) is None


@pytest.mark.parametrize(
    ("language", "source"),
    [
        ("yaml", "a:\n" + "  - b: 1\n" * 2_000),
        ("ruby", "x = <<~SQL\n  select 1\nSQL\n" * 500),
        ("elixir", "x = a + b\n" * 2_000 + "y = f(a, b, c) |> g() |> h()\n"),
        ("bash", "if [ $a = b ]; then\n  echo $(f x) | g\nfi\n" * 500),
        ("haskell", "f x = x + 1\n" * 1_000 + "y = [" + "1, " * 500 + "1]\n"),
        ("dart", "void f() { g(a.b.c, [1, 2]); }\n" * 800),
        ("lua", "local a = { b = 1 }\n" * 2_000),
    ],
)
def test_what_people_write_is_parsed(language: str, source: str) -> None:
    assert trees.parse(source, language) is not None


def test_a_bracket_that_nobody_opened_is_no_obstacle() -> None:
    assert not hazards.is_tangled(")]}" * 20 + "\na")
