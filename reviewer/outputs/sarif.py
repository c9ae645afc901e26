"""The report as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), within what GitHub takes of it.

GitHub: https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from reviewer import __version__
from reviewer.findings import Category, Confidence, Severity, Side, State, Status
from reviewer.outputs.rulebook import described
from reviewer.text.sanitise import reveal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reviewer.findings import Finding, Report, Span, Unreviewed
    from reviewer.outputs.look import Look

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MOST = 5_000
"""Results; of more than that GitHub keeps these."""
MAX_GZIPPED = 10_000_000
"""Bytes; GitHub refuses a larger file. Some room is left for another compressor."""
_ROOM = 0.95
_LEVEL = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
_SCORE = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.5"}
"""`security-severity`: GitHub calls over 9.0 critical, 7.0 high, 4.0 medium."""
_PROBLEM = {**_LEVEL, Severity.LOW: "recommendation"}
_PRECISION = {Confidence.HIGH: "high", Confidence.MEDIUM: "medium", Confidence.LOW: "low"}
_BASELINE = {State.NEW: "new", State.OPEN: "unchanged"}


def render(report: Report, _look: Look) -> str:
    """One JSON object, ASCII only. Of too many or too large results the most severe are kept, and it says so."""
    findings = [finding for finding in report.findings if finding.state is not State.FIXED]
    findings.sort(key=lambda finding: finding.severity.rank)
    kept = findings[:MOST]
    while True:
        written = _written(report, kept, len(findings))
        size = len(gzip.compress(written.encode(), mtime=0))
        if size <= MAX_GZIPPED * _ROOM or not kept:
            return written
        kept = kept[: min(len(kept) - 1, int(len(kept) * MAX_GZIPPED * _ROOM / size))]


def _written(report: Report, kept: Sequence[Finding], total: int) -> str:
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report, kept, total)]}
    return json.dumps(document, indent=1, allow_nan=False).replace("##[", "#\\u0023[") + "\n"


def _run(report: Report, kept: Sequence[Finding], total: int) -> dict[str, Any]:
    rules: dict[str, dict[str, Any]] = {}
    for finding in kept:
        rules.setdefault(_rule_id(finding), _rule(finding))
    places = {name: index for index, name in enumerate(rules)}
    return {
        "tool": {
            "driver": {
                "name": "reviewer",
                "semanticVersion": __version__,
                "rules": list(rules.values()),
            }
        },
        "automationDetails": {"id": "reviewer/"},
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The root of the repository."}}},
        "invocations": [
            {
                "executionSuccessful": report.status in (Status.CLEAN, Status.FINDINGS),
                "toolExecutionNotifications": list(_notifications(report, total - len(kept))),
            }
        ],
        "results": [_result(finding, places[_rule_id(finding)]) for finding in kept],
        "properties": {
            "status": report.status,
            "head": report.head,
            "base": report.base,
            "provider": report.provider,
            "model": report.model,
            "policySource": report.policy_source,
            "reviewedLines": report.coverage.reviewed_lines,
            "changedLines": report.coverage.changed_lines,
            "costUsd": report.usage.cost_usd,
        },
    }


def _rule_id(finding: Finding) -> str:
    return f"{finding.origin}/{finding.rule or finding.category}"


def _rule(finding: Finding) -> dict[str, Any]:
    words = described(finding)
    tags = [finding.category, *(["security"] if finding.category is not Category.SECURITY and words.security else [])]
    properties: dict[str, Any] = {"tags": tags, "precision": _PRECISION[finding.confidence]}
    if finding.category is Category.SECURITY:
        properties["security-severity"] = _SCORE[finding.severity]
    else:
        properties["problem.severity"] = _PROBLEM[finding.severity]
    return {
        "id": _rule_id(finding),
        "name": words.name,
        "shortDescription": {"text": words.title},
        "fullDescription": {"text": words.help},
        "help": {"text": words.help},
        "defaultConfiguration": {"level": _LEVEL[finding.severity]},
        "properties": properties,
    }


def _result(finding: Finding, rule_index: int) -> dict[str, Any]:
    """`primaryLocationLineHash` is GitHub's own name for what tells an alert from another."""
    result: dict[str, Any] = {
        "ruleId": _rule_id(finding),
        "ruleIndex": rule_index,
        "level": _LEVEL[finding.severity],
        "message": {"text": _text(f"{finding.title}\n{finding.body}")},
        "locations": [{"physicalLocation": _location(finding.span, finding.code)}],
        "partialFingerprints": {
            "primaryLocationLineHash": f"{finding.fingerprint}:1",
            "reviewer/v1": finding.fingerprint,
        },
        "baselineState": _BASELINE[finding.state],
        "properties": {
            "severity": finding.severity,
            "category": finding.category,
            "confidence": finding.confidence,
            "origin": finding.origin,
        },
    }
    if finding.places:
        result["relatedLocations"] = [
            {"id": number, "physicalLocation": _location(place, ""), "message": {"text": "the same here"}}
            for number, place in enumerate(finding.places, 1)
        ]
    if finding.suggestion is not None and finding.span.first is not None:
        result["fixes"] = [_fix(finding, finding.suggestion)]
    return result


def _location(span: Span, code: str) -> dict[str, Any]:
    """Lines of the old side are in no file any more: GitHub would show whatever stands there now."""
    location: dict[str, Any] = {"artifactLocation": _artifact(span.path)}
    if span.first is not None and span.last is not None and span.side is Side.NEW:
        region: dict[str, Any] = {"startLine": span.first, "endLine": span.last}
        if code:
            region["snippet"] = {"text": reveal(code)}
        location["region"] = region
    return location


def _artifact(path: str) -> dict[str, str]:
    return {"uri": quote(path.encode("utf-8", "replace"), safe="/"), "uriBaseId": "SRCROOT"}


def _fix(finding: Finding, suggestion: str) -> dict[str, Any]:
    region = {"startLine": finding.span.first, "endLine": finding.span.last}
    replacement = {"deletedRegion": region, "insertedContent": {"text": suggestion + "\n"}}
    return {
        "description": {"text": "The suggested replacement."},
        "artifactChanges": [{"artifactLocation": _artifact(finding.span.path), "replacements": [replacement]}],
    }


def _notifications(report: Report, surplus: int) -> Iterator[dict[str, Any]]:
    if surplus:
        why = f"{surplus} more findings, of the milder ones, did not fit: GitHub takes {MOST} results and 10 MB gzipped"
        yield {"level": "warning", "message": {"text": why}, "descriptor": {"id": "truncated"}}
    for note in report.notes:
        yield {"level": "note", "message": {"text": _text(note.message)}, "descriptor": {"id": note.code}}
    for entry in report.unreviewed:
        if entry.reason.is_loss:
            yield _loss(entry)


def _loss(entry: Unreviewed) -> dict[str, Any]:
    lines = f"{entry.lines} changed lines not reviewed" if entry.lines else "not reviewed"
    return {
        "level": "error",
        "message": {"text": _text(f"{lines}: {entry.reason}: {entry.detail}")},
        "descriptor": {"id": entry.reason},
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(entry.path)}}],
    }


def _text(text: str) -> str:
    """Plain text: SARIF reads `[words](target)` in it as a link, which nobody but us may make."""
    return reveal(text).replace("](", "] (")
