"""The report for GitLab's Code Quality widget.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from reviewer.findings import Severity, Side, State
from reviewer.text.sanitise import reveal

if TYPE_CHECKING:
    from reviewer.findings import Finding, Report
    from reviewer.outputs.look import Look

_SEVERITY = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
}


def render(report: Report, _look: Look) -> str:
    """A JSON array, ASCII only and without a byte order mark, which GitLab refuses."""
    standing = [finding for finding in report.findings if finding.state is not State.FIXED]
    return json.dumps(list(map(_entry, standing)), indent=1, allow_nan=False).replace("##[", "#\\u0023[") + "\n"


def _entry(finding: Finding) -> dict[str, Any]:
    """The widget wants a line: what is about a whole file, or about deleted lines, stands at its first."""
    span = finding.span
    here = span.side is Side.NEW and span.first is not None
    return {
        "description": reveal(f"{finding.title}: {finding.body}"),
        "check_name": f"reviewer/{finding.origin}/{reveal(finding.rule or finding.category)}",
        "fingerprint": finding.fingerprint,
        "severity": _SEVERITY[finding.severity],
        "location": {
            "path": span.path.removeprefix("./"),
            "lines": {"begin": span.first if here else 1, "end": span.last if here else 1},
        },
    }
