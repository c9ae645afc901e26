"""A second look at what was said may take it back, and nothing else: nothing is added, reworded or ranked anew."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.findings import Category, DropReason, Origin, Severity
from reviewer.judgement import triage
from reviewer.judgement.answer import mended
from reviewer.text.sanitise import reveal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from reviewer.findings import Dropped, Finding

MOST = 12
"""Findings in one request."""
MAX_REPLY = 200_000
"""Characters that are read of a reply; a whole one has a few thousand."""
MAX_REASON = 500

_START = re.compile(r"[{\[]\s*[\"{]")
_TRIES = 200
_SHARED = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What was taken back, by id, with the reason; `readable`: the reply was an answer to the question."""

    refuted: Mapping[str, str]
    readable: bool
    answered: Collection[str] = frozenset()
    """Every id that the reply speaks of."""


def judged(findings: Sequence[Finding], floor: Severity) -> list[Finding]:
    """Those that may be taken back: said by the model, and severe enough to be shown.

    A grave security finding stands: whoever reads it again reads, in the same breath, the words of whoever would gain
    from its going away.
    """
    return [
        each
        for each in findings
        if each.origin is Origin.MODEL
        and each.severity.reaches(floor)
        and not (each.category is Category.SECURITY and each.severity.reaches(Severity.HIGH))
    ]


def groups(findings: Sequence[Finding]) -> Iterator[dict[str, Finding]]:
    """At most `MOST` findings at a time, each under the id that it has in its question."""
    for start in range(0, len(findings), MOST):
        yield {f"f{number}": each for number, each in enumerate(findings[start : start + MOST], 1)}


def read(text: str, ids: Collection[str]) -> Verdicts:
    """What a reply takes back of `ids`; of two verdicts on one, `keep` counts. Never raises, whatever the text."""
    answers = _whole(text)
    refuted: dict[str, str] = {}
    kept: set[str] = set()
    for item in (item for answer in answers for item in answer if isinstance(item, dict)):
        name, verdict, reason = item.get("id"), item.get("verdict"), item.get("reason")
        if not isinstance(name, str) or name not in ids:
            continue
        words = _SHARED.sub(" ", reveal(reason)).strip()[:MAX_REASON] if isinstance(reason, str) else ""
        if isinstance(verdict, str) and verdict.strip().lower() == "refute" and words:
            refuted[name] = words
        else:
            kept.add(name)
    standing = {name: why for name, why in refuted.items() if name not in kept}
    return Verdicts(standing, bool(answers), frozenset(refuted) | kept)


def readable(text: str) -> bool:
    """Whether a reply holds verdicts at all, and so is worth keeping."""
    return bool(_whole(text))


def apply(group: Mapping[str, Finding], verdicts: Verdicts) -> tuple[list[Finding], list[Dropped]]:
    """Those that stand, as they were, and the others with the reason."""
    kept = [finding for name, finding in group.items() if name not in verdicts.refuted]
    taken_back = [
        triage.drop(finding, DropReason.REFUTED, verdicts.refuted[name])
        for name, finding in group.items()
        if name in verdicts.refuted
    ]
    return kept, taken_back


def _whole(text: str) -> list[list[object]]:
    """The answers as they are; where there is none, once more with what can be mended."""
    cut = text[:MAX_REPLY]
    return list(_answers(cut)) or list(_answers(mended(cut)))


def _answers(text: str) -> Iterator[list[object]]:
    """Every list of verdicts in the text, whatever stands around it."""
    decoder = json.JSONDecoder(strict=False, parse_constant=lambda _: None, parse_int=lambda _: None)
    position = 0
    for _ in range(_TRIES):
        match = _START.search(text, position)
        if match is None:
            return
        position = match.start() + 1
        try:
            value, end = decoder.raw_decode(text, match.start())
        except (json.JSONDecodeError, RecursionError):
            continue
        found = value.get("verdicts") if isinstance(value, dict) else value
        if isinstance(found, list) and (isinstance(value, dict) or any(map(_is_verdict, found))):
            yield found
            position = end
        elif _is_verdict(value):
            yield [value]
            position = end


def _is_verdict(value: object) -> bool:
    return isinstance(value, dict) and "id" in value and "verdict" in value
