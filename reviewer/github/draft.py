"""What is going to be said on a pull request, as a value: decided here, without asking anybody; posted elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from reviewer.findings import DropReason, Side
from reviewer.findings import State as Standing
from reviewer.github import bodies, conclusion, state, summary
from reviewer.github.conclusion import Annotation, Check
from reviewer.github.reconcile import known, threads_by_finding
from reviewer.github.state import Known, State

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
    notes: tuple[str, ...] = ()
    summary_changed: bool = True
    instead: tuple[tuple[int, str], ...] = ()
    """For each thread of `resolve`: the edit to make where GitHub refuses to resolve it."""

    @property
    def is_empty(self) -> bool:
        """Nothing new: nothing at all is to be written."""
        return not (self.review_body or self.resolve or self.edit or self.summary_changed)


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
    current = _state(report, pull, existing, earlier, settings_digest)
    threads = threads_by_finding(existing)
    comments, notes = _comments(report, current, anchors, _with_nothing_to_add(report, existing, current, threads))
    said_already = existing.summary is not None and existing.summary.state == current
    words, body = _summary(report, current, {comment.id for comment in comments}.union(threads))
    if existing.summary and said_already:
        body = existing.summary.body
    new = any(finding.state is Standing.NEW for finding in report.findings)
    objects = request_changes and new and conclusion.at_the_bar(report, fail_on) > 0
    closed = _closed(report, current, existing, earlier)
    resolvable = [thread for thread, _ in closed if thread.can_resolve]
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
        check=conclusion.check(report, current.head, fail_on=fail_on, summary=words),
        notes=notes,
        summary_changed=not said_already,
        instead=tuple((thread.database_id, body) for thread, body in closed if thread.can_resolve),
    )


def _state(
    report: Report, pull: PullRequest, existing: Existing, earlier: Mapping[str, Known], settings_digest: str
) -> State:
    """What the next run will know. The round goes on where anything else does."""
    findings = [_remembered(finding, earlier) for finding in report.findings]
    there: set[str | None] = {each.id for each in findings}
    gone = {drop.fingerprint for drop in report.dropped if drop.reason is DropReason.DISMISSED} - there
    findings += [replace(each, status="dismissed") for each in earlier.values() if each.id in gone]
    lost = sorted({entry.path for entry in report.unreviewed if entry.reason.is_loss})
    before = existing.summary.state if existing.summary else None
    current = state.fitted(
        State(
            head=report.head or pull.head,
            base=report.base or pull.base,
            settings=settings_digest,
            complete=not lost,
            round=before.round if before else 1,
            findings=tuple(sorted(findings, key=lambda each: each.id)),
            lost=tuple(lost),
            again=tuple(sorted(drop.path for drop in report.dropped if drop.reason is DropReason.OVER_CAP)),
        )
    )
    return current if before in (None, current) else replace(current, round=current.round + 1)


def _remembered(finding: Finding, earlier: Mapping[str, Known]) -> Known:
    """An earlier finding that was not found again has no code of its own to remember."""
    status: state.KnownStatus = "fixed" if finding.state is Standing.FIXED else "open"
    before = earlier.get(finding.fingerprint)
    if before is not None and not finding.code:
        return replace(before, status=status)
    return state.known(finding, status)


def _with_nothing_to_add(
    report: Report, existing: Existing, current: State, threads: Mapping[str, Sequence[Thread]]
) -> set[str]:
    """Open findings that have a comment, or that did not get one on this very commit: GitHub would refuse it again."""
    before = existing.summary.state if existing.summary else None
    tried = before is not None and (before.head, before.base) == (current.head, current.base)
    known = {finding.fingerprint for finding in report.findings if finding.state is not Standing.NEW}
    return known if tried else known.intersection(threads)


def _comments(
    report: Report, current: State, anchors: Anchors, done: AbstractSet[str]
) -> tuple[tuple[Comment, ...], tuple[str, ...]]:
    """For what has none and a place on the diff, the worst first; and what is to be said of the others."""
    remembered = {each.id: each for each in current.findings}
    new = sorted(
        (each for each in summary.standing(report) if each.fingerprint not in done),
        key=lambda finding: finding.severity.rank,
    )
    placed: list[Comment] = []
    for finding in new:
        each = remembered.get(finding.fingerprint) or state.known(finding)
        comment = _comment(finding, each, current, anchors)
        if comment is not None:
            placed.append(comment)
    notes = []
    if len(placed) > MAX_COMMENTS:
        surplus = summary.plural(len(placed) - MAX_COMMENTS, "finding")
        notes.append(f"{surplus} beyond the {MAX_COMMENTS} comments of one review: in the summary alone")
    if len(placed) < len(new):
        notes.append(f"{summary.plural(len(new) - len(placed), 'finding')} without a place on the diff: in the summary")
    return tuple(placed[:MAX_COMMENTS]), tuple(notes)


def _comment(finding: Finding, each: Known, current: State, anchors: Anchors) -> Comment | None:
    """Null where its last line is not on the diff. Where the first is in another hunk, the comment is on the last."""
    span = finding.span
    if span.first is None or span.last is None:
        return None
    hunks = anchors.get(span.path, {}).get(span.side, ())
    hunk = next((hunk for hunk in hunks if span.last in hunk), None)
    if hunk is None:
        return None
    whole = span.first in hunk
    side = _SIDES[span.side]
    start = span.first if whole and span.first < span.last else None
    body = bodies.comment(finding, each, current, with_button=whole and side == "RIGHT")
    return Comment(span.path, span.last, side, start, side if start else None, body, finding.fingerprint)


def _summary(report: Report, current: State, commented: set[str]) -> tuple[str, str]:
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
    if draft.is_empty:
        return "\n".join([*lines, "nothing new: nothing will be written", *_checked(draft), ""])
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
