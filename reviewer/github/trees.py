"""Every file of a commit, with its size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reviewer.github.client import Client


@dataclass(frozen=True, slots=True)
class Listing:
    """Sizes in bytes by path; `truncated`: GitHub left files out (it lists 100 000 or 7 MB at most)."""

    sizes: Mapping[str, int]
    truncated: bool


def listing(client: Client, repository: str, commit: str) -> Listing:
    """One request. Raises `GitHubError`."""
    _, data = client.rest("GET", f"/repos/{repository}/git/trees/{commit}", query={"recursive": "1"})
    entries: Any = data.get("tree") if isinstance(data, dict) else None
    sizes = {
        entry["path"]: int(entry.get("size") or 0)
        for entry in entries or ()
        if isinstance(entry, dict) and entry.get("type") == "blob" and isinstance(entry.get("path"), str)
    }
    return Listing(sizes, truncated=bool(isinstance(data, dict) and data.get("truncated")))
