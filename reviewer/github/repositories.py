"""The repositories of an organisation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from reviewer.github.failures import GitHubError

if TYPE_CHECKING:
    from reviewer.github.client import Client

MOST = 1_000
"""Repositories that are looked at."""
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Repositories:
    """By name, each with its size in KiB, history and all. `capped`: there are more than were looked at."""

    sizes: dict[str, int]
    capped: bool = False


def default_branch(client: Client, name: str) -> str | None:
    """Of `owner/repo`; null for one that has none. Raises `GitHubError`."""
    row = client.rest("GET", f"/repos/{name}")[1]
    branch = row.get("default_branch") if isinstance(row, dict) else None
    return branch if isinstance(branch, str) and branch else None


def newest(client: Client, name: str) -> str | None:
    """The newest commit of the default branch of `owner/repo`; null where there is none that the token may see."""
    try:
        row = client.rest("GET", f"/repos/{name}/commits/HEAD")[1]
    except GitHubError as error:
        if error.kind in ("forbidden", "not_found", "validation"):  # a repository without commits is a conflict
            return None
        raise
    commit = row.get("sha") if isinstance(row, dict) else None
    return commit if isinstance(commit, str) and _COMMIT.fullmatch(commit) else None


def of_organisation(client: Client, name: str) -> Repositories:
    """Those that somebody works on, neither archived nor forks, by name; raises `GitHubError`.

    In GitHub's own order, which begins with the newest, each new repository would move all the others.
    """
    sizes: dict[str, int] = {}
    for page in client.pages(f"/orgs/{quote(name, safe='')}/repos", sort="full_name"):
        for row in page:
            if not isinstance(row, dict) or not isinstance(row.get("full_name"), str):
                continue
            if row.get("archived") or row.get("fork") or row.get("disabled"):
                continue
            if len(sizes) == MOST:
                return Repositories(sizes, capped=True)
            size = row.get("size")
            sizes[row["full_name"]] = size if isinstance(size, int) and size > 0 else 0
    return Repositories(sizes)
