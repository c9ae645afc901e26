"""The review with its inline comments: whole, or without those that GitHub does not take."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from reviewer.github import attempts, bodies, state
from reviewer.github.answers import text
from reviewer.github.failures import GitHubError, strange

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reviewer.github.client import Client
    from reviewer.github.draft import Comment, Draft, Event
    from reviewer.github.state import State
    from reviewer.github.threads import Existing

MOST_REVIEWS = 24
"""Reviews that are tried for one draft: enough to find two bad comments among 25. Each takes a second."""

# "end_commit_oid is not part of the pull request", "Commit is not part of …": no comment on it can be taken.
_COMMIT_GONE = re.compile(r"commit.{0,8} is not part of|no commit found", re.IGNORECASE)
# A limit in the dress of a refusal: seen as 422 with "was submitted too quickly" or the code `abuse`.
_TOO_QUICK = re.compile(r"\(422 .*(?:submitted too quickly|\babuse\b)", re.IGNORECASE)


@dataclass(slots=True)
class Written:
    """What there is on GitHub by now. `refused`: comments that it did not take."""

    url: str | None = None
    reviews: int = 0
    summaries: int = 0
    """New ones."""
    posted: list[Comment] = field(default_factory=list)
    refused: list[Comment] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Poster:
    """Posts the reviews of one draft, one after the other. `existing_now` is asked where an answer got lost."""

    client: Client
    draft: Draft
    existing_now: Callable[[], Existing]
    is_late: Callable[[], bool]

    def post(self, comments: Sequence[Comment], written: Written) -> None:
        """One review. Where GitHub refuses it (422: all or nothing, and it does not say which), its halves."""
        whole, event = tuple(comments), self.draft.event
        if event == "COMMENT":
            if whole:
                self._halved(whole, written)
            return
        refusal = self._try(whole, event, written)
        if refusal is None:
            return
        # Who may not request changes (of one's own pull request) may comment; and a comment may be to blame.
        if whole:
            self._halved(whole, written)
        if not written.refused or self._try((), event, written) is not None:
            written.notes.append(
                f"GitHub takes no request for changes from this token: the review comments only ({refusal})"
            )

    def _halved(self, whole: tuple[Comment, ...], written: Written) -> None:
        """Every comment ends up either posted or refused."""
        waiting = deque([whole])
        for _ in range(MOST_REVIEWS):
            if not waiting:
                return
            part = waiting.popleft()
            refusal = self._try(part, "COMMENT", written)
            if refusal is None:
                continue
            if _COMMIT_GONE.search(str(refusal)):
                waiting.appendleft(part)
                break
            if len(part) == 1:
                written.refused += part
            else:
                middle = len(part) // 2
                waiting.extendleft((part[middle:], part[:middle]))
        written.refused += (comment for part in waiting for comment in part)

    def _try(self, part: tuple[Comment, ...], event: Event, written: Written) -> GitHubError | None:
        """Why GitHub refuses to take such a review; null where it took it."""
        try:
            url = attempts.once(
                partial(self._send, part, event),
                partial(self._stored, part),
                is_late=self.is_late,
                settle=self.client.settle,
            )
        except GitHubError as error:
            if error.status == 422 and not _TOO_QUICK.search(str(error)):
                return error
            raise
        written.url = written.url or url or None
        written.reviews += 1
        written.posted += part
        return None

    def _send(self, part: tuple[Comment, ...], event: Event) -> str:
        draft = self.draft
        body = {"commit_id": draft.commit, "event": event, "body": self._body(part)}
        given = {"comments": [_comment(each) for each in part]} if part else {}
        _, answer = self.client.rest("POST", f"{_pull(draft)}/reviews", body={**body, **given})
        return address(answer)

    def _body(self, part: tuple[Comment, ...]) -> str:
        """As drafted; for a part of it, with the part's own number of comments."""
        review = state.parse(self.draft.review_body)
        if review is None or len(part) == len(self.draft.comments):
            return self.draft.review_body
        return bodies.review(len(part), review)

    def _stored(self, part: tuple[Comment, ...]) -> str | None:
        """Empty where GitHub has it: the markers of the comments tell, and those without any, of the review."""
        existing = self.existing_now()
        if not part:
            return self._stored_alone(existing.viewer)
        there = {state.parse(thread.body) for thread in existing.threads}
        return "" if all(state.parse(comment.body) in there for comment in part) else None

    def _stored_alone(self, viewer: str | None) -> str | None:
        wanted = state.parse(self._body(()))
        for page in self.client.pages(f"{_pull(self.draft)}/reviews"):
            for review in page:
                if viewer is not None and self._is_it(review, viewer, wanted):
                    return address(review)
        return None

    def _is_it(self, review: Any, viewer: str, wanted: State | None) -> bool:
        try:
            is_ours = (review["user"] or {}).get("login") == viewer and review["commit_id"] == self.draft.commit
            return is_ours and state.parse(text(review["body"])) == wanted
        except (KeyError, TypeError, AttributeError) as error:
            raise strange("GitHub lists a review", error) from error


def address(answer: Any) -> str:
    """Where a person finds it; empty where the answer does not say."""
    url = answer.get("html_url") if isinstance(answer, dict) else None
    return url if isinstance(url, str) else ""


def _pull(draft: Draft) -> str:
    return f"/repos/{draft.repository}/pulls/{draft.number}"


def _comment(comment: Comment) -> dict[str, Any]:
    """Without a start where that is the line itself: GitHub refuses it."""
    given = {"path": comment.path, "body": comment.body, "line": comment.line, "side": comment.side}
    if comment.start_line in (None, comment.line):
        return given
    return {**given, "start_line": comment.start_line, "start_side": comment.start_side or comment.side}
