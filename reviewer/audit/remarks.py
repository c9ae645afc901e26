"""What a model says of the whole: patterns among what was found, and problems with evidence. All of it is data."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reviewer.findings import Dropped, DropReason
from reviewer.judgement import claims
from reviewer.judgement.answer import extract

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reviewer.findings import Claim, Finding, Span

MAX_ITEMS = 50
MAX_EVIDENCE = 200
PATTERN = "pattern"


@dataclass(frozen=True, slots=True)
class Remarks:
    """`patterns`: ids that are one thing. `problems`: a claim and its evidence, of at least two files."""

    patterns: tuple[tuple[str, ...], ...] = ()
    problems: tuple[tuple[Claim, tuple[Span, ...]], ...] = ()
    dropped: tuple[Dropped, ...] = ()


def read(text: str, findings: Mapping[str, Finding], outline: Mapping[str, Span]) -> Remarks:
    """Never raises, whatever the text. What names an id that was not asked about is dropped, and so is a problem
    without evidence in two files."""
    spans = {**{name: each.span for name, each in findings.items()}, **outline}
    patterns: list[tuple[str, ...]] = []
    problems: list[tuple[Claim, tuple[Span, ...]]] = []
    dropped: list[Dropped] = []
    for item in (item for item in extract(text).items[:MAX_ITEMS] if isinstance(item, dict)):
        ids = _ids(item)
        claim = _claim(item, spans[ids[0]].path if ids and ids[0] in spans else "")
        fault = _fault(item, ids, findings, spans)
        if isinstance(claim, Dropped):
            dropped.append(claim)
        elif fault:
            dropped.append(drop(claim, DropReason.INVALID, fault))
        elif item.get("kind") == PATTERN:
            patterns.append(ids)
        else:
            problems.append((claim, tuple(spans[name] for name in ids)))
    return Remarks(tuple(patterns), tuple(problems), tuple(dropped))


def drop(claim: Claim, reason: DropReason, detail: str) -> Dropped:
    """The claim as one that is not shown."""
    return Dropped(claim.path, claim.title, claim.body, reason, detail, severity=claim.severity)


def _ids(item: Mapping[str, object]) -> tuple[str, ...]:
    """Each once, in order."""
    value = item.get("evidence")
    named = value[:MAX_EVIDENCE] if isinstance(value, list) else []
    return tuple(dict.fromkeys(name.strip("[] ") for name in named if isinstance(name, str)))


def _fault(
    item: Mapping[str, object], ids: Sequence[str], findings: Mapping[str, Finding], spans: Mapping[str, Span]
) -> str:
    """What speaks against an item; empty: nothing."""
    if any(name not in spans for name in ids):
        return "it names evidence that there is not"
    if item.get("kind") == PATTERN:
        return "" if len(ids) > 1 and all(name in findings for name in ids) else "it names no two findings"
    return "" if len({spans[name].path for name in ids}) > 1 else "it names no evidence in two files"


def _claim(item: Mapping[str, object], path: str) -> Claim | Dropped:
    """Its words, read as those of any other finding; where it stands is for the evidence to say."""
    told = {name: item.get(name) for name in ("title", "body", "severity", "category", "confidence")}
    reading = claims.read(json.dumps({"findings": [{**told, "path": path or "-", "quote": ""}]}))
    if reading.claims:
        return replace(reading.claims[0], path=path)
    return replace(reading.dropped[0], path=path)
