"""The outcome of a review: its status and its exit code, as pure functions of what is in the report."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reviewer.errors import Terminated, Undelivered
from reviewer.findings import DropReason, Note, NoteCode, Severity, State, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewer.findings import Coverage, Finding, Report, Unreviewed

FINE, AT_THE_BAR, INCOMPLETE = 0, 1, 3


def status(findings: Sequence[Finding], unreviewed: Sequence[Unreviewed], coverage: Coverage) -> Status:
    """A loss is never green: `failed` when nothing that was to be read was read, else `incomplete`."""
    if any(entry.reason.is_loss for entry in unreviewed):
        return Status.INCOMPLETE if coverage.reviewed_lines else Status.FAILED
    return Status.FINDINGS if findings else Status.CLEAN


def restated(report: Report) -> Report:
    """With the status that it has by what is in it now; what was one too many to be shown is not clean."""
    standing = [finding for finding in report.findings if finding.state is not State.FIXED]
    now = status(standing, report.unreviewed, report.coverage)
    if now is Status.CLEAN and any(drop.reason is DropReason.OVER_CAP for drop in report.dropped):
        now = Status.FINDINGS
    return replace(report, status=now)


def at_the_bar(report: Report, fail_on: str) -> int:
    """How many findings are at or above it (a severity or `never`): those that stand, and those too many to be shown.

    Of the latter the severity is null where an answer was too long to be read to its end.
    """
    if fail_on == "never":
        return 0
    bar = Severity(fail_on)
    standing = [finding.severity for finding in report.findings if finding.state is not State.FIXED]
    cut = [drop.severity for drop in report.dropped if drop.reason is DropReason.OVER_CAP and drop.severity is not None]
    return sum(severity.reaches(bar) for severity in (*standing, *cut))


def interrupted(
    interrupt: KeyboardInterrupt, which: str = "; this is what it had found: run it again for the rest"
) -> Note:
    """What the exit code is told by."""
    terminated = isinstance(interrupt, Terminated)
    how = "terminated" if terminated else "interrupted"
    return Note(NoteCode.INTERRUPTED, f"the review was {how}{which}", {"exit_code": 143 if terminated else 130})


def undelivered(report: Report, why: str) -> Undelivered:
    """An interrupt before a report that did not get where it was to go."""
    return Undelivered(why, _of_interrupt(report) or Undelivered.exit_code)


def _of_interrupt(report: Report) -> int | None:
    codes = (note.data["exit_code"] for note in report.notes if note.code is NoteCode.INTERRUPTED)
    return next(codes, None)


def exit_code(report: Report, fail_on: str, *, allow_incomplete: bool) -> int:
    """An interrupt before a loss, a loss before findings at or above `fail_on` (a severity or `never`)."""
    ended_by = _of_interrupt(report)
    if ended_by is not None:
        return ended_by
    incomplete = report.status is Status.FAILED or (report.status is Status.INCOMPLETE and not allow_incomplete)
    if incomplete:
        return INCOMPLETE
    return AT_THE_BAR if at_the_bar(report, fail_on) else FINE
