"""A finding's identity: what stays the same when lines move within a file, and between runs."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from reviewer.findings import Origin

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewer.change.change import FileChange, Line
    from reviewer.findings import Finding, Side


def fingerprint(base_path: str, what: str, text: str, ordinal: int) -> str:
    """16 hex digits; `what` is the rule or the category, `text` the first anchored line as it was shown."""
    return _digest(base_path, what, collapse(text), ordinal)


def ordinal(file: FileChange, line: Line, side: Side) -> int:
    """How many lines of the change before this one, on its side of the file, say the same."""
    text, count = collapse(line.text), 0
    for other in file.lines():
        if other is line or (other.old, other.new) == (line.old, line.new):
            break
        if getattr(other, side.value) is not None and collapse(other.text) == text:
            count += 1
    return count


def distinguish(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """All findings of a review by place; of several with one fingerprint, the later ones get one of their own."""
    seen: dict[str, int] = {}
    distinct = []
    for finding in sorted(findings, key=precedence):
        again = seen[finding.fingerprint] = seen.get(finding.fingerprint, -1) + 1
        distinct.append(replace(finding, fingerprint=_digest(finding.fingerprint, again)) if again else finding)
    return tuple(distinct)


def precedence(finding: Finding) -> tuple[object, ...]:
    """By place; at one place what was checked before what was said, the worse before the milder, the longer first.

    It does not depend on the order in which answers came.
    """
    span = finding.span
    return (
        (span.path, span.side, span.first or 0, span.last or 0),
        (finding.origin is Origin.MODEL, finding.severity.rank, -len(finding.body)),
        (
            finding.title,
            finding.body,
            finding.rule or "",
            finding.category,
            finding.confidence,
            finding.suggestion or "",
        ),
    )


def collapse(text: str) -> str:
    """Words, one space apart."""
    return " ".join(text.split())


def _digest(*parts: str | int) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
