from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.text import sanitise
from reviewer.text.sanitise import log, reveal, terminal

ANY = st.text() | st.text(
    st.sampled_from("a:#[]\r\n\t \x1b\x9b\u2028\u202e\u200d\ufe0f\U0001f469\U000e0041\ud800/☕1\u20e3")
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202eb", "a<U+202E>b"),
        ("\u200b\u2060\ufeff", "<U+200B><U+2060><U+FEFF>"),
        ("a\u200cb\u200d", "a<U+200C>b<U+200D>"),
        ("\U000e0041\U000e007f", "<U+E0041><U+E007F>"),
        ("a\ufe0fb\U000e0100", "a<U+FE0F>b<U+E0100>"),
        ("\x00\x08\x1b[31m\x7f\x9b", "<U+0000><U+0008><U+001B>[31m<U+007F><U+009B>"),
        ("a\u2028b\u2029c\x85d\x0be\x0cf", "a<U+2028>b<U+2029>c<U+0085>d<U+000B>e<U+000C>f"),
        ("over\rwritten", "over<U+000D>written"),
        ("soft\xadhyphen", "soft<U+00AD>hyphen"),
        ("half \ud83d", "half <U+D83D>"),
        ("\u3164\uffa0", "<U+3164><U+FFA0>"),
    ],
)
def test_what_is_hidden_is_shown(text: str, shown: str) -> None:
    assert reveal(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain\ttext\n",
        "line\r\nline\r\n",
        "line\r",
        "naïve שלום 漢字 مرحبا",
        "\u2764\ufe0f",
        "\U0001f469\u200d\U0001f4bb",
        "\U0001f468\U0001f3fd\u200d\u2764\ufe0f\u200d\U0001f468\U0001f3fd",
        "1\ufe0f\u20e3",
        "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        "\U0001f3f4\u200d\u2620\ufe0f",
    ],
)
def test_what_is_seen_stays(text: str) -> None:
    assert reveal(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "\u2764\ufe0f\ufe0f",
        "\U0001f469\u200d",
        "\u200d\U0001f469",
        "1\ufe0f",
        "\U0001f3f4\U000e0041\U000e007f",
        "\U0001f3f4" + "\U000e0061" * 7 + "\U000e007f",
    ],
)
def test_what_is_no_whole_emoji_is_shown(text: str) -> None:
    assert "<U+" in reveal(text)


@given(ANY)
def test_as_many_lines_as_before(text: str) -> None:
    assert reveal(text).count("\n") == terminal(text).count("\n") == text.count("\n")


@given(ANY)
def test_nothing_is_left_to_reveal(text: str) -> None:
    assert reveal(reveal(text)) == reveal(text)


@given(ANY)
def test_what_is_shown_can_be_printed_anywhere(text: str) -> None:
    reveal(text).encode("utf-8")


@given(st.text(st.characters(categories=["Cc", "Cs", "Zl", "Zp"])))
def test_no_control_character_reaches_a_terminal(text: str) -> None:
    assert {c for c in terminal(text) if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}} <= {"\n", "\t"}


@pytest.mark.parametrize("number", [0xAD, 0x61C, 0x180E, *range(0x200B, 0x2010), *range(0x2060, 0x2070), 0xFEFF])
def test_every_invisible_character_by_itself_is_shown(number: int) -> None:
    assert reveal(chr(number)) == f"<U+{number:04X}>"


def test_a_terminal_gets_no_carriage_return() -> None:
    assert terminal("a\r\nb\rc\r") == "a\nb<U+000D>c"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("two\nlines\r\n", "two\\nlines\\n"),
        ("::error::no", ": :error::no"),
        (" \t::set-output name=a::b", " \t: :set-output name=a::b"),
        ("\n::stop-commands::x", "\\n::stop-commands::x"),
        ("std::vector", "std::vector"),
        ("a ##[error]b ###[x]", "a # #[error]b ## #[x]"),
        ("# [x] ## y", "# [x] ## y"),
        (":::", ": ::"),
        ("\u00a0::warning::", "\u00a0: :warning::"),
    ],
)
def test_a_log_line_is_no_command(text: str, line: str) -> None:
    assert log(text) == line


def test_a_log_line_is_not_endless() -> None:
    assert log("x" * sanitise.MAX_LOG) == "x" * sanitise.MAX_LOG
    assert log("x" * (sanitise.MAX_LOG + 1)) == "x" * (sanitise.MAX_LOG - 1) + "…"


@given(ANY)
def test_the_runner_obeys_nothing(text: str) -> None:
    line = log(text)
    assert "\n" not in line
    assert "\r" not in line
    assert not re.match(r"\s*::", line)
    assert "##[" not in line
    assert len(line) <= sanitise.MAX_LOG
    assert log(line) == line


@given(ANY)
def test_a_page_has_as_many_lines_and_the_runner_obeys_none(text: str) -> None:
    shown = sanitise.page(text)
    assert shown.count("\n") == text.count("\n")
    assert sanitise.page(shown) == shown
    assert "##[" not in shown
    assert not any(re.match(r"\s*::", line) for line in shown.split("\n"))
