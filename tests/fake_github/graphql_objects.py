"""What GraphQL sees of git's objects."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fake_github.answers import Json
    from fake_github.limits import Limits
    from fake_github.objects import Objects


def git_object(objects: Objects, sha: str, limits: Limits, _: object = None) -> Json | None:
    kind = objects.kind(sha)
    if kind == "commit":
        return {"__typename": "Commit", "id": f"C_kwDO{sha[:12]}", "oid": sha}
    if kind == "tree":
        return {"__typename": "Tree", "id": f"T_kwDO{sha[:12]}", "oid": sha, "entries": _entries(objects, sha, limits)}
    if kind != "blob":
        return None
    data = objects.blob(sha)
    is_binary = b"\0" in data[:8000]
    shown = data[: limits.blob_text_bytes]  # cut in silence; byteSize tells
    return {
        "__typename": "Blob",
        "id": f"B_kwDO{sha[:12]}",
        "oid": sha,
        "byteSize": len(data),
        "isBinary": is_binary,
        "text": None if is_binary else shown.decode(errors="replace"),
    }


def _entries(objects: Objects, tree: str, limits: Limits) -> list[Json]:
    """In git's order. A submodule's commit is not among the repository's objects."""
    return [
        {
            "name": entry.path,
            "mode": int(entry.mode, 8),
            "type": entry.kind,
            "oid": entry.sha,
            "object": None if entry.kind == "commit" else partial(git_object, objects, entry.sha, limits),
        }
        for entry in objects.tree(tree, recursive=False)
    ]
