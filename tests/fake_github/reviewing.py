"""The rules of reviews: what is refused, and what becomes of a comment when the code moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fake_github.answers import unprocessable
from fake_github.remarks import Comment, Review, Thread

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fake_github.diffs import DiffFile
    from fake_github.people import User
    from fake_github.pulls import Pull, Tips

BODY = 65_536
STATES = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED", None: "PENDING"}
NO_HUNK = "Pull request review thread diff hunk can't be blank"
BAD_PATH = f"Pull request review thread path is invalid and {NO_HUNK}"
BAD_LINE = f"Pull request review thread line must be part of the diff and {NO_HUNK}"
BAD_START = "Pull request review thread start line must be part of the same hunk as the line."
BAD_ORDER = "Pull request review thread start line must precede the end line."
BAD_SIDE = "Pull request review thread side is invalid"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a new comment goes, checked against the diff."""

    path: str
    side: str
    line: int
    start_line: int | None
    position: int
    excerpt: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a thread is now; nulls once a push took its line."""

    line: int | None
    start_line: int | None
    position: int | None
    commit: str

    @property
    def outdated(self) -> bool:
        return self.line is None


def submit(
    pull: Pull,
    author: User,
    *,
    body: str = "",
    event: str | None = "COMMENT",
    commit_id: str | None = None,
    comments: Iterable[Mapping[str, Any]] = (),
) -> Review:
    """All or nothing: whatever is wrong, with the review or any comment of it, nothing is stored.

    `comments` as REST takes them; `event` null leaves the review pending.
    """
    drafts = list(comments)
    _check_words(pull, author, body, event, drafts)
    tips = pull.tips()
    commit = commit_id or tips.head
    if commit not in pull.repository.objects.between(tips.merge_base, tips.head):
        raise unprocessable("Commit is not part of the pull request")
    base = pull.repository.objects.merge_base(tips.base, commit) or tips.merge_base
    files = {file.path: file for file in pull.repository.diffs.between(base, commit)}
    places = [_place(draft, files) for draft in drafts]  # raises before anything is stored

    review = pull.new_review(author, body, STATES[event], commit)
    for draft, place in zip(drafts, places, strict=True):
        _begin(pull, review, place, draft["body"], base)
    return review


def finish(review: Review, event: str, body: str | None = None) -> None:
    """Submits a pending review."""
    if review.state != "PENDING":
        raise unprocessable("Can not submit a review that is not pending")
    words = review.body if body is None else body
    check_event(review.pull, review.author, words, event, len(review.comments))
    review.body, review.state = words, STATES[event]
    review.created_at = review.pull.repository.state.timestamp()


def check_body(body: str | None) -> str:
    if not body or not body.strip():
        raise unprocessable("Body can't be blank")
    if len(body) > BODY:
        raise unprocessable(f"Body is too long (maximum is {BODY} characters)")
    return body


def check_event(pull: Pull, author: User, body: str, event: str | None, comments: int) -> None:
    """What a review must have to be submitted."""
    if author == pull.author and event in ("APPROVE", "REQUEST_CHANGES"):
        verb = "approve" if event == "APPROVE" else "request changes on"
        raise unprocessable(f"Can not {verb} your own pull request")
    if event in ("COMMENT", "REQUEST_CHANGES") and not body.strip() and not comments:
        raise unprocessable("Body can't be blank")


def standing(thread: Thread, tips: Tips) -> Standing:
    """Follows a thread's lines to the pull request's head by git's own diff."""
    diffs = thread.pull.repository.diffs
    file = diffs.file(tips.merge_base, tips.head, thread.path)
    gone = Standing(None, None, None, thread.commit)
    if file is None:
        return gone
    left = thread.side == "LEFT"
    before, after = (thread.base, tips.merge_base) if left else (thread.commit, tips.head)
    path = file.previous or thread.path if left else thread.path
    line = diffs.moved(before, after, path, thread.line)
    start = diffs.moved(before, after, path, thread.start_line) if thread.start_line else None
    hunk = file.hunk(thread.side, line) if line else None
    row = hunk.row(thread.side, line) if hunk and line else None
    if row is None or (thread.start_line and start is None):
        return gone
    return Standing(line, start, row.position, tips.head)


def _check_words(pull: Pull, author: User, body: str, event: str | None, drafts: list[Mapping[str, Any]]) -> None:
    if len(body) > BODY:
        raise unprocessable(f"Body is too long (maximum is {BODY} characters)")
    check_event(pull, author, body, event, len(drafts))
    if event is None and any(r.state == "PENDING" and r.author == author for r in pull.all_reviews):
        raise unprocessable("User can only have one pending review per pull request")
    for draft in drafts:
        check_body(draft.get("body"))


def _place(draft: Mapping[str, Any], files: Mapping[str, DiffFile]) -> Place:
    """The place in the diff; a refusal does not say which of the comments it speaks of."""
    file = files.get(draft["path"])
    if file is None:
        raise unprocessable(BAD_PATH)
    side, line = _end(draft, file)
    hunk = file.hunk(side, line)
    row = hunk.row(side, line) if hunk else None
    if hunk is None or row is None:
        raise unprocessable(BAD_LINE)
    start = draft.get("start_line")
    if start is not None:
        _check_start(start, draft.get("start_side") or side, line, side)
        if hunk.row(side, start) is None:
            raise unprocessable(BAD_START)
    shown = hunk.rows[: hunk.rows.index(row) + 1]
    excerpt = "\n".join([hunk.header, *(each.text for each in shown)])
    return Place(file.path, side, line, start, row.position, excerpt)


def _end(draft: Mapping[str, Any], file: DiffFile) -> tuple[str, int]:
    """The side and line, which the deprecated `position` may name instead."""
    if "line" not in draft and "position" in draft:
        row = file.row_at(draft["position"])
        if row is not None and row.new is not None:
            return "RIGHT", row.new
        if row is not None and row.old is not None:
            return "LEFT", row.old
        raise unprocessable(BAD_LINE)
    side = draft.get("side") or "RIGHT"
    if side not in ("LEFT", "RIGHT"):
        raise unprocessable(BAD_SIDE)
    return side, draft.get("line") or 0


def _check_start(start: int, start_side: str, line: int, side: str) -> None:
    if start_side != side:
        raise unprocessable(BAD_START)
    if start >= line:
        raise unprocessable(BAD_ORDER)


def _begin(pull: Pull, review: Review, place: Place, body: str, base: str) -> None:
    state = pull.repository.state
    thread = Thread(
        id=state.number(),
        pull=pull,
        path=place.path,
        side=place.side,
        line=place.line,
        start_line=place.start_line,
        commit=review.commit_id,
        base=base,
        position=place.position,
        excerpt=place.excerpt,
    )
    state.remember(thread)
    pull.all_threads.append(thread)
    add_comment(thread, review, body)


def add_comment(thread: Thread, review: Review, body: str) -> Comment:
    """A first comment or a reply."""
    state = thread.pull.repository.state
    now = state.timestamp()
    comment = Comment(
        id=state.number(),
        pull=thread.pull,
        author=review.author,
        body=body,
        created_at=now,
        updated_at=now,
        thread=thread,
        review=review,
    )
    state.remember(comment)
    thread.comments.append(comment)
    review.comments.append(comment)
    return comment
