"""The baseline: findings that a team knows and accepts, with a reason. They are not reported until they expire."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reviewer.audit.places import apart
from reviewer.checks import catalogue
from reviewer.errors import Misuse
from reviewer.findings import DropReason, Note, NoteCode, Origin, Side, State
from reviewer.judgement import triage, verdict
from reviewer.judgement.recognition import MAX_TITLE, Trace, anchored, matched, stands
from reviewer.judgement.triage import Decision
from reviewer.text.markdown import cut
from reviewer.text.redact import Redactor
from reviewer.text.sanitise import terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from reviewer.findings import Finding, Report, Severity
    from reviewer.judgement.recognition import LinesNow

ACCEPTED = "there when the baseline was written"
"""The reason of what `updated` adds."""
MAX_REASON, MAX_NAME, MAX_PATH = 1_000, 200, 1_000
"""Characters of an entry's texts."""
SHORTEST_ID = 4
"""Digits of an id that are enough to look for it."""
_NAMED, _LISTED, _DETAIL = 3, 200, 300
"""How many entries a note names, and lists; how much of a reason is repeated."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A known finding. It holds of the last day `expires` too. `lines`: hashes of the code it is about, no code."""

    id: str
    path: str
    severity: Severity
    title: str
    reason: str
    who: str
    rule: str | None = None
    origin: Origin = Origin.MODEL
    side: Side = Side.NEW
    lines: tuple[str, ...] = ()
    added: date | None = None
    expires: date | None = None

    def is_expired(self, today: date) -> bool:
        """Whether it speaks up again."""
        return self.expires is not None and self.expires < today


@dataclass(frozen=True, slots=True)
class Baseline:
    """Entries by path, then id; no id twice."""

    entries: tuple[Entry, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "entries", tuple(sorted(self.entries, key=lambda each: (each.path, each.id))))


def unknown(_path: str) -> None:
    """For reviews that read parts of files: nobody knows whether what they did not find is gone."""


def screen(findings: Sequence[Finding], baseline: Baseline, today: date, lines_now: LinesNow = unknown) -> Decision:
    """What is known is dropped. It keeps the id it is known by, expired or not; `shown` is in the order given."""
    known = _known(findings, baseline, lines_now)
    shown, dropped = [], []
    for finding in findings:
        entry = known.get(finding.fingerprint)
        named = finding if entry is None else replace(finding, fingerprint=entry.id)
        if entry is None or entry.is_expired(today):
            shown.append(named)
        else:
            dropped.append(triage.drop(named, DropReason.BASELINE, _why(entry)))
    return Decision(tuple(shown), tuple(dropped))


def against(report: Report, baseline: Baseline, today: date, lines_now: LinesNow = unknown) -> Report:
    """The report without what is known, and with notes on what is expired and what is fixed.

    `lines_now`: hashes of a file that was read as a whole in this run, empty for one that is gone; null for all others.
    What `screen` has dropped before stays dropped.
    """
    if not baseline.entries:
        return report
    standing, fixed = _by_state(report)
    decision = screen(standing, baseline, today, lines_now)
    screened = replace(
        report, findings=(*decision.shown, *fixed), dropped=tuple(dict.fromkeys((*report.dropped, *decision.dropped)))
    )
    loud = {finding.fingerprint for finding in decision.shown}
    is_gone = _gone(screened, lines_now)
    notes = (
        _note(NoteCode.BASELINE_EXPIRED, "expired", [each for each in baseline.entries if each.id in loud]),
        _note(NoteCode.BASELINE_FIXED, "fixed", list(filter(is_gone, baseline.entries))),
    )
    others = (note for note in report.notes if note.code not in (NoteCode.BASELINE_EXPIRED, NoteCode.BASELINE_FIXED))
    return verdict.restated(replace(screened, notes=(*others, *filter(None, notes))))


def updated(
    baseline: Baseline, report: Report, who: str, today: date, *, reason: str = ACCEPTED, lines_now: LinesNow = unknown
) -> Baseline:
    """Everything that stands is known; what is fixed (as `against` names it) is forgotten.

    Reason, who and expiry of what was known stay: an entry that is expired goes on speaking up.
    """
    standing, _ = _by_state(report)
    known = _known(standing, baseline, lines_now)
    is_gone = _gone(report, lines_now)
    found = {entry.id for entry in known.values()}
    kept = [each for each in baseline.entries if each.id not in found and not is_gone(each)]
    for finding in standing:
        entry = known.get(finding.fingerprint)
        if entry is None:
            kept.append(entered(finding, reason, who, today))
        elif entry.id == finding.fingerprint:
            kept.append(entry)
        else:  # said in other words by now, or elsewhere
            followed = entered(finding, entry.reason, entry.who, entry.added)
            kept.append(replace(followed, expires=entry.expires))
    return Baseline(tuple(kept))


def dismissed(
    baseline: Baseline, report: Report, wanted: str, *, reason: str, who: str, today: date, expires: date | None
) -> tuple[Baseline, tuple[Entry, ...]]:
    """With the finding of that id (its first digits will do) as an entry, and one for each other place of it.

    None or several such findings raise `Misuse`.
    """
    finding = _named_by(report, wanted)
    _, *elsewhere = next(group for group in apart(report) if group[0].fingerprint == finding.fingerprint)
    all_of_it = (finding, *elsewhere)
    entries = tuple(replace(entered(each, reason, who, today), expires=expires) for each in all_of_it)
    replaced = {entry.id for entry in (*entries, *_known(all_of_it, baseline, unknown).values())}
    others = (each for each in baseline.entries if each.id not in replaced)
    return Baseline((*others, *entries)), entries


def entered(finding: Finding, reason: str, who: str, added: date | None) -> Entry:
    """The finding as an entry: its title and path, none of its code, and no credential that a text may quote."""
    return Entry(
        id=finding.fingerprint,
        path=finding.span.path[:MAX_PATH],
        severity=finding.severity,
        title=_line(finding.title, MAX_TITLE),
        reason=_line(reason, MAX_REASON),
        who=_line(who, MAX_NAME),
        rule=_line(finding.rule, MAX_NAME) if finding.rule else None,
        origin=finding.origin,
        side=finding.span.side,
        lines=anchored(finding.code),
        added=added,
    )


def _by_state(report: Report) -> tuple[list[Finding], list[Finding]]:
    """What stands, and what is fixed."""
    fixed = [finding for finding in report.findings if finding.state is State.FIXED]
    return [finding for finding in report.findings if finding.state is not State.FIXED], fixed


def _known(findings: Sequence[Finding], baseline: Baseline, lines_now: LinesNow) -> Mapping[str, Entry]:
    """By fingerprint, the entry of each finding that has one."""
    entries = {each.id: each for each in baseline.entries}
    traces = [Trace(each.id, each.path, each.title, each.lines, each.side) for each in baseline.entries]
    return {found: entries[id_] for found, id_ in matched(findings, traces, lines_now).items()}


def _gone(report: Report, lines_now: LinesNow) -> Callable[[Entry], bool]:
    """A check that reads the same lines says the same; anybody else may forget, and is believed where the code is gone.

    What is said and not shown is not gone, nor is what nobody looked for.
    """
    unread = {entry.path for entry in report.unreviewed}
    ids = {finding.fingerprint for finding in _by_state(report)[0]} | {drop.fingerprint for drop in report.dropped}
    said = {(drop.path, drop.title[:MAX_TITLE]) for drop in report.dropped}

    def is_gone(entry: Entry) -> bool:
        if entry.id in ids or entry.path in unread or (entry.path, entry.title) in said:
            return False
        now = lines_now(entry.path)
        if not now:
            return now is not None
        return entry.origin is Origin.CHECK or (bool(entry.lines) and not stands(entry.lines, now))

    return is_gone


def _named_by(report: Report, wanted: str) -> Finding:
    standing, _ = _by_state(report)
    named = [finding for finding in standing if finding.fingerprint.startswith(wanted.lower())]
    if len(named) == 1 and len(wanted) >= SHORTEST_ID:
        return named[0]
    if len(named) > 1 or (named and len(wanted) < SHORTEST_ID):
        raise Misuse(f"{wanted!r} may be {len(named)} findings of the report: write more digits of the id")
    if any(drop.fingerprint == wanted.lower() and drop.reason is DropReason.BASELINE for drop in report.dropped):
        raise Misuse(f"{wanted} is in the baseline already")
    raise Misuse(f"the report has no finding {wanted!r}: the id stands behind each finding in the text report")


def _why(entry: Entry) -> str:
    until = f", until {entry.expires}" if entry.expires else ""
    return f"known{until}: {cut(entry.reason, _DETAIL)} ({entry.who})"


def _note(code: NoteCode, what: str, entries: Sequence[Entry]) -> Note | None:
    """Names the first few, lists more of them in its data."""
    if not entries:
        return None
    named = [f"{each.path}: {each.title} ({each.id})" for each in entries[:_NAMED]]
    more = f" and {len(entries) - _NAMED:,} more" if len(entries) > _NAMED else ""
    many = "1 entry of the baseline is" if len(entries) == 1 else f"{len(entries):,} entries of the baseline are"
    data = {"count": len(entries), "ids": [each.id for each in entries[:_LISTED]]}
    return Note(code, f"{many} {what}: {'; '.join(named)}{more}", data)


@functools.cache
def _redactor() -> Redactor:
    return Redactor(catalogue.secret_patterns(catalogue.load()))


def _line(text: str, limit: int) -> str:
    """One line without hidden characters or credentials; never empty."""
    return cut(_redactor().redact(" ".join(terminal(text).split())).text, limit) or "-"
