from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from goldens import same
from reports import CLEAN, FULL, SQL

from reviewer.findings import Note, NoteCode, Reason, Report, Span, Unreviewed
from reviewer.outputs.look import Look
from reviewer.outputs.markdown import MAX, render

GOLDEN = Path(__file__).parent / "golden"
WIDE = "\U0001f600" * 30_000


@pytest.mark.parametrize(("name", "report"), [("full", FULL), ("clean", CLEAN)])
def test_golden(name: str, report: Report) -> None:
    same(GOLDEN / f"{name}.md", render(report, Look()))


@pytest.mark.parametrize(("losses", "listed"), [(2, 2), (100, 100), (5_000, 20)])
def test_it_fits_into_a_body_and_says_what_it_left_out(losses: int, listed: int) -> None:
    lost = tuple(Unreviewed(f"src/{n}/" + "x" * 200, Reason.TIMEOUT, "no answer, " * 9) for n in range(losses))
    finding = replace(SQL, body="word " * 500)
    written = render(replace(FULL, unreviewed=lost, findings=(finding,) * 90), Look())
    assert len(written.encode()) <= MAX
    assert written.count("| timeout |") == listed
    shown = written.count("### Critical")
    assert written.endswith(f"… and {90 - shown} more findings: the JSON report has them all.\n")
    assert shown > 0


def test_where_even_the_head_is_too_large_its_first_line_stands() -> None:
    lost = tuple(Unreviewed(f"{n}{WIDE}", Reason.TIMEOUT, WIDE) for n in range(300))
    notes = tuple(Note(NoteCode.REDACTED, f"{n}{WIDE}") for n in range(300))
    finding = replace(SQL, span=Span(WIDE, 1, 1))
    written = render(replace(FULL, unreviewed=lost, notes=notes, findings=(finding,)), Look())
    assert len(written.encode()) <= MAX
    assert written.startswith("## ")
