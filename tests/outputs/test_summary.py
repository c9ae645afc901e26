from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from goldens import same
from hypothesis import given, settings
from hypothesis import strategies as st
from reports import CLEAN, EMPTY, FULL, GONE, SQL, WHOLE_FILE

from reviewer.findings import Note, NoteCode, Reason, Report, Span, State, Status, Unreviewed
from reviewer.messages import Usage
from reviewer.outputs import registry
from reviewer.outputs.look import Look
from reviewer.outputs.summary import LISTED, MAX, render

GOLDEN = Path(__file__).parent / "golden"
STANDING = replace(
    FULL,
    status=Status.FINDINGS,
    findings=(replace(SQL, state=State.FIXED), GONE, WHOLE_FILE),
    dropped=(),
    unreviewed=(),
    usage=Usage(calls=1, prompt_tokens=10, completion_tokens=2),
    provider=None,
)


@pytest.mark.parametrize(
    ("name", "report"), [("full", FULL), ("standing", STANDING), ("clean", CLEAN), ("empty", EMPTY)]
)
def test_golden(name: str, report: Report) -> None:
    same(GOLDEN / f"{name}.summary.md", render(report, Look()))


def test_it_is_a_format_by_name() -> None:
    assert registry.renderer("summary") is render


def test_it_never_outgrows_what_github_takes_of_a_step() -> None:
    """Four bytes a character, everything as long as it may get."""
    wide = "\U0001f600" * 30_000
    finding = replace(SQL, title=wide, body=wide, code=wide, suggestion=wide, span=Span(wide, 1, 1))
    lost = tuple(Unreviewed(f"{n}{wide}", Reason.TIMEOUT, wide) for n in range(2 * LISTED))
    note = Note(NoteCode.REDACTED, wide)
    report = replace(FULL, findings=(finding,) * 50, unreviewed=lost, notes=(note,) * 2 * LISTED)
    written = render(report, Look())
    assert len(written.encode()) <= MAX
    shown = written.count("### Critical")
    assert 0 < shown < 50
    assert written.endswith(f"… and {50 - shown} more findings: the JSON report has them all.\n")
    assert f"\n… and {LISTED} more.\n" in written
    assert f"\n- … and {LISTED} more\n" in written


def test_a_bar_does_not_end_a_cell() -> None:
    lost = Unreviewed("a|b.py", Reason.TIMEOUT, "x | `y | z`")
    written = render(replace(FULL, unreviewed=(lost,)), Look())
    assert "| `a\\|b.py` | timeout | x \\| `y \\| z` |" in written


@given(st.text())
@settings(max_examples=50)
def test_hostile_text_stays_text(words: str) -> None:
    hostile = f"{words} <img src=x> @octocat #12 https://evil.example ![x](y) \u202e{words}"
    finding = replace(
        SQL, title=hostile, body=hostile, rule=hostile, span=Span(hostile, 1, 1), code="", suggestion=None
    )
    lost = Unreviewed(hostile, Reason.MODEL_ERROR, hostile)
    written = render(replace(FULL, findings=(finding,), unreviewed=(lost,), model=hostile), Look())
    assert "\u202e" not in written
    prose = "".join(written.split("`")[::2])
    for trap in ("<img", "@octocat", "#12", "https://", "![x]"):
        assert trap not in prose
