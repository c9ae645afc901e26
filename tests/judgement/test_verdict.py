from __future__ import annotations

from dataclasses import replace

import pytest
from reports import CLEAN, FULL, SQL

from reviewer.findings import (
    Coverage,
    Dropped,
    DropReason,
    Note,
    NoteCode,
    Reason,
    Report,
    Severity,
    State,
    Status,
    Unreviewed,
)
from reviewer.judgement.verdict import at_the_bar, exit_code, restated, status, undelivered

POLICY = Unreviewed("a.lock", Reason.LOCK, "x", lines=3)
LOSS = Unreviewed("a.py", Reason.TIMEOUT, "x", lines=3)
SOME, NONE = Coverage(2, 1, 6, 3), Coverage(2, 0, 6, 0)


@pytest.mark.parametrize(
    ("findings", "unreviewed", "coverage", "expected"),
    [
        ([], [], SOME, Status.CLEAN),
        ([SQL], [], SOME, Status.FINDINGS),
        ([SQL], [POLICY], SOME, Status.FINDINGS),
        ([], [POLICY], NONE, Status.CLEAN),
        ([], [POLICY, LOSS], SOME, Status.INCOMPLETE),
        ([SQL], [LOSS], SOME, Status.INCOMPLETE),
        ([], [LOSS], NONE, Status.FAILED),
        ([SQL], [LOSS], NONE, Status.FAILED),
    ],
)
def test_status(findings: list[object], unreviewed: list[Unreviewed], coverage: Coverage, expected: Status) -> None:
    assert status(findings, unreviewed, coverage) is expected  # type: ignore[arg-type]


def test_every_reason_but_a_decision_is_a_loss() -> None:
    decisions = {"ignored", "generated", "vendored", "binary", "lock", "credentials", "too_large", "no_lines"}
    assert {reason.value for reason in Reason if not reason.is_loss} == decisions


FOUND = replace(CLEAN, status=Status.FINDINGS, findings=(replace(SQL, severity=Severity.HIGH),))
PART = replace(FOUND, status=Status.INCOMPLETE)
LOST = replace(CLEAN, status=Status.FAILED)


@pytest.mark.parametrize(
    ("report", "fail_on", "allow_incomplete", "expected"),
    [
        (CLEAN, "low", False, 0),
        (FOUND, "never", False, 0),
        (FOUND, "critical", False, 0),
        (FOUND, "high", False, 1),
        (FOUND, "low", False, 1),
        (replace(FOUND, findings=(replace(SQL, state=State.FIXED),)), "low", False, 0),
        (PART, "never", False, 3),
        (PART, "low", False, 3),
        (PART, "low", True, 1),
        (PART, "never", True, 0),
        (LOST, "never", False, 3),
        (LOST, "never", True, 3),
    ],
)
def test_exit_code(report: Report, fail_on: str, allow_incomplete: bool, expected: int) -> None:
    assert exit_code(report, fail_on, allow_incomplete=allow_incomplete) == expected


def test_an_interrupt_outranks_everything() -> None:
    stopped = replace(FULL, notes=(Note(NoteCode.INTERRUPTED, "x", {"exit_code": 143}),))
    assert exit_code(stopped, "low", allow_incomplete=True) == 143
    assert [undelivered(report, "x").exit_code for report in (stopped, FULL)] == [143, 3]


CUT = Dropped("a.py", "One too many", "x", DropReason.OVER_CAP, "x", severity=Severity.HIGH)


def test_what_was_too_many_to_be_shown_counts_and_nothing_else_that_was_dropped() -> None:
    dropped = (
        CUT,
        replace(CUT, severity=None),
        replace(CUT, severity=Severity.LOW),
        replace(CUT, reason=DropReason.REFUTED),
    )
    report = replace(FOUND, dropped=dropped)
    assert [at_the_bar(report, bar) for bar in ("low", "high", "critical", "never")] == [3, 2, 0, 0]


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (replace(CLEAN, status=Status.FINDINGS), Status.CLEAN),
        (replace(FOUND, status=Status.CLEAN), Status.FINDINGS),
        (replace(FOUND, findings=(replace(SQL, state=State.FIXED),)), Status.CLEAN),
        (replace(FOUND, findings=(SQL, replace(SQL, state=State.FIXED))), Status.FINDINGS),
        (replace(CLEAN, dropped=(CUT,)), Status.FINDINGS),
        (replace(CLEAN, dropped=(replace(CUT, reason=DropReason.REFUTED),)), Status.CLEAN),
        (replace(CLEAN, dropped=(CUT,), unreviewed=(LOSS,)), Status.INCOMPLETE),
        (replace(CLEAN, unreviewed=(LOSS,), coverage=NONE), Status.FAILED),
        (replace(CLEAN, unreviewed=(POLICY,), coverage=NONE), Status.CLEAN),
    ],
)
def test_a_status_is_that_of_what_is_in_the_report_now(report: Report, expected: Status) -> None:
    assert restated(report) == replace(report, status=expected)
