"""What is said around a pull request: its commits, and the issues that merging it closes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fake_github.graphql_pages import connection, refusal
from fake_github.people import may

if TYPE_CHECKING:
    from fake_github.answers import Json
    from fake_github.limits import Limits
    from fake_github.objects import Commit
    from fake_github.people import Token
    from fake_github.pulls import LinkedIssue, Pull, Tips

HEADLINE = 72
"""Characters of a commit's subject that GitHub shows."""


def fields(it: Pull, tips: Tips, token: Token, limits: Limits) -> Json:
    """Resolvers, by field."""

    def commits(_: Any, **page: Any) -> Json:
        objects = it.repository.objects
        found = objects.between(tips.merge_base, tips.head)[: limits.commits]
        return connection(found, lambda sha: _commit(objects.commit(sha)), "commits", **page)

    def issues(_: Any, userLinkedOnly: bool = False, **page: Any) -> Json:  # noqa: ARG001, N803 - GitHub's name
        return connection(it.linked_issues, lambda each: _issue(each, token), "closingIssuesReferences", **page)

    return {"commits": commits, "closingIssuesReferences": issues}


def _commit(it: Commit) -> Json:
    """GitHub shortens a long subject."""
    subject = it.message.partition("\n")[0]
    headline = subject if len(subject) <= HEADLINE else f"{subject[: HEADLINE - 1]}…"
    commit = {"__typename": "Commit", "id": f"C_kwDO{it.sha[:12]}", "oid": it.sha, "messageHeadline": headline}
    return {"__typename": "PullRequestCommit", "id": f"PURC_kwDO{it.sha[:12]}", "commit": commit}


def _issue(it: LinkedIssue, token: Token) -> Any:
    """One that the token may not read is null, with an error (from reports, not from documentation)."""
    if not may(token, it.repository, "issues", "read"):
        return refusal("FORBIDDEN", token.refusal)
    place = {"__typename": "Repository", "id": it.repository.node_id, "nameWithOwner": it.repository.full_name}
    return {"__typename": "Issue", "id": it.node_id, "number": it.number, "title": it.title, "repository": place}
