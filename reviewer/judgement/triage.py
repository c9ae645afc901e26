"""What is shown of what was found; every drop has its reason."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reviewer.findings import Confidence, Dropped, DropReason, Finding, Origin, Severity
from reviewer.judgement.fingerprint import precedence

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reviewer.findings import Span

    Screen = Callable[[Sequence[Finding]], "Decision"]
    """Drops what is known before there is a cap that it could fill."""

NEAR = 2
"""Lines between two places that may still be one."""

ALIKE_HERE, ALIKE_NEAR, ALIKE_CHECKED = 65, 80, 50
"""Likeness (0 to 100) that makes two findings one: on common lines, on lines nearby, and with a check on common lines.

Different defects on the same lines came to 61 at most, on examples; the same one in other words to 45 and more: to be
told twice is the smaller harm.
"""

_QUOTED = re.compile(r"`([^`\n]+)`|'([^'\n]+)'|\"([^\"\n]+)\"")
_CODE, _NAME = re.compile(r"`([^`\n]+)`"), re.compile(r"\w{2,}")
_FEWEST, _MOST, _LINES_A_COMMENT = 10, 25, 50


@dataclass(frozen=True, slots=True)
class Decision:
    """Every finding is in one of the two; `shown` is sorted, the worst first."""

    shown: tuple[Finding, ...]
    dropped: tuple[Dropped, ...]


def all_new(findings: Sequence[Finding]) -> Decision:
    """Nothing is known."""
    return Decision(tuple(findings), ())


def cap_for(changed_lines: int) -> int:
    """How many findings a change of that size may get: 10 for a small one, 25 from 750 lines on.

    GitHub takes 20 to 30 comments a review; nobody reads more.
    """
    return min(_MOST, _FEWEST + changed_lines // _LINES_A_COMMENT)


def floor_after(rounds: int, floor: Severity, calm_after: int) -> Severity:
    """The floor for a change reviewed `rounds` times before: one step up from `calm_after` rounds on (0: never).

    Somebody who has mended a change three times is not to be held up by what is small.
    """
    if not calm_after or rounds < calm_after or floor.rank == 0:
        return floor
    return list(Severity)[floor.rank - 1]


def decide(findings: Sequence[Finding], *, floor: Severity, cap: int | None, screen: Screen = all_new) -> Decision:
    """Merges duplicates, drops what is known and what is milder than `floor`, of the rest keeps the worst `cap` (null:
    all)."""
    merged = merge(findings)
    screened = screen(merged.shown)
    dropped = [*merged.dropped, *screened.dropped]
    reaching = []
    for finding in sorted(screened.shown, key=rank):
        if finding.severity.reaches(floor):
            reaching.append(finding)
        else:
            detail = f"{finding.severity} is below the floor, {floor}"
            dropped.append(drop(finding, DropReason.BELOW_SEVERITY, detail))
    most = len(reaching) if cap is None else max(cap, 0)
    dropped += (drop(finding, DropReason.OVER_CAP, f"more than {most} findings") for finding in reaching[most:])
    return Decision(tuple(reaching[:most]), tuple(dropped))


def merge(findings: Sequence[Finding]) -> Decision:
    """One finding for each thing that was found; what was checked stands before what was said."""
    kept: dict[str, list[Finding]] = {}
    dropped: list[Dropped] = []
    for finding in sorted(
        findings, key=lambda each: (each.origin is Origin.MODEL, each.span.first is None, precedence(each))
    ):
        beside = kept.setdefault(finding.span.path, [])
        twin = next((index for index, other in enumerate(beside) if _same(finding, other)), None)
        if twin is None:
            beside.append(finding)
            continue
        beside[twin] = _union(beside[twin], finding)
        dropped.append(drop(finding, DropReason.DUPLICATE, f"duplicate of {beside[twin].fingerprint}"))
    return Decision(tuple(finding for beside in kept.values() for finding in beside), tuple(dropped))


def drop(finding: Finding, reason: DropReason, detail: str) -> Dropped:
    """The finding as one that is not shown."""
    return Dropped(
        path=finding.span.path,
        title=finding.title,
        body=finding.body,
        reason=reason,
        detail=detail,
        line=finding.span.first,
        severity=finding.severity,
        fingerprint=finding.fingerprint,
    )


def _union(kept: Finding, twin: Finding) -> Finding:
    """The worse severity, the higher confidence, the longer body of one speaker, and an offer to mend it if any."""
    severity = min(kept.severity, twin.severity, key=lambda each: each.rank)
    confidence = min(kept.confidence, twin.confidence, key=list(Confidence).index)
    longer = _speaker(kept) == _speaker(twin) and len(twin.body) > len(kept.body)
    suggestion = kept.suggestion
    if suggestion is None and kept.span == twin.span:
        suggestion = twin.suggestion
    body = twin.body if longer else kept.body
    return replace(kept, severity=severity, confidence=confidence, body=body, suggestion=suggestion)


def _same(one: Finding, other: Finding) -> bool:
    """One place and similar words, the more similar the less sure the place; a check or a tool only repeats itself."""
    exact = Origin.MODEL not in (one.origin, other.origin)
    if exact and _speaker(one) == _speaker(other):
        return one.span == other.span and (one.rule, one.title) == (other.rule, other.title)
    if exact:
        return one.span.overlaps(other.span) and _alike_titles(one, other)
    names = _named(one), _named(other)
    if not _one_place(one.span, other.span) or (all(names) and names[0].isdisjoint(names[1])):
        return False
    if not one.span.overlaps(other.span) or one.span.first is None:
        return _likeness(one, other) >= ALIKE_NEAR
    return _likeness(one, other) >= (ALIKE_HERE if one.origin is other.origin else ALIKE_CHECKED)


def _alike_titles(one: Finding, other: Finding) -> bool:
    """For two that know their places: `os` unused and `sys` unused on one line are two, whoever says it."""
    from rapidfuzz.fuzz import token_set_ratio

    names = [{name for quoted in _QUOTED.findall(each.title) for name in quoted if name} for each in (one, other)]
    if all(names) and names[0].isdisjoint(names[1]):
        return False
    return max(token_set_ratio(one.title.lower(), other.title.lower()), _likeness(one, other)) >= ALIKE_NEAR


def _speaker(finding: Finding) -> tuple[Origin, str]:
    """Who said it. Each tool is one of its own, named in front of its rule: linters share what they look for."""
    return finding.origin, (finding.rule or "").partition("/")[0] if finding.origin is Origin.TOOL else ""


def _one_place(one: Span, other: Span) -> bool:
    """Overlapping or nearly; a finding without lines may be about any of its file."""
    if one.first is None or one.last is None or other.first is None or other.last is None:
        return True
    return one.side is other.side and one.first - NEAR <= other.last and other.first - NEAR <= one.last


def _likeness(one: Finding, other: Finding) -> float:
    from rapidfuzz.fuzz import token_set_ratio

    return token_set_ratio(*(f"{each.title} {each.body}".lower() for each in (one, other)))


def _named(finding: Finding) -> frozenset[str]:
    """What a finding names in backticks: two that have no name in common are two."""
    return frozenset(name for code in _CODE.findall(f"{finding.title} {finding.body}") for name in _NAME.findall(code))


def rank(finding: Finding) -> tuple[object, ...]:
    """The worst first, then by place."""
    return finding.severity.rank, precedence(finding)
