"""Whether a finding is one that is known: the same id, or common lines of code and a title that says the same."""

from __future__ import annotations

import functools
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.judgement.fingerprint import collapse
from reviewer.text.redact import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from reviewer.findings import Finding, Side

    LinesNow = Callable[[str], AbstractSet[str] | None]
    """`line_hashes` of a file as it is (empty: it is gone); null where nobody knows."""

ALIKE = 70
"""Likeness of two titles (0 to 100) that makes findings on common lines one: what survives rewording."""
MAX_TITLE = 120
"""Characters of a title that are remembered."""
MAX_LINES = 5

_WHOLE_FILE = ("",)
"""Stands for the lines of what has none."""
_NO_SOURCE = re.compile(rf"{re.escape(PLACEHOLDER)}|<U\+[0-9A-F]{{4,6}}>")
_TELLING = re.compile(r"\w\W*\w\W*\w")


@dataclass(frozen=True, slots=True)
class Trace:
    """What is remembered of a finding. `lines`: hashes of its lines, none where that is the file as a whole."""

    id: str
    path: str
    title: str
    lines: tuple[str, ...]
    side: Side


def trace(finding: Finding) -> Trace:
    """What of a finding is compared with what is known."""
    title = finding.title[:MAX_TITLE]
    return Trace(finding.fingerprint, finding.span.path, title, anchored(finding.code), finding.span.side)


def matched(findings: Sequence[Finding], known: Sequence[Trace], lines_now: LinesNow) -> dict[str, str]:
    """By the fingerprint of what was found: the id it is known as. Same ids first, then likeness; each known once."""
    ids = {each.id for each in known}
    matches = {each.fingerprint: each.fingerprint for each in findings if each.fingerprint in ids}
    by_line: dict[str, dict[str, Trace]] = {}
    for each in known:
        if each.id not in matches:
            for line in each.lines or _WHOLE_FILE:
                by_line.setdefault(line, {})[each.id] = each
    for finding in findings:
        if finding.fingerprint in matches:
            continue
        now = trace(finding)
        beside = {id_: each for line in now.lines or _WHOLE_FILE for id_, each in by_line.get(line, {}).items()}
        near = [each for each in beside.values() if _one_file(now, each, lines_now)]
        best = max(near, key=lambda each: _likeness(now, each), default=None)
        if best is not None and _likeness(now, best) >= ALIKE:
            matches[finding.fingerprint] = best.id
            for line in best.lines or _WHOLE_FILE:
                del by_line[line][best.id]
    return matches


def stands(lines: Sequence[str], now: AbstractSet[str]) -> bool:
    """Whether the code is still there: its first line, or most of it."""
    return bool(lines) and (lines[0] in now or 2 * len(now & set(lines)) > len(lines))


def lines_of(
    read: Callable[[str], str | None],
    show: Callable[[Sequence[str]], Sequence[str]],
    present: Collection[str],
    *,
    whole: bool,
) -> LinesNow:
    """The lines of the files `present`, as a reader is shown them; null for one whose text cannot be had.

    `whole`: those are all that there are, any other is gone; else nobody knows of others.
    """

    @functools.cache
    def of(path: str) -> AbstractSet[str] | None:
        if path not in present:
            return frozenset() if whole else None
        text = read(path)
        return None if text is None else line_hashes(show(text.split("\n")))

    return of


def line_hashes(lines: Iterable[str]) -> frozenset[str]:
    """What a trace's lines are compared with: every line of a file, whatever its white space."""
    return frozenset(map(_hash, lines))


def anchored(code: str) -> tuple[str, ...]:
    """Hashes of an excerpt's telling lines. One that was not shown as it is (a secret in it) is in no file."""
    lines = [line for line in code.split("\n") if line.strip() and not _NO_SOURCE.search(line)]
    telling = [line for line in lines if _TELLING.search(line)] or lines
    return tuple(dict.fromkeys(map(_hash, telling)))[:MAX_LINES]


def _hash(line: str) -> str:
    return hashlib.sha256(collapse(line).encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _one_file(one: Trace, other: Trace, lines_now: LinesNow) -> bool:
    """The same, or one that is gone: it was renamed."""
    return one.side is other.side and (one.path == other.path or lines_now(other.path) == frozenset())


def _likeness(one: Trace, other: Trace) -> float:
    from rapidfuzz.fuzz import ratio

    return ratio(_words(one.title), _words(other.title))


def _words(title: str) -> str:
    return " ".join(re.findall(r"\w+", title.casefold()))
