"""A finding with several places, taken apart again: what is new may be a place of something that is known."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from reviewer.findings import DropReason, Span, State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.findings import Finding, Report

_A_PLACE_OF = "a place of "


def detail(lead: Finding) -> str:
    """Why a finding is dropped that became a place of `lead`."""
    return f"{_A_PLACE_OF}{lead.fingerprint}"


def apart(report: Report) -> Iterator[tuple[Finding, ...]]:
    """Each standing finding, followed by those that became places of it: with their own words and ids, without code."""
    members = defaultdict(list)
    for drop in report.dropped:
        if drop.reason is DropReason.DUPLICATE and drop.fingerprint and drop.detail.startswith(_A_PLACE_OF):
            members[drop.detail.removeprefix(_A_PLACE_OF)].append(drop)
    for lead in report.findings:
        if lead.state is State.FIXED:
            continue
        found = {lead.fingerprint: replace(lead, places=())}
        waiting = [lead.fingerprint]
        while waiting:  # a place may have had places
            for drop in members.pop(waiting.pop(), ()):
                if drop.fingerprint and drop.fingerprint not in found:
                    waiting.append(drop.fingerprint)
                    found[drop.fingerprint] = replace(
                        lead,
                        fingerprint=drop.fingerprint,
                        span=Span(drop.path, drop.line, drop.line),
                        code="",
                        severity=drop.severity or lead.severity,
                        title=drop.title,
                        body=drop.body,
                        suggestion=None,
                        places=(),
                    )
        yield tuple(found.values())
