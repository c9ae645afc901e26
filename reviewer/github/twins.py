"""What two runs at once have said twice: the first stays, the later one is deleted.

Another workflow speaks with our name too, and may repeat a state that somebody wrote: what does not open with our own
words is not ours to delete.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.github import attempts, state
from reviewer.github.failures import GitHubError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reviewer.github.client import Client
    from reviewer.github.threads import Existing

_SUMMARY = re.compile(r"### (?:Failed: |Incomplete: |No findings|Nothing to review|[\d,]+ findings?\b)")
_COMMENT = re.compile(r"\*\*(?:(?:Critical|High|Medium|Low) · |Fixed in )")


def later(existing: Existing, *, summaries: bool = True) -> list[str]:
    """Paths below the repository of those of our comments that say again what an older one says, in the same words or
    not. Every run comes to the same ones: what counts is GitHub's own numbers.
    """
    found = [f"pulls/comments/{number}" for number in _comments(existing)]
    others = (other for other in existing.others if summaries and _SUMMARY.match(other.body))
    return found + [f"issues/comments/{other.database_id}" for other in others]


def delete(client: Client, repository: str, paths: list[str], *, is_late: Callable[[], bool]) -> list[str]:
    """What came of it, in words; what is gone meanwhile is skipped. The next run tries again."""
    for done, path in enumerate(paths):
        left = f"{_many(len(paths) - done)} twice, made by two runs at once: run again to delete what is too many"
        if is_late():
            return [f"{left} (the deadline has passed)"]
        try:
            attempts.again(_deletion(client, f"/repos/{repository}/{path}"), is_late=is_late)
        except GitHubError as error:
            if error.kind != "not_found":
                return [f"{left} ({error})"]
    return [f"{_many(len(paths))} twice, made by two runs at once: the later one was deleted"] if paths else []


def _comments(existing: Existing) -> Iterator[int]:
    """Of the same finding, by reviews of the same head and round. What people have answered to stays."""
    there: set[tuple[str, int, str] | None] = set()
    for thread in sorted(existing.threads, key=lambda each: each.database_id):
        said = state.parse(thread.body)
        what = (said.head, said.round, said.findings[0].id) if said else None
        is_untouched = not thread.replied and not thread.thumbs_down and thread.resolved_by is None
        if what and what in there and is_untouched and _COMMENT.match(thread.body):
            yield thread.database_id
        there.add(what)


def _deletion(client: Client, path: str) -> Callable[[], object]:
    return lambda: client.rest("DELETE", path)


def _many(number: int) -> str:
    return "1 comment of ours stood" if number == 1 else f"{number} comments of ours stood"
