"""What is going to be said on a pull request, as a value: decided here, without asking anybody; posted elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from reviewer.findings import DropReason, Side
from reviewer.findings import State as Standing
from reviewer.github import bodies, conclusion, state, summary
from reviewer.github.conclusion import Annotation, Check
from reviewer.github.fitting import fitted
from reviewer.github.reconcile import known, threads_by_finding
from reviewer.github.state import Cut, Known, State
from reviewer.judgement import verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from reviewer.change.commentable import Anchors
    from reviewer.findings import Finding, Report
    from reviewer.github.pull import PullRequest
    from reviewer.github.threads import Existing, Thread

__all__ = ["Annotation", "Check", "Comment", "Draft", "draft", "render"]

MAX_COMMENTS = 25
"""In one review: GitHub takes 20 to 30."""

DiffSide = Literal["LEFT", "RIGHT"]
Event = Literal["COMMENT", "REQUEST_CHANGES"]

_SIDES: dict[Side, DiffSide] = {Side.NEW: "RIGHT", Side.OLD: "LEFT"}


@dataclass(frozen=True, slots=True)
class Comment:
    """An inline comment as GitHub's interface wants it; `id` is the finding's. One line: no start."""

    path: str
    line: int
    side: DiffSide
    start_line: int | None
    start_side: DiffSide | None
    body: str
    id: str


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything that is to be written. No review is posted where `review_body` is empty."""

    repository: str
    number: int
    commit: str
    event: Event
    comments: tuple[Comment, ...]
    review_body: str
    summary: str
    summary_id: int | None
    resolve: tuple[str, ...]
    edit: tuple[tuple[int, str], ...]
    check: Check
    report: Report
    commented: frozenset[str]
    """Findings that have a comment of their own, or get one: the others' words are in the summary."""
    notes: tuple[str, ...] = ()
    summary_changed: bool = True
    check_due: bool = True
    """Whether the check there is does not say this."""
    instead: tuple[tuple[int, str], ...] = ()
    """For each thread of `resolve`: the edit to make where GitHub refuses to resolve it."""

    @property
    def is_new(self) -> bool:
        """Whether people have something to read."""
        return bool(self.review_body or self.resolve or self.edit or self.summary_changed)

    @property
    def is_empty(self) -> bool:
        """Nothing at all is to be written."""
        return not (self.is_new or self.check_due)


def draft(
    report: Report,
    pull: PullRequest,
    existing: Existing,
    *,
    settings_digest: str,
    request_changes: bool,
    fail_on: str,
    anchors: Anchors,
) -> Draft:
    """What a reconciled report comes to on the pull request. `anchors`: of the commit that is reviewed."""
    earlier = known(existing)
    head, base = report.head or pull.head, report.base or pull.base
    chosen, notes = _chosen(report, anchors, _with_nothing_to_add(report, existing, head, base))
    commented = frozenset({each.fingerprint for each in chosen}.union(threads_by_finding(existing)))
    current = _state(report, (head, base), existing, (earlier, commented), settings_digest)
    comments = tuple(_comment(each, current, anchors) for each in chosen)
    said_already = existing.summary is not None and existing.summary.state == current
    words, body = _summary(report, current, commented)
    if existing.summary and said_already:
        body = existing.summary.body
    new = any(finding.state is Standing.NEW for finding in report.findings)
    objects = request_changes and new and verdict.at_the_bar(report, fail_on) > 0
    closed = _closed(report, current, existing, earlier)
    resolvable = [thread for thread, _ in closed if thread.can_resolve]
    check = conclusion.check(report, current.head, fail_on=fail_on, summary=words)
    check = conclusion.identified(check, current, pull.number)
    return Draft(
        repository=pull.repository,
        number=pull.number,
        commit=current.head,
        event="REQUEST_CHANGES" if objects else "COMMENT",
        comments=comments,
        review_body=bodies.review(len(comments), current) if comments or objects else "",
        summary=body,
        summary_id=existing.summary.database_id if existing.summary else None,
        resolve=tuple(thread.id for thread in resolvable),
        edit=tuple((thread.database_id, body) for thread, body in closed if not thread.can_resolve),
        check=check,
        report=replace(report, head=head, base=base),
        commented=commented,
        notes=notes,
        summary_changed=not said_already,
        check_due=not said_already or existing.check not in (None, check.external_id),
        instead=tuple((thread.database_id, body) for thread, body in closed if thread.can_resolve),
    )


def _state(
    report: Report,
    commits: tuple[str, str],
    existing: Existing,
    said: tuple[Mapping[str, Known], AbstractSet[str]],
    settings_digest: str,
) -> State:
    """What the next run will know. `commits`: head and base; `said`: what was known, and what has a comment.

    The round goes on where anything else does.
    """
    earlier, commented = said
    findings = [_remembered(finding, earlier, commented) for finding in report.findings]
    there: set[str | None] = {each.id for each in findings}
    gone = {drop.fingerprint for drop in report.dropped if drop.reason is DropReason.DISMISSED} - there
    findings += [replace(each, status="dismissed", words="") for each in earlier.values() if each.id in gone]
    lost = sorted({entry.path for entry in report.unreviewed if entry.reason.is_loss})
    before = existing.summary.state if existing.summary else None
    cut = [Cut(drop.path, drop.severity) for drop in report.dropped if drop.reason is DropReason.OVER_CAP]
    current = fitted(
        State(
            head=commits[0],
            base=commits[1],
            settings=settings_digest,
            complete=not lost,
            round=before.round if before else 1,
            findings=tuple(sorted(findings, key=lambda each: each.id)),
            lost=tuple(lost),
            again=tuple(sorted(cut, key=lambda each: (each.path, each.severity or ""))),
            rounds=state.rounds_before(existing.believed, commits[0]),
        )
    )
    return current if before in (None, current) else replace(current, round=current.round + 1)


def _remembered(finding: Finding, earlier: Mapping[str, Known], commented: AbstractSet[str]) -> Known:
    """An earlier finding that was not found again has no code of its own to remember."""
    is_fixed = finding.state is Standing.FIXED
    before = earlier.get(finding.fingerprint)
    each = state.known(finding) if before is None or finding.code else before
    silent = is_fixed or finding.fingerprint in commented
    return replace(each, status="fixed" if is_fixed else "open", words="" if silent else state.words(finding))


def _with_nothing_to_add(report: Report, existing: Existing, head: str, base: str) -> set[str]:
    """Open findings that have a comment, or that did not get one on this very commit: GitHub would refuse it again."""
    before = existing.believed
    tried = before is not None and (before.head, before.base) == (head, base)
    known = {finding.fingerprint for finding in report.findings if finding.state is not Standing.NEW}
    return known if tried else known.intersection(threads_by_finding(existing))


def _chosen(report: Report, anchors: Anchors, done: AbstractSet[str]) -> tuple[Sequence[Finding], tuple[str, ...]]:
    """What gets a comment: what has none and a place on the diff, the worst first; and what is to be said of the
    others."""
    new = sorted(
        (each for each in summary.standing(report) if each.fingerprint not in done),
        key=lambda finding: finding.severity.rank,
    )
    placed = [finding for finding in new if _hunk(finding, anchors) is not None]
    notes = []
    if len(placed) > MAX_COMMENTS:
        surplus = summary.plural(len(placed) - MAX_COMMENTS, "finding")
        notes.append(f"{surplus} beyond the {MAX_COMMENTS} comments of one review: in the summary alone")
    if len(placed) < len(new):
        notes.append(f"{summary.plural(len(new) - len(placed), 'finding')} without a place on the diff: in the summary")
    return placed[:MAX_COMMENTS], tuple(notes)


def _hunk(finding: Finding, anchors: Anchors) -> range | None:
    """Where its last line is on the diff; null where it is not."""
    span = finding.span
    if span.first is None or span.last is None:
        return None
    hunks = anchors.get(span.path, {}).get(span.side, ())
    return next((hunk for hunk in hunks if span.last in hunk), None)


def _comment(finding: Finding, current: State, anchors: Anchors) -> Comment:
    """On the last line alone where the first is in another hunk."""
    span, hunk = finding.span, _hunk(finding, anchors)
    if hunk is None or span.first is None or span.last is None:
        raise ValueError(f"{finding.fingerprint} has no place on the diff")
    each = next((each for each in current.findings if each.id == finding.fingerprint), state.known(finding))
    whole = span.first in hunk
    side = _SIDES[span.side]
    start = span.first if whole and span.first < span.last else None
    body = bodies.comment(finding, each, current, with_button=whole and side == "RIGHT")
    return Comment(span.path, span.last, side, start, side if start else None, body, finding.fingerprint)


def _summary(report: Report, current: State, commented: AbstractSet[str]) -> tuple[str, str]:
    """The words, and the whole comment."""
    marker = state.marker(current)
    words = summary.text(report, commented, bodies.MAX - len(marker) - 2)
    return words, f"{words}\n\n{marker}"


def _closed(
    report: Report, current: State, existing: Existing, earlier: Mapping[str, Known]
) -> list[tuple[Thread, str]]:
    """Open threads of what was fixed just now, where nobody else has spoken; and what our comment could say instead."""
    threads = threads_by_finding(existing)
    closed: list[tuple[Thread, str]] = []
    for finding in report.findings:
        each = earlier.get(finding.fingerprint)
        if finding.state is not Standing.FIXED or each is None or _was_fixed(each, existing):
            continue
        body = bodies.fixed(each, current)
        closed += [
            (thread, body)
            for thread in threads.get(each.id, ())
            if not (thread.resolved or thread.human_reply or _says_fixed(thread.body))
        ]
    return closed


def _was_fixed(each: Known, existing: Existing) -> bool:
    """The summary, which is written last, says so: whoever opened the thread again wants it open."""
    return existing.summary is not None and each.status == "fixed"


def _says_fixed(body: str) -> bool:
    found = state.parse(body)
    return found is not None and all(each.status == "fixed" for each in found.findings)


def render(draft: Draft) -> str:
    """What is going to be posted, for people; every posted line has a bar before it."""
    lines = [f"{draft.repository}#{draft.number}, commit {draft.commit}"]
    if not draft.is_new:
        what = "nothing" if draft.is_empty else "only the check"
        return "\n".join([*lines, f"nothing new: {what} will be written", *_checked(draft), ""])
    if draft.review_body:
        lines += ["", f"review ({draft.event})", *_quoted(draft.review_body)]
    for comment in draft.comments:
        first = f"{comment.start_line}-" if comment.start_line else ""
        lines += ["", f"comment on {comment.path}:{first}{comment.line} ({comment.side})", *_quoted(comment.body)]
    how = f"edit of comment {draft.summary_id}" if draft.summary_id else "new comment"
    lines += ["", f"summary ({how})", *_quoted(draft.summary)]
    lines += [f"resolve thread {thread}" for thread in draft.resolve]
    for comment_id, body in draft.edit:
        lines += ["", f"edit of comment {comment_id}", *_quoted(body)]
    return "\n".join([*lines, *_checked(draft), *(f"note: {note}" for note in draft.notes), ""])


def _quoted(body: str) -> Sequence[str]:
    """A runner obeys `##[cmd]` anywhere in a line, and `::cmd::` at its start."""
    return [f"│ {line}".rstrip().replace("##[", "# #[") for line in state.elided(body).split("\n")]


def _checked(draft: Draft) -> Sequence[str]:
    check = draft.check
    annotations = summary.plural(len(check.annotations), "annotation")
    return ["", f"check {check.name}: {check.conclusion}, {check.title} ({annotations})"]
