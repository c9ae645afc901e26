"""The report as workflow commands: GitHub shows each beside its line, in the run and in the change."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from reviewer.findings import Severity, Side, Status
from reviewer.github.summary import headline, plural, standing
from reviewer.text.markdown import cut
from reviewer.text.sanitise import log

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reviewer.findings import Finding, Report
    from reviewer.outputs.look import Look

EACH_LEVEL = 10
"""Annotations of one level that GitHub keeps of a step; the rest vanishes in silence. A job keeps 50."""
MAX_TITLE = 255
MAX_MESSAGE = 4_000
"""Characters: the runner cuts at 4 096."""

_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
}


def render(report: Report, _look: Look) -> str:
    """The report alone, in a step that says nothing else."""
    return beside(report, {})


def beside(report: Report, taken: Mapping[str, int]) -> str:
    """What is lost first, then the findings that stand, the worst first; at last, how many there was no room for.

    `taken`: how many annotations of a level (error, warning, notice) the step has already.
    """
    room = Counter(error=EACH_LEVEL, warning=EACH_LEVEL, notice=EACH_LEVEL)
    room.subtract(taken)
    lines: list[str] = []
    if report.status in (Status.FAILED, Status.INCOMPLETE):
        room["error"] -= 1
        lines.append(_command("error", {"title": "reviewer"}, headline(report)))
    found = sorted(standing(report), key=lambda finding: finding.severity.rank)
    levels = Counter(_LEVELS[finding.severity] for finding in found)
    if any(levels[level] > room[level] for level in levels):
        room["notice"] -= 1  # that is the one that says how many more there are
    shown = 0
    for finding in found:
        level = _LEVELS[finding.severity]
        if room[level] > 0:
            room[level] -= 1
            shown += 1
            lines.append(_finding(level, finding))
    if shown < len(found):
        more = f"{plural(len(found) - shown, 'more finding')}: the report and the job summary have them all"
        lines.append(_command("notice", {"title": "reviewer"}, more))
    return "".join(f"{line}\n" for line in lines)


def _finding(level: str, finding: Finding) -> str:
    span = finding.span
    place = {"file": span.path}
    message = finding.body
    if span.first is not None and span.side is Side.NEW:
        place |= {"line": str(span.first), "endLine": str(span.last or span.first)}
    elif span.first is not None:
        message = f"(line {span.first} before the change) {message}"
    title = " ".join(f"{finding.severity}: {finding.title}".split())
    return _command(level, {**place, "title": cut(title, MAX_TITLE)}, message or "(no further words)")


def _command(level: str, properties: Mapping[str, str], message: str) -> str:
    """One line. Nothing in it ends the line, the properties or a value early, or begins another command."""
    given = ",".join(f"{name}={_value(value)}" for name, value in properties.items())
    return f"::{level} {given}::{_escaped(cut(_safe(message), MAX_MESSAGE))}"


def _value(text: str) -> str:
    return _escaped(log(text)).replace(":", "%3A").replace(",", "%2C")


def _escaped(text: str) -> str:
    """As the runner decodes it: the percent sign first."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _safe(message: str) -> str:
    """The runner writes each line of it to the log."""
    return "\n".join(log(line) for line in message.split("\n"))
