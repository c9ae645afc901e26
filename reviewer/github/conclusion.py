"""The check on the commit: what it concludes, and the findings as annotations of its files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from reviewer.findings import Severity, Side, Status
from reviewer.github.state import digest
from reviewer.github.summary import counted, headline, not_shown, plural, standing
from reviewer.judgement import verdict
from reviewer.text.markdown import cut
from reviewer.text.sanitise import terminal

if TYPE_CHECKING:
    from reviewer.findings import Finding, Report
    from reviewer.github.state import State

NAME = "reviewer"
MAX_TITLE = 255
MAX_MESSAGE = 16_000
"""Characters: at most 64 KB however they are encoded."""

Level = Literal["failure", "warning", "notice"]
Conclusion = Literal["success", "neutral", "failure"]

_LEVELS: dict[Severity, Level] = {
    Severity.CRITICAL: "failure",
    Severity.HIGH: "failure",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
}


@dataclass(frozen=True, slots=True)
class Annotation:
    """Plain text on lines of the new side."""

    path: str
    start_line: int
    end_line: int
    level: Level
    title: str
    message: str


@dataclass(frozen=True, slots=True)
class Check:
    """A check run on `head`, with all of its annotations. `summary` is Markdown.

    `external_id` bears out the state in our summary: what is in a comment, others may be made to say.
    """

    name: str
    head: str
    conclusion: Conclusion
    title: str
    summary: str
    annotations: tuple[Annotation, ...] = ()
    external_id: str = ""


def identified(check: Check, state: State, number: int) -> Check:
    """The check of a pull request by the state that it bears out and what it concludes."""
    outcome = hashlib.sha256(f"{check.conclusion}\n{check.title}".encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return replace(check, external_id=f"{digest(state, number)}.{outcome}")


def bears_out(external_id: str, state: State, number: int) -> bool:
    """Whether a check with that id was made together with this state."""
    return external_id.startswith(f"{digest(state, number)}.")


def check(report: Report, head: str, *, fail_on: str, summary: str) -> Check:
    """A loss and findings at or above `fail_on` (a severity or `never`) are failures, findings below it neutral."""
    conclusion, title = _concluded(report, fail_on)
    annotations = tuple(
        _annotation(finding, finding.span.first, finding.span.last or finding.span.first)
        for finding in standing(report)
        if finding.span.first is not None and finding.span.side is Side.NEW
    )
    return Check(NAME, head, conclusion, cut(title, MAX_TITLE), summary, annotations)


def _concluded(report: Report, fail_on: str) -> tuple[Conclusion, str]:
    if report.status in (Status.FAILED, Status.INCOMPLETE):
        return "failure", headline(report)
    failing, more = verdict.at_the_bar(report, fail_on), not_shown(report)
    if failing:
        besides = f", {more:,} not shown (max_comments)" if more else ""
        return "failure", f"{plural(failing, 'finding')} at or above {fail_on}{besides}"
    if standing(report) or more:
        below = "" if more or fail_on == "never" else f", all below {fail_on}"
        return "neutral", f"{counted(report)}{below}"
    return "success", headline(report)


def _annotation(finding: Finding, first: int, last: int) -> Annotation:
    return Annotation(
        path=finding.span.path,
        start_line=first,
        end_line=last,
        level=_LEVELS[finding.severity],
        title=cut(" ".join(terminal(f"{finding.severity}: {finding.title}").split()), MAX_TITLE),
        message=cut(terminal(finding.body), MAX_MESSAGE) or "(no further words)",
    )
