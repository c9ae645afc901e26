"""What was found now, held against what was said before: new, still open, fixed, or dismissed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reviewer.findings import Confidence, Dropped, DropReason, Finding, Origin, Side, Span, State
from reviewer.github import bodies, state
from reviewer.github.threads import finding_of
from reviewer.judgement import verdict
from reviewer.judgement.recognition import Trace, matched, stands

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from reviewer.findings import Report
    from reviewer.github.state import Known
    from reviewer.github.threads import Existing, Thread
    from reviewer.judgement.recognition import LinesNow


def reconcile(
    report: Report,
    existing: Existing,
    dismissed: Mapping[str, bool],
    change_lines: LinesNow,
    *,
    reread: Collection[str] | None = None,
) -> Report:
    """The report of the pull request as it is: new findings, earlier ones that still stand, and those that are fixed.

    `change_lines`: `recognition.line_hashes` of a file on the head (empty: it is gone), null where nobody knows.
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
    here = {each.fingerprint for each in candidates}
    dropped = [
        each for each in report.dropped if each.reason is not DropReason.OVER_CAP or each.fingerprint not in here
    ]
    if reread is not None:
        dropped += _not_shown(existing, case)
    return verdict.restated(
        replace(
            report,
            findings=tuple(findings),
            dropped=(*dropped, *(_dropped(each) for each in candidates if case.is_dismissed(each))),
        )
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
    change_lines: LinesNow
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
            return not stands(each.lines, now) or (
                silent and bool(threads) and all(thread.outdated for thread in threads)
            )
        if silent or each.status == "fixed":
            return True
        if each.side is Side.NEW:
            return not now
        # What was deleted is there again, and GitHub shows the deletion no longer.
        return bool(each.lines) and now >= set(each.lines) and any(thread.outdated for thread in threads)


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


def _matched(findings: Sequence[Finding], earlier: Mapping[str, Known], change_lines: LinesNow) -> dict[str, Known]:
    """What was fixed is only known by its id."""
    ids = {each.fingerprint for each in findings}
    traces = [
        Trace(each.id, each.path, each.title, each.lines, each.side)
        for each in earlier.values()
        if each.status != "fixed" or each.id in ids
    ]
    return {found: earlier[id_] for found, id_ in matched(findings, traces, change_lines).items()}
