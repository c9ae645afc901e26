"""The report for reviewdog: its Diagnostic Format as one JSON object, or one diagnostic a line (`rdjsonl`).

https://github.com/reviewdog/reviewdog/tree/master/proto/rdf
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from reviewer.findings import Severity, Side, State
from reviewer.text.sanitise import reveal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.findings import Finding, Report, Span
    from reviewer.outputs.look import Look

_SEVERITY = {
    Severity.CRITICAL: "ERROR",
    Severity.HIGH: "ERROR",
    Severity.MEDIUM: "WARNING",
    Severity.LOW: "INFO",
}
_SOURCE = {"name": "reviewer"}


def render(report: Report, _look: Look) -> str:
    """One JSON object, ASCII only."""
    return _one_line({"source": _SOURCE, "diagnostics": list(_diagnostics(report))})


def render_lines(report: Report, _look: Look) -> str:
    """A JSON object a line, each with its source; nothing where there is nothing to say."""
    return "".join(_one_line({**each, "source": _SOURCE}) for each in _diagnostics(report))


def _one_line(value: dict[str, Any]) -> str:
    return json.dumps(value, allow_nan=False).replace("##[", "#\\u0023[") + "\n"


def _diagnostics(report: Report) -> Iterator[dict[str, Any]]:
    """What stands. Deleted lines are in no file: such a finding is about its file as a whole."""
    for finding in report.findings:
        if finding.state is not State.FIXED:
            yield _diagnostic(finding)


def _diagnostic(finding: Finding) -> dict[str, Any]:
    diagnostic: dict[str, Any] = {
        "message": reveal(f"{finding.title}\n\n{finding.body}"),
        "location": _location(finding.span),
        "severity": _SEVERITY[finding.severity],
        "code": {"value": reveal(finding.rule or finding.category)},
    }
    lines = _range(finding.span)
    if finding.suggestion is not None and lines is not None:
        diagnostic["suggestions"] = [{"range": lines, "text": finding.suggestion}]
    if finding.places:
        diagnostic["related_locations"] = [
            {"message": "the same here", "location": _location(place)} for place in finding.places
        ]
    return diagnostic


def _location(span: Span) -> dict[str, Any]:
    lines = _range(span)
    return {"path": span.path, **({"range": lines} if lines else {})}


def _range(span: Span) -> dict[str, Any] | None:
    """Whole lines, which is what a range without columns means."""
    if span.first is None or span.last is None or span.side is not Side.NEW:
        return None
    return {"start": {"line": span.first}, "end": {"line": span.last}}
