from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from goldens import same
from hypothesis import given
from hypothesis import strategies as st
from reports import CLEAN, EMPTY, FULL, SQL

from reviewer.findings import Reason, Report, Severity, Span, State, Status, Unreviewed
from reviewer.outputs.annotations import EACH_LEVEL, MAX_MESSAGE, render
from reviewer.outputs.look import Look

GOLDEN = Path(__file__).parent / "golden"
COMMAND = re.compile(
    r"::(?P<level>error|warning|notice) (?:file=(?P<file>[^:,\r\n]*),)?(?:line=\d+,endLine=\d+,)?"
    r"title=(?P<title>[^:,\r\n]*)::(?P<message>[^\r\n]*)"
)


def read(written: str) -> list[re.Match[str]]:
    """As the runner does: a line is a command or it is nothing."""
    matches = [COMMAND.fullmatch(line) for line in written.split("\n")[:-1]]
    assert all(matches), written
    return [match for match in matches if match]


def decoded(text: str) -> str:
    for code, character in (("%3A", ":"), ("%2C", ","), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(code, character)
    return text


def many(**counts: int) -> Report:
    findings = tuple(
        replace(SQL, severity=Severity(severity), title=f"{severity} {n}")
        for severity, count in counts.items()
        for n in range(count)
    )
    return replace(CLEAN, status=Status.FINDINGS, findings=findings)


@pytest.mark.parametrize(("name", "report"), [("full", FULL), ("clean", CLEAN), ("empty", EMPTY)])
def test_golden(name: str, report: Report) -> None:
    same(GOLDEN / f"{name}.annotations", render(report, Look()))


def test_ten_of_each_level_the_worst_first_and_the_rest_is_counted() -> None:
    written = read(render(many(low=12, high=8, medium=11, critical=5), Look()))
    assert Counter(match["level"] for match in written) == {
        "error": EACH_LEVEL,
        "warning": EACH_LEVEL,
        "notice": EACH_LEVEL,
    }
    titles = [decoded(match["title"]) for match in written]
    assert titles[0] == "critical: critical 0"
    assert titles[9] == "high: high 4"
    assert written[-1]["message"].startswith("7 more findings: ")


def test_what_fits_exactly_needs_no_word_of_more() -> None:
    written = read(render(many(critical=10, medium=10, low=10), Look()))
    assert len(written) == 30
    assert not any("more finding" in match["message"] for match in written)


def test_a_loss_is_an_error_of_its_own() -> None:
    lost = Unreviewed("a.py", Reason.TIMEOUT, "no answer")
    report = replace(many(critical=10), status=Status.INCOMPLETE, unreviewed=(lost,))
    written = read(render(report, Look()))
    assert written[0]["message"].startswith("Incomplete: 1 file not reviewed")
    assert Counter(match["level"] for match in written) == {"error": 10, "notice": 1}
    assert "1 more finding: " in written[-1]["message"]


def test_what_is_fixed_is_not_shown() -> None:
    report = replace(many(low=1), findings=(replace(SQL, state=State.FIXED),))
    assert render(report, Look()) == ""


def test_a_long_text_is_cut() -> None:
    (match,) = read(render(replace(many(low=1), findings=(replace(SQL, body="%\n" * 9_000),)), Look()))
    assert len(decoded(match["message"])) == MAX_MESSAGE


HOSTILE = st.text() | st.lists(
    st.sampled_from(["::", "##[", "\n", "\r", "\r\n", ",", "=", ":", "%", "%0A", "error ", "set-output name=a::b", " "])
).map("".join)


@given(HOSTILE, HOSTILE, HOSTILE)
def test_no_text_becomes_another_command(path: str, title: str, body: str) -> None:
    finding = replace(SQL, span=Span(path, 1, 2), title=title, body=body)
    written = render(replace(FULL, findings=(finding,)), Look())
    _, match = read(written)
    assert "##[" not in written
    for part in match.groups():
        shown = decoded(part)
        assert not re.search(r"^\s*::", shown, re.MULTILINE)
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202e]", shown)
