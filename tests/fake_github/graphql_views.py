"""What GraphQL sees of pull requests. Fields that take arguments are functions; graphql-core calls them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fake_github import builders, graphql_issues, graphql_words, reviewing
from fake_github.graphql_objects import git_object
from fake_github.graphql_pages import connection, refusal
from fake_github.people import Token, User, may, may_edit, may_resolve, sees
from fake_github.pulls import Pull
from fake_github.remarks import Comment, Remark, Review, Thread

if TYPE_CHECKING:
    from fake_github.answers import Json
    from fake_github.limits import Limits
    from fake_github.pulls import Tips
    from fake_github.state import Node, Repository, State

CONTENTS = {
    "+1": "THUMBS_UP", "-1": "THUMBS_DOWN", "laugh": "LAUGH", "confused": "CONFUSED", "heart": "HEART",
    "hooray": "HOORAY", "rocket": "ROCKET", "eyes": "EYES",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Views:
    """As one token sees things."""

    state: State
    token: Token
    limits: Limits
    _tips: dict[Pull, Tips] = field(default_factory=dict)
    """Asked of git once a request."""

    def node(self, node_id: str) -> Json:
        return self.of(self.find(node_id))

    def find(self, node_id: str) -> Node:
        found = self.state.nodes.get(node_id)
        if found is None or not sees(self.token, _repository(found)) or self._is_hidden(found):
            raise refusal("NOT_FOUND", f"Could not resolve to a node with the global id of '{node_id}'")
        return found

    def of(self, node: Node) -> Json:
        if isinstance(node, Pull):
            return self.pull(node)
        if isinstance(node, Thread):
            return self.thread(node)
        return self.remark(node)

    def remark(self, node: Remark) -> Json:
        if isinstance(node, Review):
            return self.review(node)
        return self.comment(node) if isinstance(node, Comment) else self.issue_comment(node)

    def repository(self, full_name: str) -> Json:
        repo = self.state.repository(full_name) or self.state.moved.get(full_name.lower())
        if repo is None or not sees(self.token, repo):
            raise refusal("NOT_FOUND", f"Could not resolve to a Repository with the name '{full_name}'.")

        def pull(_: Any, number: int) -> Json:
            if number not in repo.pulls:
                raise refusal("NOT_FOUND", f"Could not resolve to a PullRequest with the number of {number}.")
            return self.pull(repo.pulls[number])

        def git_object(_: Any, expression: str | None = None, oid: str | None = None) -> Json | None:
            return self._object(repo, expression or oid or "")

        return {
            "__typename": "Repository",
            "id": repo.node_id,
            "nameWithOwner": repo.full_name,
            "pullRequest": pull,
            "object": git_object,
            **graphql_issues.fields(repo, self.token, self.actor),
        }

    def pull(self, it: Pull) -> Json:
        tips = self._ends(it)

        def reviews(_: Any, author: str | None = None, states: list[str] | None = None, **page: Any) -> Json:
            found = [
                review
                for review in it.all_reviews
                if not self._is_hidden(review)
                and (states is None or review.state in states)
                and author in (None, review.author.actor, review.author.login)
            ]
            return connection(found, self.review, "reviews", **page)

        def threads(_: Any, **page: Any) -> Json:
            found = [thread for thread in it.all_threads if not self._is_hidden(thread)]
            return connection(found, self.thread, "reviewThreads", **page)

        def comments(_: Any, orderBy: Json | None = None, **page: Any) -> Json:  # noqa: N803 - GitHub's name
            found = sorted(it.comments, key=lambda c: c.updated_at) if orderBy else it.comments
            found = list(reversed(found)) if orderBy and orderBy["direction"] == "DESC" else found
            return connection(found, self.issue_comment, "comments", **page)

        return {
            "__typename": "PullRequest",
            "id": it.node_id,
            "number": it.number,
            "title": it.title,
            "body": it.body or "",
            "state": "MERGED" if it.merged_at else it.state.upper(),
            "isDraft": it.draft,
            "baseRefOid": tips.base,
            "headRefOid": tips.head,
            "viewerDidAuthor": self._is_me(it.author),
            "reviews": reviews,
            "reviewThreads": threads,
            "comments": comments,
            **graphql_words.fields(it, tips, self.token, self.limits),
        }

    def thread(self, it: Thread) -> Json:
        where = reviewing.standing(it, self._ends(it.pull))
        may_change = may_resolve(self.token, it.pull)

        def comments(_: Any, skip: int = 0, **page: Any) -> Json:
            return connection(it.comments[skip:], self.comment, "comments", **page)

        return {
            "__typename": "PullRequestReviewThread",
            "id": it.node_id,
            "path": it.path,
            "diffSide": it.side,
            "startDiffSide": it.side if it.start_line else None,
            "line": where.line,
            "startLine": where.start_line,
            "originalLine": it.line,
            "originalStartLine": it.start_line,
            "isOutdated": where.outdated,
            "isCollapsed": it.resolved_by is not None or where.outdated,
            "isResolved": it.resolved_by is not None,
            "resolvedBy": self.actor(it.resolved_by, "User") if it.resolved_by else None,
            "subjectType": "LINE",
            "viewerCanReply": self._may_write(it.pull),
            "viewerCanResolve": may_change and it.resolved_by is None,
            "viewerCanUnresolve": may_change and it.resolved_by is not None,
            "comments": comments,
        }

    def comment(self, it: Comment) -> Json:
        where = reviewing.standing(it.thread, self._ends(it.pull))

        def groups(_: Any) -> list[Json]:
            return [_reaction_group(it, content) for content in CONTENTS]

        return {
            **self._words(it, "PullRequestReviewComment"),
            "authorAssociation": builders.association(it.author, it.pull.repository),
            "createdAt": it.created_at,
            "databaseId": it.id,
            "path": it.thread.path,
            "line": where.line,
            "originalLine": it.thread.line,
            "outdated": where.outdated,
            "reactionGroups": groups,
            "replyTo": (lambda _: self.comment(it.reply_to) if it.reply_to else None),
            "url": f"{builders.pull_url(it.pull)}#discussion_r{it.id}",
            "viewerCanUpdate": may_edit(self.token, it.author, it.pull.repository, ("pull_requests",)),
        }

    def issue_comment(self, it: Remark) -> Json:
        return self._words(it, "IssueComment")

    def review(self, it: Review) -> Json:
        return {
            **self._words(it, "PullRequestReview"),
            "state": it.state,
            "submittedAt": None if it.state == "PENDING" else it.created_at,
            "commit": {"__typename": "Commit", "id": f"C_kwDO{it.commit_id[:12]}", "oid": it.commit_id},
        }

    def actor(self, who: User, kind: str | None = None) -> Json:
        login = who.login if kind == "User" and self._is_me(who) else who.actor
        return {"__typename": kind or ("Bot" if who.is_bot else "User"), "id": who.node_id, "login": login}

    def _words(self, it: Remark, kind: str) -> Json:
        return {
            "__typename": kind,
            "id": it.node_id,
            "fullDatabaseId": str(it.id),
            "author": self.actor(it.author),
            "body": it.body,
            "isMinimized": it.minimized is not None,
            "minimizedReason": it.minimized,
            "viewerCanMinimize": self._may_write(it.pull),
            "viewerDidAuthor": self._is_me(it.author),
        }

    def _object(self, repo: Repository, expression: str) -> Json | None:
        if not may(self.token, repo, "contents", "read"):
            raise refusal("FORBIDDEN", self.token.refusal)
        sha = repo.objects.object_sha(expression) if expression else None
        return git_object(repo.objects, sha, self.limits) if sha else None

    def _ends(self, pull: Pull) -> Tips:
        if pull not in self._tips:
            self._tips[pull] = pull.tips()
        return self._tips[pull]

    def _is_me(self, who: User) -> bool:
        return who == self.token.user

    def _may_write(self, pull: Pull) -> bool:
        return may(self.token, pull.repository, "pull_requests", "write")

    def _is_hidden(self, node: Node) -> bool:
        """Parts of somebody else's pending review."""
        review = node.review if isinstance(node, Comment) else node
        review = node.comments[0].review if isinstance(node, Thread) else review
        return isinstance(review, Review) and review.state == "PENDING" and not self._is_me(review.author)


def _repository(node: Node) -> Repository:
    return node.repository if isinstance(node, Pull) else node.pull.repository


def _reaction_group(it: Comment, content: str) -> Json:
    found = [reaction for reaction in it.reactions if reaction.content == content]

    def reactors(_: Any, **page: Any) -> Json:
        return connection(found, lambda reaction: {"totalCount": reaction.id}, "reactors", **page)

    return {"content": CONTENTS[content], "reactors": reactors}
