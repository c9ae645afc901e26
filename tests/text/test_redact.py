from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.text.redact import PLACEHOLDER, Redacted, Redactor

KEY = "PRIVATE" + " KEY"
BEGIN, END = f"-----BEGIN RSA {KEY}-----", f"-----END RSA {KEY}-----"
BODY = [
    "MIIEowIBAAKCAQEAtsmGqR1rrcPV0wTTXOSJQbDnAvDSkK2OWbHaEgJFXNx4KqpS",
    "Zt2vKx7LpR4mYbN9cWd3HsJ6fGa1EuT5oiPwEq8/Zt2vKx7LpR4mYbN9cWd3HsJ6",
    "fGa1EuT5oiPwEq8Rm/Qw4Zt2vKx7+w==",
]
SHORT = "q8Rm/Qw4w=="

PATTERNS = (re.compile("tok_[a-z0-9]{8}"), re.compile(r"password=(?P<secret>[^\s;]+)"))
REDACTOR = Redactor(PATTERNS)


def redact(*lines: str) -> list[str]:
    return REDACTOR.redact("\n".join(lines)).text.split("\n")


def test_a_whole_match_is_replaced() -> None:
    assert REDACTOR.redact("a tok_12345678 b") == Redacted(f"a {PLACEHOLDER} b", 1)


def test_of_a_match_with_a_secret_only_the_secret_is_replaced() -> None:
    assert REDACTOR.redact("user=a;password=b3;x") == Redacted(f"user=a;password={PLACEHOLDER};x", 1)


def test_every_secret_counts() -> None:
    assert REDACTOR.redact("tok_12345678 tok_12345678\npassword=x").count == 3


def test_a_text_without_secrets_stays_as_it_is() -> None:
    text = f"no secret {PLACEHOLDER}\n{KEY} is only a word\n"
    assert REDACTOR.redact(text) == Redacted(text, 0)


def test_a_secret_over_several_lines_leaves_as_many() -> None:
    redactor = Redactor([re.compile(r"<(?P<secret>[^>]*)>")])
    assert redactor.redact("a <b\nc\nd> e") == Redacted(f"a <{PLACEHOLDER}\n{PLACEHOLDER}\n{PLACEHOLDER}> e", 1)


def test_a_secret_that_may_be_missing_is_no_match() -> None:
    assert Redactor([re.compile("a(?P<secret>b)?")]).redact("a") == Redacted("a", 0)


def test_what_a_replacement_uncovers_is_replaced_too() -> None:
    # The second pattern wants a boundary behind it, and the first one makes it.
    redactor = Redactor([re.compile("key[0-9]{4}(?![a-z])"), re.compile("tok_[a-z0-9]{8}")])
    assert redactor.redact("key1234tok_12345678") == Redacted(PLACEHOLDER * 2, 2)


# Private keys


@pytest.mark.parametrize("marker", ["", "+", "-", " "])
def test_a_key_s_lines_are_each_replaced_and_its_marks_stay(marker: str) -> None:
    lines = [marker + line for line in ("x = 1", BEGIN, *BODY, END, "y = 2")]
    assert redact(*lines) == [*lines[:2], *[marker + PLACEHOLDER] * 3, *lines[-2:]]


def test_a_key_counts_once() -> None:
    assert REDACTOR.redact("\n".join([BEGIN, *BODY, END])).count == 1


def test_a_key_that_begins_before_the_text() -> None:
    assert redact(*BODY[1:], END, "after") == [PLACEHOLDER, PLACEHOLDER, END, "after"]


def test_the_last_bit_of_a_key_that_begins_before_the_text() -> None:
    assert redact(SHORT, END) == [PLACEHOLDER, END]


def test_a_key_that_ends_behind_the_text() -> None:
    assert redact("before", BEGIN, *BODY[:2]) == ["before", BEGIN, PLACEHOLDER, PLACEHOLDER]


def test_a_key_in_the_literals_of_a_program() -> None:
    lines = [f'key = ("{BEGIN}\\n"', f'    "{BODY[0]}\\n"', f"    '{BODY[2]}\\n' +", f'    "{END}\\n")']
    assert redact(*lines) == [lines[0], f'    "{PLACEHOLDER}\\n"', f"    '{PLACEHOLDER}\\n' +", lines[3]]


def test_a_key_in_a_comment_and_with_carriage_returns() -> None:
    assert redact(f"# {BEGIN}\r", f"# {BODY[0]}\r", f"# {END}\r")[1] == f"# {PLACEHOLDER}\r"


def test_an_encrypted_key_with_headers() -> None:
    headers = ["Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,0A1B2C", ""]
    assert redact(BEGIN, *headers, *BODY, END) == [BEGIN, *headers, *[PLACEHOLDER] * 3, END]


def test_an_openpgp_key_block() -> None:
    begin, end = f"-----BEGIN PGP {KEY} BLOCK-----", f"-----END PGP {KEY} BLOCK-----"
    lines = [begin, "Version: GnuPG v2", "", *BODY, "=aB3d", end]
    assert redact(*lines) == [*lines[:3], *[PLACEHOLDER] * 3, f"{PLACEHOLDER}", end]


def test_a_key_replaced_by_another_in_a_diff() -> None:
    lines = [f" {BEGIN}", f"-{BODY[0]}", f"-{BODY[1]}", f"+{BODY[1]}", f"+{BODY[0]}", f" {END}"]
    assert redact(*lines) == [lines[0], *[f"-{PLACEHOLDER}"] * 2, *[f"+{PLACEHOLDER}"] * 2, lines[-1]]


@pytest.mark.parametrize("end_of_line", ["\\n", "\\\\n", "\\r\\n", " ", ""])
def test_a_key_in_one_line(end_of_line: str) -> None:
    inside = end_of_line.join(["", *BODY, ""])
    assert redact(f'{{"key": "{BEGIN}{inside}{END}"}}') == [f'{{"key": "{BEGIN}{PLACEHOLDER}{END}"}}']


def test_a_key_in_one_line_that_is_cut_off() -> None:
    assert redact(f"KEY={BEGIN}\\n" + "\\n".join(BODY)) == [f"KEY={BEGIN}{PLACEHOLDER}"]


@pytest.mark.parametrize(
    "lines",
    [
        (f'if "{BEGIN}" in text:', "    pass", "return", f'end = "{END}"'),
        (f'BEGIN = "{BEGIN}"', f'END = "{END}"'),
        (f"{BEGIN} is how a key starts, and what follows is no business of ours at all.",),
        (BEGIN, "...", END),
        ("otherwise", END),
        (BEGIN, "break", "continue"),
        ("-----BEGIN CERTIFICATE-----", BODY[0], "-----END CERTIFICATE-----"),
        (BODY[0], "a line between", END),
    ],
)
def test_what_is_no_key_stays(lines: tuple[str, ...]) -> None:
    assert redact(*lines) == [*lines]


# Properties

LINES = st.lists(
    st.sampled_from(
        [
            BEGIN,
            END,
            *BODY,
            SHORT,
            "",
            "pass",
            "Proc-Type: 4,ENCRYPTED",
            f'"{BODY[0]}\\n" +',
            f"{BEGIN}\\n{BODY[0]}\\n{END}",
            "tok_12345678tok_87654321",
            "password=tok_12345678",
            f"password={PLACEHOLDER}",
        ]
    )
    | st.text(st.characters(exclude_characters="\n"))
)
TEXTS = st.builds(
    lambda lines, markers: "\n".join(m + line for m, line in zip(markers, lines, strict=False)),
    LINES,
    st.lists(st.sampled_from(["", "+", "-", " "]), min_size=20, max_size=20),
)


@given(TEXTS)
def test_as_many_lines_as_before(text: str) -> None:
    assert REDACTOR.redact(text).text.count("\n") == text.count("\n")


@given(TEXTS)
def test_a_second_time_there_is_nothing_to_redact(text: str) -> None:
    redacted = REDACTOR.redact(text)
    assert REDACTOR.redact(redacted.text) == Redacted(redacted.text, 0)


@given(TEXTS)
def test_nothing_redacted_is_nothing_changed(text: str) -> None:
    redacted = REDACTOR.redact(text)
    assert (redacted.count == 0) == (redacted.text == text)


@given(TEXTS)
def test_no_token_survives(text: str) -> None:
    assert not PATTERNS[0].search(REDACTOR.redact(text).text)


@given(
    st.lists(st.sampled_from(BODY), min_size=1), st.integers(0), st.integers(0), st.sampled_from(["", "+", "-", " "])
)
def test_no_line_of_a_key_survives_wherever_the_text_is_cut(
    body: list[str], first: int, last: int, marker: str
) -> None:
    block = [marker + line for line in (BEGIN, *body, END)]
    first %= len(block)
    shown = block[first : first + 1 + last % (len(block) - first)]
    if BEGIN in shown[0] or END in shown[-1]:
        left = REDACTOR.redact("\n".join(shown)).text
        assert not any(line in left for line in BODY)


def test_one_hundred_thousand_lines() -> None:
    # Not timed: a search that is not linear would run into the time limit every test has.
    text = "\n".join(f"line_{number} = call(argument, other={number})" for number in range(100_000))
    secret = f"{text}\n{BEGIN}\n{BODY[0]}\n{END}\n{text}\n{BEGIN}\n" * 2
    assert REDACTOR.redact(secret).count == 2


@pytest.mark.parametrize(
    "line",
    [
        "/" * 500_000 + "!",
        "+" * 500_000 + "!",
        "# " * 250_000,
        "A-" * 250_000,
        "a: " * 100_000,
        BEGIN * 10_000,
        f"{BEGIN}\\n" * 10_000,
        BEGIN + "a" * 500_000 + "!",
        BEGIN + "\\n" * 200_000,
    ],
    ids=lambda line: repr(line[:12]),
)
def test_one_endless_line(line: str) -> None:
    for text in (f"{BEGIN}\n{line}", f"{line}\n{END}", f"{BEGIN}\n" * 10_000 + line):
        assert REDACTOR.redact(text).text.count("\n") == text.count("\n")
