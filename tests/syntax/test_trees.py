from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.syntax import languages, trees

WELL_FORMED = {
    "python": "def f(a):\n    return f'{a}' if a else ''\n",
    "javascript": "let a = /x/;\nfoo()\nbar()\n",
    "typescript": "let a: number = 1\nfunction f(): void {}\n",
    "tsx": "const a = <div></div>\n",
    "go": "package a\n\nfunc f() {\n}\n",
    "rust": "fn main() { let a = 1; }\n",
    "java": "class A { void f() {} }\n",
    "c": "int main(void) { return 0; }\n",
    "cpp": "class A {};\nint main() { for(;;); }\n",
    "csharp": "class A { void F() {} }\n",
    "ruby": "def a\nend\nputs 'x'\n",
    "php": "<?php\necho 'a';\n",
    "kotlin": 'fun main() {\n println("a")\n}\n',
    "swift": "func a() -> Int {\n return 1\n}\n",
    "scala": "object A {\n def f = 1\n}\n",
    "bash": "a=\nif true; then echo x; fi\ncat <<E\nx\nE\n",
    "lua": "local a = ''\n",
    "elixir": "defmodule A do\nend\n",
    "haskell": "main = do\n  print 1\n",
    "html": "<div></div><p>x</p>\n",
    "css": "a { b: c }\n",
    "json": '{"a": ""}\n',
    "yaml": "a:\nb: ''\nc: |\n  x\n",
    "hcl": 'a = ""\nb "c" {\n}\n',
    "nix": "{ a = ''''; }\n",
    "solidity": "contract A {}\n",
    "dart": "void main() { var a = ''; }\n",
}


def test_every_language_has_a_sample() -> None:
    assert set(WELL_FORMED) == languages.LANGUAGES


@pytest.mark.parametrize("language", sorted(WELL_FORMED))
def test_every_language_parses_what_is_well_formed(language: str) -> None:
    assert trees.parses(WELL_FORMED[language], language)


@pytest.mark.parametrize("language", sorted(set(WELL_FORMED) - {"html"}))  # to HTML nearly everything is text
def test_no_language_parses_an_unclosed_bracket(language: str) -> None:
    assert not trees.parses(WELL_FORMED[language] + "\n{((", language)


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("a.py", "python"),
        ("src/deep/A.PY", "python"),
        ("types.pyi", "python"),
        ("a.jsx", "javascript"),
        ("a.d.ts", "typescript"),
        ("a.tsx", "tsx"),
        ("main.go", "go"),
        ("Rakefile", "ruby"),
        ("home/.bashrc", "bash"),
        ("Makefile", None),
        ("a.sql", None),
        ("a.py/README", None),
        (".py", None),
        ("src/.ts", None),
        ("", None),
    ],
)
def test_a_file_s_name_tells_its_language(path: str, language: str | None) -> None:
    assert languages.language_of(path) == language


@given(st.text())
def test_any_name_has_a_language_that_can_be_asked_for_or_none(path: str) -> None:
    assert languages.language_of(path) in {*languages.LANGUAGES, None}


def test_a_match_tells_its_lines_and_its_code() -> None:
    source = "a()\nif x:\n    f(\n        1,\n    )\n"
    assert list(trees.matches(source, "python", {"pattern": "f($A)"})) == [
        trees.Match(first=3, last=5, text="f(\n        1,\n    )")
    ]


def test_only_a_line_feed_ends_a_line() -> None:
    source = "a = '\u2028\u0085'  # \x0b\x0c\r\nf(1)\r\n"
    assert [match.first for match in trees.matches(source, "python", {"pattern": "f($A)"})] == [2]


def test_constraints_may_stand_beside_a_rule() -> None:
    rule = {"pattern": "f($A)", "constraints": {"A": {"kind": "string"}}}
    assert [match.text for match in trees.matches("f(1)\nf('a')\n", "python", rule)] == ["f('a')"]


def test_utils_may_stand_beside_a_rule() -> None:
    rule = {"matches": "call-of-f", "utils": {"call-of-f": {"pattern": "f($$$)"}}}
    assert [match.text for match in trees.matches("g()\nf()\n", "python", rule)] == ["f()"]


def test_an_unknown_language_is_not_parsed() -> None:
    assert trees.parse("select 1", "sql") is None
    assert list(trees.matches("select 1", "sql", {"pattern": "select"})) == []
    assert not trees.parses("select 1", "sql")


def test_a_source_over_the_limit_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "MAX_SOURCE", 10)
    assert trees.parses("a = 12345\n", "python")
    assert not trees.parses("a = 123456\n", "python")
    assert list(trees.matches("f(1234567)\n", "python", {"pattern": "f($A)"})) == []


@pytest.mark.parametrize("source", ["{\U0010ffff", "echo ${a}\n{a..\u0100}\n", "# \u2014\n"])
def test_bash_is_not_given_what_its_scanner_looks_up_beyond_its_table(source: str) -> None:
    # Not every parse of it crashes: that depends on what is in memory there.
    assert trees.parse(source, "bash") is None


def test_bash_is_given_what_its_scanner_knows() -> None:
    assert trees.parses("echo '{\xff'\n", "bash")


def test_no_other_language_minds_a_large_character() -> None:
    for language in languages.LANGUAGES - {"bash"}:
        assert trees.parse("{\U0010ffff", language) is not None


def test_half_a_surrogate_pair_is_no_obstacle() -> None:
    assert [m.first for m in trees.matches("a = '\udc80'\nf(1)\n", "python", {"pattern": "f($A)"})] == [2]


def test_what_is_sound_around_an_error_still_matches() -> None:
    tree = trees.parse("def f(:\n    pass\n\ng(1)\n", "python")
    assert tree is not None
    assert not tree.is_sound()
    assert [match.first for match in tree.matches({"pattern": "g($A)"})] == [4]


def test_broken_lines_are_where_errors_begin_and_end() -> None:
    tree = trees.parse("a = 1\nthis is no code\nb = 2\n", "python")
    assert tree is not None
    assert tree.broken_lines() == {2}


@pytest.mark.parametrize("source", ["", "\n", "pass"])
def test_little_is_sound_too(source: str) -> None:
    assert trees.parses(source, "python")


@pytest.mark.parametrize(
    "deep",
    ["f(" * 50_000 + ")" * 50_000, "x = a" + " + a" * 50_000, "x" + ".f(1)" * 50_000, "x = " + "not " * 50_000 + "a"],
    ids=["calls", "operators", "attributes", "prefixes"],
)
def test_what_is_nested_too_deep_is_not_parsed(deep: str) -> None:
    assert trees.parse(deep, "python") is None


def test_what_people_nest_is_parsed() -> None:
    nested = "f(" * 60 + ")" * 60 + "\nx = " + " + ".join(["a"] * 200) + "\n"
    assert len(list(trees.matches(nested, "python", {"pattern": "f($$$)"}))) == 60


def test_a_file_of_one_endless_line_is_not_parsed() -> None:
    assert trees.parse("f(1);" * 20_000, "javascript") is None
    assert trees.parse("f(1);\n" * 20_000, "javascript") is not None


@given(st.text(), st.sampled_from(sorted(languages.LANGUAGES)))
def test_any_text_can_be_asked_about(source: str, language: str) -> None:
    lines = source.count("\n") + 1
    assert all(1 <= m.first <= m.last <= lines for m in trees.matches(source, language, {"regex": "."}))
    trees.parses(source, language)
