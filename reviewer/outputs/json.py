"""The report as JSON: the published schema `reviewer/1` (reviewer-1.schema.json beside this file)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reviewer.findings import Dropped, Finding, Report, Span, Unreviewed
    from reviewer.outputs.look import Look

SCHEMA = "reviewer/1"


def render(report: Report, _look: Look) -> str:
    """One JSON object and a line feed, ASCII only: no byte of it can be more than data anywhere.

    A CI runner obeys `##[…]` anywhere in a line that is printed: there it is written another way.
    """
    written = json.dumps(document(report), indent=2, allow_nan=False)
    return written.replace("##[", "#\\u0023[") + "\n"


def document(report: Report) -> dict[str, Any]:
    """The report as plain JSON values, in the schema's order."""
    return {
        "schema": SCHEMA,
        "status": report.status,
        "head": report.head,
        "base": report.base,
        "policy_source": report.policy_source,
        "findings": [_finding(finding) for finding in report.findings],
        "dropped": [_dropped(drop) for drop in report.dropped],
        "unreviewed": [_unreviewed(entry) for entry in report.unreviewed],
        "coverage": {
            "files": report.coverage.files,
            "reviewed_files": report.coverage.reviewed_files,
            "changed_lines": report.coverage.changed_lines,
            "reviewed_lines": report.coverage.reviewed_lines,
        },
        "usage": {
            "provider": report.provider,
            "model": report.model,
            "calls": report.usage.calls,
            "cached_calls": report.usage.cached_calls,
            "prompt_tokens": report.usage.prompt_tokens,
            "cached_tokens": report.usage.cached_tokens,
            "completion_tokens": report.usage.completion_tokens,
            "cost_usd": report.usage.cost_usd,
            "credits_remaining": report.usage.credits_remaining,
        },
        "notes": [{"code": note.code, "message": note.message, "data": dict(note.data)} for note in report.notes],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.fingerprint,
        **_place(finding.span),
        "places": [_place(place) for place in finding.places],
        "code": finding.code,
        "severity": finding.severity,
        "category": finding.category,
        "confidence": finding.confidence,
        "title": finding.title,
        "body": finding.body,
        "origin": finding.origin,
        "rule": finding.rule,
        "suggestion": finding.suggestion,
        "state": finding.state,
    }


def _place(span: Span) -> dict[str, Any]:
    return {"path": span.path, "side": span.side, "start_line": span.first, "end_line": span.last}


def _dropped(drop: Dropped) -> dict[str, Any]:
    return {
        "path": drop.path,
        "start_line": drop.line,
        "severity": drop.severity,
        "title": drop.title,
        "body": drop.body,
        "id": drop.fingerprint,
        "reason": drop.reason,
        "detail": drop.detail,
    }


def _unreviewed(entry: Unreviewed) -> dict[str, Any]:
    """The lines of the new side; where only lines were deleted, those of the old one."""
    first, last = entry.new or entry.old or (None, None)
    old_first, old_last = entry.old or (None, None)
    return {
        "path": entry.path,
        "side": "old" if entry.old and not entry.new else "new",
        "start_line": first,
        "end_line": last,
        "old_start_line": old_first,
        "old_end_line": old_last,
        "changed_lines": entry.lines,
        "reason": entry.reason,
        "class": "loss" if entry.reason.is_loss else "policy",
        "detail": entry.detail,
    }
