"""Who dismissed what we said, and whether that person may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from reviewer.github.failures import GitHubError
from reviewer.github.threads import finding_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reviewer.github.pull import PullRequest
    from reviewer.github.threads import Client, Thread

_WRITERS = frozenset({"admin", "maintain", "write"})


def dismissals(client: Client, pull: PullRequest, threads: Iterable[Thread]) -> Mapping[str, bool]:
    """By finding, who resolved it or reacted 👎: true: with write access and not the author, false: others.

    Asks GitHub only about threads that somebody dismissed.
    """
    may_write: dict[str, bool] = {}
    dismissed: dict[str, bool] = {}
    for thread in threads:
        people = _dismissers(client, pull, thread)
        if not people:
            continue
        finding = finding_of(thread)
        for login in people.difference(may_write):
            may_write[login] = _counts(client, pull, login)
        dismissed[finding] = dismissed.get(finding, False) or any(may_write[login] for login in people)
    return dismissed


def _dismissers(client: Client, pull: PullRequest, thread: Thread) -> set[str]:
    people = {thread.resolved_by} if thread.resolved and thread.resolved_by else set()
    if thread.thumbs_down:
        path = f"/repos/{pull.repository}/pulls/comments/{thread.database_id}/reactions"
        _, reactions = client.rest("GET", path, query={"content": "-1", "per_page": 100})
        if not isinstance(reactions, list):
            raise GitHubError(f"GET {path}: GitHub's answer is no list: try again later", status=200, kind="server")
        people |= _reactors(reactions)
    return people


def _reactors(reactions: Iterable[Any]) -> set[str]:
    """Without those whose account is gone."""
    users = (each.get("user") for each in reactions if isinstance(each, dict))
    return {user["login"] for user in users if isinstance(user, dict) and isinstance(user.get("login"), str)}


def _counts(client: Client, pull: PullRequest, login: str) -> bool:
    """Whether that person may decide: someone with write access who did not write the change."""
    if login.casefold() == pull.author.casefold():
        return False
    try:
        _, answer = client.rest("GET", f"/repos/{pull.repository}/collaborators/{quote(login, safe='')}/permission")
    except GitHubError as error:
        if error.kind in {"not_found", "forbidden"}:
            return False  # no collaborator, or not ours to know: then it is no dismissal
        raise
    return isinstance(answer, dict) and str(answer.get("permission")) in _WRITERS
