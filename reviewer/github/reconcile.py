"""What was found now, held against what was said before: new, still open, fixed, or dismissed."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reviewer.findings import Confidence, Dropped, DropReason, Finding, Origin, Side, Span, State, Status
from reviewer.github import bodies, state
from reviewer.github.threads import finding_of
from reviewer.judgement import verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from reviewer.findings import Report
    from reviewer.github.state import Known
    from reviewer.github.threads import Existing, Thread

    ChangeLines = Callable[[str], AbstractSet[str] | None]

ALIKE = 70
"""Likeness of two titles (0 to 100) that makes findings on common lines one: what survives rewording."""


def reconcile(
    report: Report,
    existing: Existing,
    dismissed: Mapping[str, bool],
    change_lines: ChangeLines,
    *,
    reread: Collection[str] | None = None,
) -> Report:
    """The report of the pull request as it is: new findings, earlier ones that still stand, and those that are fixed.

    `change_lines`: `state.line_hashes` of a file on the head (empty: it is gone), null where nobody knows.
    `reread`: paths that were read again as a whole; null: the report is of a whole reading that others made. What was
    too much to be shown is remembered for every other path.
    """
    earlier = known(existing)
    found = [finding for finding in report.findings if finding.state is not State.FIXED]
    matches = _matched(found, earlier, change_lines)
    unread = {entry.path for entry in report.unreviewed}
    said = {drop.fingerprint for drop in report.dropped}
    case = _Case(
        threads_by_finding(existing), dismissed, change_lines, frozenset(reread or ()) - unread, frozenset(said)
    )
    handled = {match.id for match in matches.values()}
    candidates = [case.found(finding, matches.get(finding.fingerprint)) for finding in found]
    candidates += (case.recalled(each) for each in earlier.values() if each.id not in handled)
    candidates += (
        finding for finding in report.findings if finding.state is State.FIXED and finding.fingerprint not in earlier
    )
    findings = [each for each in candidates if not case.is_dismissed(each)]
    findings.sort(key=_rank)
    standing = [finding for finding in findings if finding.state is not State.FIXED]
    here = {each.fingerprint for each in candidates}
    dropped = [
        each for each in report.dropped if each.reason is not DropReason.OVER_CAP or each.fingerprint not in here
    ]
    if reread is not None:
        dropped += _not_shown(existing, case)
    status = verdict.status(standing, report.unreviewed, report.coverage)
    if status is Status.CLEAN and any(each.reason is DropReason.OVER_CAP for each in dropped):
        status = Status.FINDINGS
    return replace(
        report,
        status=status,
        findings=tuple(findings),
        dropped=(*dropped, *(_dropped(each) for each in candidates if case.is_dismissed(each))),
    )


def _not_shown(existing: Existing, case: _Case) -> list[Dropped]:
    """What was one too many last time, in files that are there and were not read again."""
    again = existing.summary.state.again if existing.summary else ()
    detail = "found by an earlier review, which had too many to show them all"
    return [
        Dropped(cut.path, "not shown", "", DropReason.OVER_CAP, detail, severity=cut.severity)
        for cut in again
        if cut.path not in case.reread and case.change_lines(cut.path) != frozenset()
    ]


def _rank(finding: Finding) -> tuple[bool, int, str, int, str]:
    """What stands before what is fixed, the worst first, then by place."""
    place = finding.span
    return finding.state is State.FIXED, finding.severity.rank, place.path, place.first or 0, finding.fingerprint


def known(existing: Existing) -> dict[str, Known]:
    """What we said before, by id: as the summary remembers it, and what only an inline comment does.

    A summary that nothing bears out does not say which lines a comment of ours is about.
    """
    summary = existing.summary
    found = {each.id: each for each in summary.state.findings} if summary else {}
    commented: dict[str, Known] = {}
    for thread in existing.threads:
        remembered = state.parse(thread.body)
        for each in remembered.findings if remembered else ():
            commented.setdefault(each.id, each)
    for each in commented.values():
        there = found.get(each.id)
        if there is None:
            found[each.id] = each
        elif summary is not None and not summary.borne_out:
            found[each.id] = replace(each, status=there.status)
    return found


def threads_by_finding(existing: Existing) -> dict[str, list[Thread]]:
    """Our threads, by the id of the finding each is about."""
    threads: dict[str, list[Thread]] = {}
    for thread in existing.threads:
        threads.setdefault(finding_of(thread), []).append(thread)
    return threads


@dataclass(frozen=True, slots=True)
class _Case:
    """What decides about a finding."""

    threads: Mapping[str, Sequence[Thread]]
    dismissed: Mapping[str, bool]
    change_lines: ChangeLines
    reread: frozenset[str]
    dropped: frozenset[str | None]
    """Fingerprints of what was found now and is not shown: it is not gone."""

    def found(self, finding: Finding, match: Known | None) -> Finding:
        """What was known keeps its id. What was fixed is said again, but not to whom has waved it away."""
        if match is None:
            return replace(finding, state=State.NEW)
        again = match.status == "fixed" and match.id not in self.dismissed
        return replace(finding, fingerprint=match.id, state=State.NEW if again else State.OPEN)

    def recalled(self, each: Known) -> Finding:
        """An earlier finding that was not found again."""
        threads = self.threads.get(each.id, ())
        line = next((thread.line for thread in threads if not thread.outdated and thread.line is not None), None)
        said = next(filter(None, (bodies.said(thread.body) for thread in threads)), each.words or each.title)
        return Finding(
            fingerprint=each.id,
            span=Span(each.path, line, line, each.side),
            code="",
            severity=each.severity,
            category=each.category,
            confidence=Confidence.MEDIUM,
            title=self._title(each, threads),
            body=said,
            origin=each.origin,
            state=State.FIXED if self._is_fixed(each, threads) else State.OPEN,
        )

    @staticmethod
    def _title(each: Known, threads: Sequence[Thread]) -> str:
        """The summary may have had no room for all of it; our comment has."""
        remembered = (state.parse(thread.body) for thread in threads)
        titles = [known.findings[0].title for known in remembered if known]
        return max((title for title in titles if title.startswith(each.title)), key=len, default=each.title)

    def is_dismissed(self, finding: Finding) -> bool:
        """By somebody with the right to; fixed is fixed."""
        return finding.state is not State.FIXED and self.dismissed.get(finding.fingerprint, False)

    def _is_fixed(self, each: Known, threads: Sequence[Thread]) -> bool:
        """A check that reads the same lines says the same: silent now, it has nothing to say any more. A model may
        forget: it is believed where the line of its comment is gone too, though an equal one stands elsewhere.
        """
        if each.id in self.dropped:
            return False
        silent = each.path in self.reread
        if silent and each.origin is Origin.CHECK:
            return True
        now = self.change_lines(each.path)
        if now is None:
            return each.status == "fixed"
        if each.side is Side.NEW and each.lines:
            return not _stands(each, now) or (silent and bool(threads) and all(thread.outdated for thread in threads))
        if silent or each.status == "fixed":
            return True
        if each.side is Side.NEW:
            return not now
        # What was deleted is there again, and GitHub shows the deletion no longer.
        return bool(each.lines) and now >= set(each.lines) and any(thread.outdated for thread in threads)


def _stands(each: Known, now: AbstractSet[str]) -> bool:
    """Whether the code is still there: its first line, or most of it."""
    return each.lines[0] in now or 2 * len(now & set(each.lines)) > len(each.lines)


def _dropped(finding: Finding) -> Dropped:
    return Dropped(
        path=finding.span.path,
        title=finding.title,
        body=finding.body,
        reason=DropReason.DISMISSED,
        detail="dismissed on the pull request by someone with write access",
        line=finding.span.first,
        severity=finding.severity,
        fingerprint=finding.fingerprint,
    )


def _matched(findings: Iterable[Finding], earlier: Mapping[str, Known], change_lines: ChangeLines) -> dict[str, Known]:
    """By the fingerprint of what was found now: what it was known as. Same ids first, then likeness."""
    matches = {each.fingerprint: earlier[each.fingerprint] for each in findings if each.fingerprint in earlier}
    free = [each for each in earlier.values() if each.id not in matches and each.status != "fixed"]
    for finding in findings:
        if finding.fingerprint in matches:
            continue
        now = state.known(finding)
        scored = [(_likeness(now, each), -at) for at, each in enumerate(free) if _one_place(now, each, change_lines)]
        best, at = max(scored, default=(0.0, 0))
        if best >= ALIKE:
            matches[finding.fingerprint] = free.pop(-at)
    return matches


def _one_place(one: Known, other: Known, change_lines: ChangeLines) -> bool:
    """Common lines of one file, or of one that is gone: it was renamed."""
    if one.side is not other.side or (one.path != other.path and change_lines(other.path) != frozenset()):
        return False
    return not set(one.lines).isdisjoint(other.lines) or not (one.lines or other.lines)


def _likeness(one: Known, other: Known) -> float:
    from rapidfuzz.fuzz import ratio

    return ratio(_words(one.title), _words(other.title))


def _words(title: str) -> str:
    return " ".join(re.findall(r"\w+", title.casefold()))
