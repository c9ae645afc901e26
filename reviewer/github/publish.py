"""Says on the pull request what was drafted: everything once, and what GitHub does not take, elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from reviewer.errors import Undelivered
from reviewer.findings import Side
from reviewer.github import attempts, bodies, checkrun, closing, state, twins
from reviewer.github.amendments import amended
from reviewer.github.corroboration import is_app
from reviewer.github.failures import GitHubError
from reviewer.github.posting import Poster, Written, address
from reviewer.github.threads import finding_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reviewer.change.commentable import Anchors
    from reviewer.github.client import Client
    from reviewer.github.draft import Comment, Draft
    from reviewer.github.threads import Existing

_SIDES = {"LEFT": Side.OLD, "RIGHT": Side.NEW}


@dataclass(frozen=True, slots=True)
class Published:
    """How it went. `demoted`: ids of findings that are in the summary instead of a comment of their own.

    `annotations`: GitHub does not let us write, `why` says so, and the caller is to deliver otherwise what is not
    among `said`, the ids of the findings that were posted.
    """

    url: str | None
    posted: int
    demoted: tuple[str, ...]
    delivered_as: Literal["review", "annotations"]
    why: str | None
    notes: tuple[str, ...] = ()
    said: tuple[str, ...] = ()


def _nowhere(_head: str) -> Anchors | None:
    return None


def _never() -> bool:
    return False


def publish(
    client: Client,
    draft: Draft,
    *,
    before: Existing,
    existing_now: Callable[[], Existing],
    anchors_at: Callable[[str], Anchors | None] = _nowhere,
    is_late: Callable[[], bool] = _never,
) -> Published:
    """Writes the draft; nothing at all where it is empty. `Undelivered` where something of it is not on GitHub.

    `before` is what the draft was made of; where it has nothing to read for people, only the check is made up, and
    what stands twice since two runs at once is deleted. `existing_now` is asked before the first write, because
    another run may have been quicker, after a review or a summary was made, because it may have been as quick, and
    where the answer to a write got lost; `anchors_at` (null: nobody knows) where the head is not the drafted commit;
    `is_late` before a write whose answer got lost is repeated.
    """
    written = Written(notes=list(draft.notes))
    poster = Poster(client, draft, existing_now, is_late)
    may_fold = before.check != ""  # else one of the others may be the true summary
    if not draft.is_new:
        if twins.later(before, summaries=may_fold):
            _tidy(poster, None, may_fold, written)
        return _published(written if draft.is_empty else _checked(client, draft, before, is_late, written), ())
    stale: Sequence[Comment] = ()
    try:
        now = existing_now()
        newer = _newer(draft, now)
        if newer is not None:
            written.notes.append(newer)
            return _published(written, ())
        poster = replace(poster, draft=_unsaid(draft, before, now))
        stale, said = _post(poster, now.head, anchors_at, written)
    except GitHubError as error:
        if error.kind == "forbidden":
            return _published(written, (), why=_forbidden(draft, written, error))
        raise Undelivered(_failure(draft, written, error)) from error
    written.notes += _demotions(stale, written)
    if written.reviews or written.summaries or twins.later(now, summaries=may_fold):
        _tidy(poster, said if written.summaries else None, may_fold, written)
    return _published(_checked(client, said, now, is_late, written), stale)


def _checked(client: Client, draft: Draft, now: Existing, is_late: Callable[[], bool], written: Written) -> Written:
    """The check comes last: it says that the rest was done."""
    viewer = now.viewer if is_app(now.viewer) else None
    written.notes += checkrun.post(client, draft.repository, draft.check, viewer=viewer, is_late=is_late)
    return written


def _post(
    poster: Poster, head: str, anchors_at: Callable[[str], Anchors | None], written: Written
) -> tuple[Sequence[Comment], Draft]:
    """Everything but the check; gives the comments that the head has no place for, and the draft as it was said."""
    draft = poster.draft
    comments, stale = _still_placed(draft, head, anchors_at)
    if head != draft.commit:
        written.notes.append(f"the head moved to {head[:12]} meanwhile: this review speaks of {draft.commit[:12]}")
    if draft.review_body:
        poster.post(comments, written)
    _close(poster, written)
    said = amended(draft, head, stale=[it.id for it in stale], refused=[it.id for it in written.refused])
    if said.summary_changed:
        url = _summarised(poster, said, written)
        written.url = written.url or url or None
    return stale, said


def _tidy(poster: Poster, said: Draft | None, may_fold: bool, written: Written) -> None:
    """Another run may have spoken at the same moment: of what stands twice the oldest stays, and tells what `said`, a
    draft whose summary was a new one, tells."""
    try:
        now = poster.existing_now()
        kept = now.summary
        if said and kept and kept.state != state.parse(said.summary) and _newer(said, now) is None:
            may_fold = _edit(poster, kept.database_id, said.summary) is not None and may_fold
        paths = twins.later(now, summaries=may_fold)
    except GitHubError as error:
        written.notes.append(f"whether another run said the same at the same moment is not known ({error})")
        return
    written.notes += twins.delete(poster.client, poster.draft.repository, paths, is_late=poster.is_late)


def _newer(draft: Draft, now: Existing) -> str | None:
    """Why nothing is written: another run has already spoken of the commit that is the head now."""
    reviewed = now.summary.state.head if now.summary else None
    if reviewed != now.head or reviewed == draft.commit:
        return None
    return (
        f"a review of {now.head[:12]}, the head now, is there already: this one, of {draft.commit[:12]}, is not posted"
    )


def _unsaid(draft: Draft, before: Existing, now: Existing) -> Draft:
    """The draft without what another run has said since, and with the summary that there is now."""
    old = {thread.id for thread in before.threads}
    said = {finding_of(thread) for thread in now.threads if thread.id not in old}
    comments = tuple(comment for comment in draft.comments if comment.id not in said)
    summary_there = now.summary is not None and now.summary.state == state.parse(draft.summary)
    review = state.parse(draft.review_body) if len(comments) < len(draft.comments) else None
    is_done = (draft.comments and not comments) or (not draft.comments and summary_there)
    return replace(
        draft,
        comments=comments,
        review_body="" if is_done else bodies.review(len(comments), review) if review else draft.review_body,
        summary_id=now.summary.database_id if now.summary else None,
        summary_changed=draft.summary_changed and not summary_there,
    )


def _still_placed(
    draft: Draft, head: str, anchors_at: Callable[[str], Anchors | None]
) -> tuple[Sequence[Comment], Sequence[Comment]]:
    """What is posted, and what is not because the head has no place for it. Without knowing, everything is posted:
    GitHub shows a comment on an earlier commit where its line is now, or as outdated."""
    anchors = None if head == draft.commit else anchors_at(head)
    if anchors is None:
        return draft.comments, ()
    placed = [comment for comment in draft.comments if _has_place(comment, anchors)]
    return placed, [comment for comment in draft.comments if comment not in placed]


def _has_place(comment: Comment, anchors: Anchors) -> bool:
    hunks = anchors.get(comment.path, {}).get(_SIDES[comment.side], ())
    first = comment.start_line or comment.line
    return any(first in hunk and comment.line in hunk for hunk in hunks)


def _close(poster: Poster, written: Written) -> None:
    """Before the summary, whose state says that it was done."""
    try:
        written.notes += closing.close(poster.client, poster.draft, is_late=poster.is_late)
    except GitHubError as error:
        if error.kind == "rate" or not written.reviews:
            raise
        written.notes.append(f"comments on fixed code could not be marked as such ({error})")


def _summarised(poster: Poster, said: Draft, written: Written) -> str:
    """After everything that its state speaks of; where people find it."""
    url = None if said.summary_id is None else _edit(poster, said.summary_id, said.summary)
    if url is None:
        url = _create(poster, said.summary)
        written.summaries += 1
    return url


def _edit(poster: Poster, summary_id: int, body: str) -> str | None:
    """Null where somebody deleted it."""
    path = f"/repos/{poster.draft.repository}/issues/comments/{summary_id}"
    try:
        _, answer = attempts.again(
            lambda: poster.client.rest("PATCH", path, body={"body": body}), is_late=poster.is_late
        )
    except GitHubError as error:
        if error.kind == "not_found":
            return None
        raise
    return address(answer)


def _create(poster: Poster, body: str) -> str:
    path = f"/repos/{poster.draft.repository}/issues/{poster.draft.number}/comments"

    def send() -> str:
        return address(poster.client.rest("POST", path, body={"body": body})[1])

    def stored() -> str | None:
        summary = poster.existing_now().summary
        return "" if summary and summary.state == state.parse(body) else None

    return attempts.once(send, stored, is_late=poster.is_late, settle=poster.client.settle)


def _demotions(stale: Sequence[Comment], written: Written) -> list[str]:
    reasons = (("has no place on the new head's diff", stale), ("was not accepted by GitHub", written.refused))
    return [
        f"the comment on {comment.path}:{comment.line} {reason}: it is in the summary"
        for reason, comments in reasons
        for comment in comments
    ]


def _published(written: Written, stale: Sequence[Comment], *, why: str | None = None) -> Published:
    return Published(
        url=written.url,
        posted=len(written.posted),
        demoted=() if why else tuple(comment.id for comment in (*stale, *written.refused)),
        delivered_as="annotations" if why else "review",
        why=why,
        notes=tuple(written.notes),
        said=tuple(comment.id for comment in written.posted),
    )


def _failure(draft: Draft, written: Written, error: GitHubError) -> str:
    """What is on GitHub, what is not, and why; the next run finds the comments by their markers."""
    if not written.reviews:
        return f"nothing was posted on {_name(draft)}: {error}"
    return f"{_many(written)} posted on {_name(draft)}, the rest was not; run again to complete it: {error}"


def _forbidden(draft: Draft, written: Written, error: GitHubError) -> str:
    """What may not be written, and why. By then the review may be there: the summary comes after it."""
    if not written.reviews:
        return f"this token may not comment on {_name(draft)}: {error}"
    is_whole = len(written.posted) + len(written.refused) >= len(draft.comments)
    return f"{_many(written)} posted; {'the summary' if is_whole else 'the rest'} could not be written: {error}"


def _many(written: Written) -> str:
    return "1 comment was" if len(written.posted) == 1 else f"{len(written.posted)} comments were"


def _name(draft: Draft) -> str:
    return f"{draft.repository}#{draft.number}"
