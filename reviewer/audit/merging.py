"""The reports on parts of one thing, as the report on the whole of it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from reviewer.audit import parts
from reviewer.errors import Misuse
from reviewer.findings import Coverage, Note, NoteCode, Report
from reviewer.judgement import triage, verdict
from reviewer.messages import Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from reviewer.findings import Finding

_OF_ALL = frozenset({NoteCode.ALL_CACHED, NoteCode.NOTHING_TO_REVIEW, NoteCode.NO_MODEL})
"""What is true of the whole only where it is true of every part."""


def merged(reports: Sequence[Report]) -> Report:
    """Findings once each, the worst first, everything else added up; of different commits raises `Misuse`.

    A shard of an audit that is missing among the others is a loss. Of other reports that overlap lines count twice.
    """
    first = reports[0]
    for report in reports[1:]:
        if (report.head, report.base) != (first.head, first.base):
            spoken = " and ".join((each.head or "no commit")[:12] for each in (first, report))
            raise Misuse(f"these reports speak of {spoken}: merge only parts of one review")
    findings = _once(finding for report in reports for finding in report.findings)
    said, missing = parts.joined(reports)
    read = parts.besides(entry for report in reports for entry in report.unreviewed)
    unreviewed = tuple(dict.fromkeys((*read, *missing)))
    coverage = _summed(report.coverage for report in reports)
    return Report(
        status=verdict.status(findings, unreviewed, coverage),
        findings=findings,
        dropped=tuple(dict.fromkeys(drop for report in reports for drop in report.dropped)),
        unreviewed=tuple(sorted(unreviewed, key=lambda entry: (entry.path, entry.new or (0, 0), entry.old or (0, 0)))),
        coverage=coverage,
        usage=sum((report.usage for report in reports), Usage()),
        notes=(*_notes(reports), *said),
        head=first.head,
        base=first.base,
        policy_source=_joined(reports, lambda report: report.policy_source) or first.policy_source,
        provider=_joined(reports, lambda report: report.provider),
        model=_joined(reports, lambda report: report.model),
    )


def _once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    by_id: dict[str, Finding] = {}
    for finding in findings:
        by_id.setdefault(finding.fingerprint, finding)
    return tuple(sorted(by_id.values(), key=triage.rank))


def _summed(parts: Iterable[Coverage]) -> Coverage:
    total = Coverage()
    for part in parts:
        total = Coverage(
            total.files + part.files,
            total.reviewed_files + part.reviewed_files,
            total.changed_lines + part.changed_lines,
            total.reviewed_lines + part.reviewed_lines,
        )
    return total


def _notes(reports: Sequence[Report]) -> tuple[Note, ...]:
    """Each once; what is counted is added up."""
    times = Counter(note.code for report in reports for note in {each.code: each for each in report.notes}.values())
    kept: dict[tuple[str, str], Note] = {}
    secrets = 0
    for note in (note for report in reports for note in report.notes):
        if note.code is NoteCode.REDACTED and isinstance(note.data.get("count"), int):
            secrets += note.data["count"]
        elif note.code is not NoteCode.PART and (note.code not in _OF_ALL or times[note.code] == len(reports)):
            kept.setdefault((note.code, note.message), note)
    if secrets:
        message = f"{secrets} secret(s) were hidden from the model and this report"
        kept[NoteCode.REDACTED, message] = Note(NoteCode.REDACTED, message, {"count": secrets})
    return tuple(kept.values())


def _joined(reports: Sequence[Report], of: Callable[[Report], str | None]) -> str | None:
    return ", ".join(dict.fromkeys(filter(None, map(of, reports)))) or None
