"""Threads about code that is gone: resolved, or else our comment says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.github import attempts
from reviewer.github.failures import GitHubError

if TYPE_CHECKING:
    from collections.abc import Callable

    from reviewer.github.client import Client
    from reviewer.github.draft import Draft

RESOLVE = """
mutation Resolve($thread: ID!) {
  resolveReviewThread(input: {threadId: $thread}) { thread { isResolved } }
}
"""


def close(client: Client, draft: Draft, *, is_late: Callable[[], bool]) -> list[str]:
    """What could not be closed, in words; what is gone meanwhile is skipped.

    Raises at a rate limit, and where the token may not edit our own comments: then it may not write at all.
    """
    notes: list[str] = []
    edits = list(draft.edit)
    instead = dict(zip(draft.resolve, draft.instead, strict=False))
    refusal: GitHubError | None = None
    for thread in draft.resolve:
        if refusal is None or refusal.kind != "forbidden":  # else the token may resolve no other either
            refusal = _resolve(client, thread, is_late)
        if refusal is None:
            continue
        if thread in instead:
            edits.append(instead[thread])
        else:
            notes.append(f"a thread about fixed code stays open ({refusal})")
    for comment, body in edits:
        trouble = _edit(client, draft.repository, comment, body, is_late)
        if trouble is not None:
            notes.append(f"a comment on fixed code could not be marked as such ({trouble})")
    return notes


def _resolve(client: Client, thread: str, is_late: Callable[[], bool]) -> GitHubError | None:
    """FACTS: a workflow's token with `pull-requests: write` alone may be refused."""
    try:
        attempts.again(lambda: client.graphql(RESOLVE, {"thread": thread}), is_late=is_late)
    except GitHubError as error:
        if error.kind == "rate":
            raise
        return None if error.kind == "not_found" else error
    return None


def _edit(client: Client, repository: str, comment: int, body: str, is_late: Callable[[], bool]) -> GitHubError | None:
    path = f"/repos/{repository}/pulls/comments/{comment}"
    try:
        attempts.again(lambda: client.rest("PATCH", path, body={"body": body}), is_late=is_late)
    except GitHubError as error:
        if error.kind in ("rate", "forbidden"):
            raise
        return None if error.kind == "not_found" else error
    return None
