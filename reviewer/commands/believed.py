"""What of a report that others made is borne out by the change itself, and by what we said before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reviewer.findings import Side, Span, State
from reviewer.github.reconcile import known
from reviewer.judgement.anchor import MAX_EXCERPT
from reviewer.text.redact import Redactor
from reviewer.text.show import Show

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from re import Pattern

    from reviewer.change.change import FileChange
    from reviewer.change.select import Read
    from reviewer.findings import Finding, Report
    from reviewer.github.state import Known
    from reviewer.github.threads import Existing


def borne_out(report: Report, change: Sequence[FileChange], read: Read, secrets: Sequence[Pattern[str]]) -> Report:
    """The findings, without place, code and suggestion where the code is not what the head has at that place.

    Made-up code would replace other lines by a press of a button, and have findings closed whose code it is not.
    """
    files = {file.path: file for file in change}
    show = Show(Redactor(secrets))

    def is_true(finding: Finding) -> bool:
        span, code = finding.span, finding.code.split("\n")
        file = files.get(span.path)
        if span.first is None or file is None:
            return False
        if list(_in_hunks(file, span, show))[:MAX_EXCERPT] == code:
            return True
        text = read(span.path, Side.NEW) if span.side is Side.NEW else None
        return text is not None and _of_file(text, span, show) == code

    checked = (finding if is_true(finding) else _unplaced(finding) for finding in report.findings)
    return replace(report, findings=tuple(checked))


def as_we_know(report: Report, existing: Existing) -> Report:
    """A reconciled report in which nothing that we said before got milder, or is about other lines than it was."""
    earlier = known(existing)
    findings = (_as_known(each, earlier.get(each.fingerprint)) for each in report.findings)
    return replace(report, findings=tuple(findings))


def _as_known(finding: Finding, before: Known | None) -> Finding:
    if before is None:
        return finding
    severity = min(finding.severity, before.severity, key=lambda each: each.rank)
    if finding.state is State.NEW:  # it was fixed, and is said again, of the lines that it is about now
        return replace(finding, severity=severity)
    return replace(finding, severity=before.severity, title=before.title, code="", suggestion=None)


def _unplaced(finding: Finding) -> Finding:
    return replace(finding, span=Span(finding.span.path, side=finding.span.side), code="", suggestion=None)


def _in_hunks(file: FileChange, span: Span, show: Show) -> Iterator[str]:
    """As the excerpt of a finding is made: a hunk is shown as a whole."""
    for hunk in file.hunks:
        numbers = [line.new if span.side is Side.NEW else line.old for line in hunk.lines]
        wanted = [_is_within(number, span) for number in numbers]
        if any(wanted):
            shown = show([line.text for line in hunk.lines])
            yield from (text.removesuffix("\r") for text, is_in in zip(shown, wanted, strict=True) if is_in)


def _is_within(number: int | None, span: Span) -> bool:
    return number is not None and span.first is not None and span.last is not None and span.first <= number <= span.last


def _of_file(text: str, span: Span, show: Show) -> list[str]:
    """Where another diff has other hunks."""
    shown = enumerate(show(text.split("\n")), 1)
    return [line.removesuffix("\r") for number, line in shown if _is_within(number, span)][:MAX_EXCERPT]
