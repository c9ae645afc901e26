"""What GraphQL may change, and who may."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from fake_github import reviewing
from fake_github.answers import Json, Refused
from fake_github.graphql_pages import refusal
from fake_github.people import may, may_edit, may_resolve
from fake_github.pulls import Pull
from fake_github.remarks import Comment, Remark, Review, Thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fake_github.graphql_views import Views

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Mutations:
    """Each method is a field of Mutation; its argument is the field's `input`."""

    views: Views

    def fields(self) -> dict[str, Callable[..., Json]]:
        """As graphql-core calls them."""
        return {
            "addPullRequestReview": _taking(self.add_review),
            "addPullRequestReviewThreadReply": _taking(self.reply),
            "deletePullRequestReviewComment": _taking(self.delete_comment),
            "minimizeComment": _taking(self.minimize),
            "resolveReviewThread": _taking(self.resolve),
            "submitPullRequestReview": _taking(self.submit_review),
            "unminimizeComment": _taking(self.unminimize),
            "unresolveReviewThread": _taking(self.unresolve),
            "updatePullRequestReviewComment": _taking(self.update_comment),
        }

    def resolve(self, given: Json) -> Json:
        thread = self._thread(given["threadId"])
        thread.resolve(self.views.token.user.login)
        return {"thread": self.views.thread(thread), "clientMutationId": given.get("clientMutationId")}

    def unresolve(self, given: Json) -> Json:
        thread = self._thread(given["threadId"])
        thread.unresolve()
        return {"thread": self.views.thread(thread)}

    def reply(self, given: Json) -> Json:
        thread = self._find(given["pullRequestReviewThreadId"], Thread)
        self._demand_write(thread.pull)
        with _in_graphql():
            body = reviewing.check_body(given["body"])
        return {"comment": self.views.comment(thread.reply(self.views.token.user.login, body))}

    def update_comment(self, given: Json) -> Json:
        comment = self._own_comment(given["pullRequestReviewCommentId"])
        with _in_graphql():
            comment.edit(reviewing.check_body(given["body"]))
        return {"pullRequestReviewComment": self.views.comment(comment)}

    def delete_comment(self, given: Json) -> Json:
        comment = self._own_comment(given["id"])
        seen = self.views.comment(comment)
        comment.delete()
        return {"pullRequestReviewComment": seen}

    def minimize(self, given: Json) -> Json:
        remark = self._minimizable(given["subjectId"])
        remark.minimized = given["classifier"].lower().replace("_", "-")
        return {"minimizedComment": self.views.remark(remark)}

    def unminimize(self, given: Json) -> Json:
        remark = self._minimizable(given["subjectId"])
        remark.minimized = None
        return {"unminimizedComment": self.views.remark(remark)}

    def add_review(self, given: Json) -> Json:
        pull = self._find(given["pullRequestId"], Pull)
        self._demand_write(pull)
        names = {"startLine": "start_line", "startSide": "start_side"}
        threads = [
            {names.get(key, key): value for key, value in thread.items()} for thread in given.get("threads") or ()
        ]
        with _in_graphql():
            made = reviewing.submit(
                pull,
                self.views.token.user,
                body=given.get("body") or "",
                event=given.get("event"),
                commit_id=given.get("commitOID"),
                comments=[*threads, *(given.get("comments") or ())],
            )
        return {"pullRequestReview": self.views.review(made)}

    def submit_review(self, given: Json) -> Json:
        review = self._find(given.get("pullRequestReviewId") or "", Review)
        self._demand_write(review.pull)
        with _in_graphql():
            reviewing.finish(review, given["event"], given.get("body"))
        return {"pullRequestReview": self.views.review(review)}

    def _find(self, node_id: str, kind: type[T]) -> T:
        found = self.views.find(node_id)
        if not isinstance(found, kind):
            raise refusal("NOT_FOUND", f"Could not resolve to {kind.__name__} node with the global id of '{node_id}'.")
        return found

    def _thread(self, node_id: str) -> Thread:
        thread = self._find(node_id, Thread)
        if not may_resolve(self.views.token, thread.pull):
            raise refusal("FORBIDDEN", self.views.token.refusal)
        return thread

    def _own_comment(self, node_id: str) -> Comment:
        comment = self._find(node_id, Comment)
        if not may_edit(self.views.token, comment.author, comment.pull.repository, ("pull_requests",)):
            raise refusal("FORBIDDEN", self.views.token.refusal)
        return comment

    def _minimizable(self, node_id: str) -> Remark:
        remark = self._find(node_id, Remark)
        self._demand_write(remark.pull)
        return remark

    def _demand_write(self, pull: Pull) -> None:
        if not may(self.views.token, pull.repository, "pull_requests", "write"):
            raise refusal("FORBIDDEN", self.views.token.refusal)


def _taking(mutate: Callable[[Json], Json]) -> Callable[..., Json]:
    def field(_: Any, input: Json) -> Json:  # noqa: A002 - GitHub's name
        return mutate(input)

    return field


@contextmanager
def _in_graphql() -> Iterator[None]:
    """What REST refuses with a 422 is an error beside the data here."""
    try:
        yield
    except Refused as refused:
        raise refusal("UNPROCESSABLE", "; ".join(map(str, refused.errors))) from refused
