"""Every credential that is known by its looks, wherever it stands in a diff; and the line count, whatever the text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_server import reply

from hostile.canaries import IN_THE_CHANGE, leaks
from hostile.desk import Reviews, added
from hostile.stage import _secrets, base
from reviewer.checks import catalogue
from reviewer.text.redact import PLACEHOLDER, Redactor
from reviewer.text.show import Show

if TYPE_CHECKING:
    from pathlib import Path

CHECKS = catalogue.load()
REDACTOR = Redactor(catalogue.secret_patterns(CHECKS))
EXAMPLES = [(check.id, text) for check in CHECKS if check.secret for text in check.match]
LINES = [*"\n".join([*_secrets(), *base().values()]).split("\n"), "", "x = 1", "```", "-----", "\u202e"]


def _meant(check_id: str, text: str) -> list[str]:
    """What must be gone of an example, by the check's own word."""
    (check,) = (each for each in CHECKS if each.id == check_id)
    assert check.regex is not None
    if check.then:
        return re.findall(r"[A-Za-z0-9+/=]{40,}", text)
    group = "secret" if "secret" in check.regex.groupindex else 0
    return [match[group] for match in check.regex.finditer(text)]


def test_there_are_enough_kinds() -> None:
    assert len({check_id for check_id, _ in EXAMPLES}) >= 40


@pytest.mark.parametrize(("check_id", "text"), EXAMPLES, ids=lambda value: value if value.startswith("secrets") else "")
def test_a_known_secret_is_gone_wherever_it_stands(check_id: str, text: str) -> None:
    secrets = _meant(check_id, text)
    assert secrets
    for marker in ("", "+", "-", " ", "    ", "# ", "// ", '"', "\t"):
        lines = [f"{marker}{line}" for line in ("before", *text.split("\n"), "after")]
        redacted = REDACTOR.redact("\n".join(lines)).text
        assert len(redacted.split("\n")) == len(lines)
        assert PLACEHOLDER in redacted
        assert not [secret for secret in secrets if secret in redacted], marker


ROWS = [line for _, text in EXAMPLES for line in text.split("\n")]
BETWEEN = st.sampled_from(["", " ", "\n", "\n+", '"', "=", ": ", "'; x = '", ",", "@", "/", "\u200b", "\r\n"])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(BETWEEN, st.sampled_from(ROWS) | st.text(max_size=12)).map("".join), max_size=8).map("".join))
def test_a_second_time_nothing_is_found_by_the_shipped_patterns_either(text: str) -> None:
    redacted = REDACTOR.redact(text)
    assert redacted.text.count("\n") == text.count("\n")
    assert (redacted.count == 0) == (redacted.text == text)
    again = REDACTOR.redact(redacted.text)
    assert (again.text, again.count) == (redacted.text, 0)


@settings(max_examples=200, deadline=None)
@given(
    lines=st.lists(st.sampled_from(LINES) | st.text(st.characters(exclude_characters="\n"), max_size=30), max_size=12)
)
def test_no_secret_is_shown_and_no_line_is_lost(lines: list[str]) -> None:
    shown = Show(REDACTOR)(lines or [""])
    assert len(shown) == len(lines or [""])
    known = [
        each for each in IN_THE_CHANGE.values() if each.where not in ("private key", "unquoted variable", "hunk header")
    ]
    assert leaks("\n".join(shown), *known) == []


@pytest.fixture
def reviews(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Reviews:
    return Reviews(tmp_path, monkeypatch, capsys)


def test_nothing_switches_it_off(reviews: Reviews) -> None:
    """There is no flag for it: a check that is skipped still hides what it would have found, and its number is told."""
    change = added(("shop/keys.py", "\n".join(_secrets())))
    skipped = ",".join(check.id for check in CHECKS if check.secret)
    after = reviews(change, reply('{"findings": []}'), skip_checks=skipped)
    assert after.report is not None, after.refused
    assert [each["rule"] for each in after.report["findings"]] == []
    assert leaks(str(after.asked) + after.out) == []
    (note,) = (note for note in after.report["notes"] if note["code"] == "redacted")
    assert note["data"]["count"] >= 8
