"""The files of a pull request as the REST interface lists them, with what it leaves out in silence asked for again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from reviewer.github import failures
from reviewer.github.answers import number, text
from reviewer.github.failures import GitHubError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reviewer.github.client import Client
    from reviewer.github.pull import PullRequest

MOST_FILES = 3_000
"""GitHub lists no more of one pull request."""
MOST_REPAIRS = 60
"""Requests spent on what a listing left out, of the 1 000 an hour that a workflow's token has."""
_PAGE_SIZES = (30, 10, 1)


@dataclass(frozen=True, slots=True)
class Row:
    """One file of the listing. `alone`: GitHub was asked for this one by itself, so this is all it has to say."""

    path: str
    status: str
    additions: int
    deletions: int
    patch: str | None
    previous: str | None
    sha: str | None
    shown: int = 0
    """How many of the changed lines the patch has."""
    alone: bool = False

    @property
    def changes(self) -> int:
        """Added and deleted lines."""
        return self.additions + self.deletions


@dataclass(frozen=True, slots=True)
class Listing:
    """The rows, and how much of the pull request they are not."""

    rows: tuple[Row, ...]
    missing_files: int
    missing_lines: int

    def doubtful(self, row: Row) -> bool:
        """Whether the row may have lines that it does not tell of: past some 20 000 lines GitHub sends zeros."""
        return row.patch is None and not row.changes and not row.alone and self.missing_lines > 0


def listing(client: Client, pull: PullRequest) -> Listing:
    """Every file GitHub lists; where patches are missing it is asked again for smaller pages."""
    path = f"{pull.path}/files"
    rows = [_row(item) for page in client.pages(path) for item in page]
    repairs = 0
    for size in _PAGE_SIZES:
        for page in _pages(_incomplete(rows, pull, size), size):
            if repairs == MOST_REPAIRS:
                return _counted(rows, pull)
            if not any(page == at // size + 1 for at in _incomplete(rows, pull, size)):
                continue  # the pages before it made the sums right
            _, items = client.rest("GET", path, query={"per_page": size, "page": page})
            again = [_row(item) for item in items] if isinstance(items, list) else []
            _merge(rows, again, (page - 1) * size, alone=size == 1)
            repairs += 1
    return _counted(rows, pull)


def listed(items: list[Any] | None, pull: PullRequest) -> Listing | None:
    """What a comparison of base and head lists; null where that is not the whole pull request."""
    if items is None:
        return None
    found = _counted([_row(item) for item in items], pull)
    is_whole = len(found.rows) == pull.changed_files and all(row.shown == row.changes for row in found.rows)
    lines = sum(row.changes for row in found.rows)
    return found if is_whole and lines == pull.additions + pull.deletions else None


def compared(client: Client, repository: str, base: str, head: str) -> tuple[Row, ...] | None:
    """What `head` changed since it left `base`: 300 files at most; null where GitHub knows no such commits any more."""
    try:
        _, data = client.rest("GET", f"/repos/{repository}/compare/{base}...{head}")
    except GitHubError as error:
        if error.kind in ("not_found", "validation", "server"):
            return None
        raise
    items = data.get("files") if isinstance(data, dict) else None
    return tuple(_row(item) for item in items) if isinstance(items, list) else None


def _counted(rows: list[Row], pull: PullRequest) -> Listing:
    lines = pull.additions + pull.deletions - sum(row.changes for row in rows)
    return Listing(tuple(rows), max(0, pull.changed_files - len(rows)), max(0, lines))


def _incomplete(rows: list[Row], pull: PullRequest, size: int) -> list[int]:
    """Which rows to ask for again. One that has numbers and no patch is too large in itself: alone or never."""
    now = _counted(rows, pull)
    return [
        at
        for at, row in enumerate(rows)
        if not row.alone and (now.doubtful(row) or (size == 1 and row.shown < row.changes))
    ]


def _pages(places: Iterable[int], size: int) -> Iterator[int]:
    yield from dict.fromkeys(at // size + 1 for at in places)


def _merge(rows: list[Row], again: list[Row], start: int, *, alone: bool) -> None:
    """What was said the second time counts where it says more."""
    for at, row in enumerate(again, start):
        if at < len(rows) and rows[at].path == row.path:
            better = row if row.shown > rows[at].shown or row.changes > rows[at].changes else rows[at]
            rows[at] = replace(better, alone=alone)


def _row(item: Any) -> Row:
    try:
        patch, previous, sha = item.get("patch") or None, item.get("previous_filename"), item["sha"]
        return Row(
            path=text(item["filename"]),
            status=text(item["status"]),
            additions=number(item["additions"]),
            deletions=number(item["deletions"]),
            patch=None if patch is None else text(patch),
            previous=None if previous is None else text(previous),
            sha=None if sha is None else text(sha),
            # A patch consists of hunks alone, so no header is mistaken for a line.
            shown=0 if patch is None else sum(line[:1] in ("+", "-") for line in patch.split("\n")),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise failures.strange("GitHub lists a changed file", error) from error
