"""A second look, at what was found in the whole tree: repeated patterns become one finding, and what shows only in
several files together is named. The code is not read again, and nothing is added without evidence."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reviewer import templates
from reviewer.audit import places, remarks
from reviewer.change.numbered import shown_path
from reviewer.findings import DropReason, Note, NoteCode, Span, State
from reviewer.judgement import anchor, triage, verdict
from reviewer.messages import Message, Usage
from reviewer.model.failures import ModelFailure
from reviewer.prompts import fenced
from reviewer.text.sanitise import reveal
from reviewer.text.tokens import estimate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Future

    from reviewer.audit.remarks import Remarks
    from reviewer.findings import Claim, Dropped, Finding, Report, Severity
    from reviewer.messages import Reply

MAX_TOKENS = 8_000
"""Of findings in one question."""
MAX_QUESTIONS = 4
OUTLINE_TOKENS = 3_000
RULE = "cross-file"
"""What a problem is found by that shows in several files together."""
_BODY = 300
"""Characters of a finding's explanation that are shown again."""


@dataclass(frozen=True, slots=True)
class Row:
    """A definition, as the outline tells it."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """How a whole is looked at. `outline` gives rows for paths, the most telling first; `placed` makes a finding."""

    outline: Callable[[Sequence[str]], Iterable[Row]]
    placed: Callable[[Claim], Finding | None]
    floor: Severity
    language: str = "English"

    def of(self, report: Report, ask: Callable[[Sequence[Message]], Reply] | None) -> Report:
        """The report with its patterns; `ask` null: those that need nobody to see them."""
        report = grouped(report)
        standing = [each for each in report.findings if each.state is not State.FIXED]
        if ask is None or len(standing) < 2:
            return report
        rows = tuple(_fitting(self.outline(list(dict.fromkeys(each.span.path for each in standing))), OUTLINE_TOKENS))
        evidence: dict[str, Row] = {f"o{number}": row for number, row in enumerate(rows, 1)}
        pool = ThreadPoolExecutor(MAX_QUESTIONS)
        try:  # all at once: nobody wants to wait for four answers, one after the other, at the end
            asked = [
                (findings, pool.submit(ask, question(findings, evidence, self.language)))
                for findings in _questions(standing)
            ]
            for findings, answer in asked:
                report = self._heard(report, answer, findings, evidence)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        return report

    def _heard(
        self, report: Report, answer: Future[Reply], findings: Mapping[str, Finding], evidence: Mapping[str, Row]
    ) -> Report:
        try:
            reply = answer.result()
        except ModelFailure as failure:
            note = Note(NoteCode.OVERVIEW, f"nobody looked at the whole of it a second time: {failure}")
            more = () if any(each.message == note.message for each in report.notes) else (note,)
            return replace(report, notes=(*report.notes, *more), usage=report.usage + failure.spent)
        said = remarks.read(reply.text, findings, {name: row.span for name, row in evidence.items()})
        return self._applied(report, said, findings, reply.usage)

    def _applied(self, report: Report, said: Remarks, ids: Mapping[str, Finding], spent: Usage) -> Report:
        report = _joined(report, [[ids[name] for name in pattern] for pattern in said.patterns])
        found: list[Finding] = []
        dropped: list[Dropped] = list(said.dropped)
        for claim, shown in said.problems:
            finding = self.placed(replace(claim, rule=RULE, span=shown[0]))
            if finding is None:
                dropped.append(remarks.drop(claim, DropReason.INVALID, "its first piece of evidence cannot be read"))
            elif not finding.severity.reaches(self.floor):
                detail = f"{finding.severity} is below the floor, {self.floor}"
                dropped.append(triage.drop(finding, DropReason.BELOW_SEVERITY, detail))
            else:
                found.append(replace(finding, places=shown[1:]))
        taken = {each.fingerprint for each in report.findings}
        new = [each for each in anchor.distinguish(found) if each.fingerprint not in taken]
        return _with(report, [*report.findings, *new], dropped, spent)


def grouped(report: Report) -> Report:
    """One finding for all places of which the same rule says the same."""
    alike: dict[tuple[object, ...], list[Finding]] = {}
    for finding in report.findings:
        if finding.state is not State.FIXED:
            key = finding.origin, finding.rule, finding.category, finding.title
            alike.setdefault(key, []).append(finding)
    return _joined(report, [each for each in alike.values() if len(each) > 1])


def most(language: str) -> tuple[int, int]:
    """How many questions there are at most, and the tokens of one."""
    frame = sum(estimate(message.content) for message in question({}, {"o1": Row(Span(""), "")}, language))
    return MAX_QUESTIONS, frame + MAX_TOKENS + OUTLINE_TOKENS


def question(findings: Mapping[str, Finding], outline: Mapping[str, Row], language: str) -> tuple[Message, Message]:
    """What was found and what is defined, each line under its id; no code."""
    system = templates.render("overview.system.md.j2", language=language)
    said = "\n".join(_entry(name, finding) for name, finding in findings.items())
    rows = "\n".join(f"[{name}] {_place(row.span)} {_line(row.text)}" for name, row in outline.items())
    user = templates.render(
        "overview.user.md.j2", findings=fenced("findings", said), outline=fenced("outline", rows) if rows else ""
    )
    return Message("system", system), Message("user", user)


def _joined(report: Report, groups: Sequence[Sequence[Finding]]) -> Report:
    """Each group as its worst member, which keeps its words and its id, with the places of all."""
    leads: dict[str, Finding] = {}
    gone: dict[str, Dropped] = {}
    for group in groups:
        members = [each for each in group if each.fingerprint not in leads and each.fingerprint not in gone]
        if len(members) > 1:
            lead, *others = sorted(members, key=triage.rank)
            more = [place for each in others for place in (each.span, *each.places)]
            leads[lead.fingerprint] = replace(lead, places=(*lead.places, *more))
            for each in others:
                gone[each.fingerprint] = triage.drop(each, DropReason.DUPLICATE, places.detail(lead))
    kept = [leads.get(each.fingerprint, each) for each in report.findings if each.fingerprint not in gone]
    return _with(report, kept, list(gone.values()), Usage())


def _with(report: Report, findings: Iterable[Finding], dropped: Sequence[Dropped], spent: Usage) -> Report:
    ordered = tuple(sorted(findings, key=triage.rank))
    standing = [each for each in ordered if each.state is not State.FIXED]
    return replace(
        report,
        status=verdict.status(standing, report.unreviewed, report.coverage),
        findings=ordered,
        dropped=(*report.dropped, *dropped),
        usage=report.usage + spent,
    )


def _questions(findings: Sequence[Finding]) -> Iterator[dict[str, Finding]]:
    """The worst first, at most `MAX_QUESTIONS` of `MAX_TOKENS`, each finding under an id of its own."""
    group: dict[str, Finding] = {}
    tokens = asked = 0
    for number, finding in enumerate(findings, 1):
        cost = estimate(_entry(f"f{number}", finding))
        if group and tokens + cost > MAX_TOKENS:
            yield group
            group, tokens, asked = {}, 0, asked + 1
            if asked == MAX_QUESTIONS:
                return
        group[f"f{number}"] = finding
        tokens += cost
    if len(group) > 1:
        yield group


def _fitting(rows: Iterable[Row], tokens: int) -> Iterator[Row]:
    for row in rows:
        tokens -= estimate(row.text) + estimate(row.span.path) + 8
        if tokens < 0:
            return
        yield row


def _entry(name: str, finding: Finding) -> str:
    more = f" and {len(finding.places)} more" if finding.places else ""
    rule = f" {_line(finding.rule)}" if finding.rule else ""
    head = f"[{name}] {_place(finding.span)}{more} {finding.severity} {finding.category}{rule}"
    return f"{head}: {_line(finding.title)}. {_line(finding.body)[:_BODY]}"


def _line(text: str) -> str:
    return " ".join(reveal(text).split())


def _place(span: Span) -> str:
    return shown_path(span.path) + ("" if span.first is None else f":{span.first}")
