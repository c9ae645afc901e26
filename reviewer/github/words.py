"""What is said around a pull request, its commits and the issues it closes: it comes along with other questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reviewer.github.answers import number, text

if TYPE_CHECKING:
    from collections.abc import Iterator

ASKED = """
commits(last: 20) { nodes { commit { messageHeadline } } }
closingIssuesReferences(first: 5) { nodes { number title repository { nameWithOwner } } }
"""
"""Fields of a pull request."""
SPARE = frozenset({"commits", "closingIssuesReferences"})
"""A token that may not read issues gets an error for them, and the rest."""


@dataclass(frozen=True, slots=True)
class Words:
    """Subjects of the newest commits, the oldest of them first; numbers and titles of issues."""

    commits: tuple[str, ...] = ()
    issues: tuple[tuple[int, str], ...] = ()


def read(pull: Any, repository: str) -> Words:
    """From the answer. Issues of other repositories are left out: whoever reads this one may not know them."""
    return Words(tuple(_subjects(pull.get("commits"))), tuple(_issues(pull.get("closingIssuesReferences"), repository)))


def _subjects(connection: Any) -> Iterator[str]:
    for node in _nodes(connection):
        yield text((node.get("commit") or {}).get("messageHeadline") or "")


def _issues(connection: Any, repository: str) -> Iterator[tuple[int, str]]:
    for node in _nodes(connection):
        place = (node.get("repository") or {}).get("nameWithOwner") or ""
        if place.casefold() == repository.casefold():
            yield number(node["number"]), text(node["title"])


def _nodes(connection: Any) -> Iterator[Any]:
    yield from filter(None, (connection or {}).get("nodes") or ())
