"""Markdown without what only a page needs, and by its headings."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.context.prose import CUT, Section, cut, readable, sections, start
from reviewer.text.tokens import estimate

PIECES = ["# One\n", "## Two\n", "text\n", "```\n", "~~~ py\n", "<!--", "-->", "![a](b)", "Title\n===\n", "- x\n", "\n"]
MARKDOWN = st.lists(st.sampled_from(PIECES) | st.text(max_size=20)).map("".join)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a <!-- b --> c", "a  c"),
        ("<!-- a\nb -->\nc", "c"),
        ("<!-- a --> b <!-- c -->", " b"),
        ("a\n<!-- never closed\nb", "a"),
        ("comments start with `<!--` here\nb", "comments start with `<!--` here\nb"),
        ("```html\n<!-- code -->\n![x](y)\n```", "```html\n<!-- code -->\n![x](y)\n```"),
        ("~~~\n```\n<!-- code -->\n~~~\n<!-- c -->", "~~~\n```\n<!-- code -->\n~~~"),
        ("[![build](https://x/b.svg)](https://x) ![a][b]\ntext", "text"),
        ("see ![the plan](a.png) here", "see  here"),
        ("<img src='x.png' width=1>\nb", "b"),
        ("- [Style](#style)\n2. [Tests](#tests)\n- [Docs](docs.md)", "- [Docs](docs.md)"),
        ("a\n[x]: https://example.com\n<details>\nb\n</details>", "a\nb"),
        ("---\nname: x\n---\n# A", "# A"),
        ("---\nnot closed", "---\nnot closed"),
        ("\ufeff# A\n\n\n\nb\n\n", "# A\n\nb"),
        ("a\n\n---\n\nb", "a\n\n---\n\nb"),
        ("", ""),
    ],
)
def test_what_a_reader_of_the_page_would_read(written: str, read: str) -> None:
    assert readable(written) == read


def test_sections_are_the_text_by_its_headings() -> None:
    text = "before\n# One #\n```\n# code\n```\nTwo\n---\n- a\n---\n### Three\nb"
    assert sections(text) == [
        Section(0, "", "before", bare=False),
        Section(1, "One", "# One #\n```\n# code\n```", bare=False),
        Section(2, "Two", "Two\n---\n- a\n---", bare=False),
        Section(3, "Three", "### Three\nb", bare=False),
    ]
    assert sections("# A\n\n## B\nb\nC\n===\n") == [
        Section(1, "A", "# A", bare=True),
        Section(2, "B", "## B\nb", bare=False),
        Section(1, "C", "C\n===", bare=True),
    ]
    assert sections("") == []


@given(MARKDOWN)
def test_no_line_gets_lost_between_sections(text: str) -> None:
    lines = [line.rstrip() for section in sections(text) for line in section.text.split("\n")]
    assert list(filter(None, lines)) == list(filter(None, map(str.rstrip, text.split("\n"))))


@given(MARKDOWN)
def test_reading_adds_nothing_and_is_done_once(text: str) -> None:
    read = readable(text)
    assert len(read) <= len(text)
    assert set(read) <= set(text)


@given(st.text(alphabet="ab \nü1.", max_size=300), st.integers(0, 60))
def test_a_cut_is_at_a_line_end_and_within_the_budget(text: str, tokens: int) -> None:
    short = cut(text, tokens)
    assert estimate(short) <= tokens
    if short != text and short:
        assert short.endswith(f"\n{CUT}")
        assert text.startswith(short.removesuffix(CUT))


def test_a_line_that_is_too_long_is_left_out() -> None:
    assert cut("word " * 500, 100) == ""
    assert cut("first\n" + "word " * 500, 100) == f"first\n{CUT}"
    assert start("abc\ndef\nghi", 8) == "abc\ndef"
    assert start("abc\ndef", 7) == "abc\ndef"
    assert start("abcdef", 3) == ""


@pytest.mark.parametrize(
    "piece", ["<!--", "<!---->", "![", "![a](", "<img ", "[](", "- [", "# a\n", "`", "```\n", "a\n---\n"]
)
def test_nothing_takes_long(piece: str) -> None:
    text = piece * (60_000 // len(piece))
    began = time.process_time()
    sections(readable(text))
    assert time.process_time() - began < 2
