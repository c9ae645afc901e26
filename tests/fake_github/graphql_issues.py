"""What GraphQL sees of issues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fake_github import rest_issues
from fake_github.graphql_pages import connection, refusal
from fake_github.people import may

if TYPE_CHECKING:
    from collections.abc import Callable

    from fake_github.answers import Json
    from fake_github.issues import Issue, IssueNote
    from fake_github.people import Token, User
    from fake_github.state import Repository


def fields(repo: Repository, token: Token, actor: Callable[[User], Json]) -> Json:
    """Resolvers of a repository, by field."""

    def issue(_: Any, number: int) -> Json:
        if number not in repo.issues:
            raise refusal("NOT_FOUND", f"Could not resolve to an Issue with the number of {number}.")
        return view(repo.issues[number], token, actor)

    def issues(
        _: Any,
        filterBy: Json | None = None,  # noqa: N803 - GitHub's name
        orderBy: Json | None = None,  # noqa: N803
        states: list[str] | None = None,
        labels: list[str] | None = None,  # noqa: ARG001 - there are none
        **page: Any,
    ) -> Json:
        if not may(token, repo, "issues", "read"):
            raise refusal("FORBIDDEN", token.refusal)
        author = (filterBy or {}).get("createdBy")
        wanted = states or (filterBy or {}).get("states")
        found = [
            it
            for it in repo.issues.values()
            if author in (None, it.author.login, it.author.actor) and (not wanted or it.state.upper() in wanted)
        ]
        if orderBy and orderBy["field"] == "UPDATED_AT":
            found.sort(key=lambda it: (it.updated_at, it.number))
        if orderBy and orderBy["direction"] == "DESC":
            found.reverse()
        return connection(found, lambda it: view(it, token, actor), "issues", **page)

    return {"issue": issue, "issues": issues}


def view(it: Issue, token: Token, actor: Callable[[User], Json]) -> Json:
    def comments(_: Any, orderBy: Json | None = None, **page: Any) -> Json:  # noqa: ARG001, N803 - GitHub's name
        return connection(it.notes, lambda each: _note(each, token, actor), "comments", **page)

    return {
        "__typename": "Issue",
        "id": it.node_id,
        "fullDatabaseId": str(it.id),
        "number": it.number,
        "title": it.title,
        "body": it.body or "",
        "state": it.state.upper(),
        "stateReason": it.state_reason.upper() if it.state_reason else None,
        "closed": it.state == "closed",
        "url": rest_issues.issue_url(it),
        "author": actor(it.author),
        "viewerDidAuthor": it.author == token.user,
        "comments": comments,
    }


def _note(it: IssueNote, token: Token, actor: Callable[[User], Json]) -> Json:
    return {
        "__typename": "IssueComment",
        "id": it.node_id,
        "fullDatabaseId": str(it.id),
        "author": actor(it.author),
        "body": it.body,
        "isMinimized": False,
        "minimizedReason": None,
        "viewerCanMinimize": False,
        "viewerDidAuthor": it.author == token.user,
    }
