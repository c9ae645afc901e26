"""Commits, files, trees and blobs as REST writes them."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import quote

from fake_github.builders import repository_api, repository_url

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fake_github.answers import Json
    from fake_github.diffs import DiffFile
    from fake_github.limits import Limits
    from fake_github.objects import Commit, Entry, Person
    from fake_github.state import Repository

KINDS = {"120000": "symlink", "160000": "submodule", "040000": "dir"}


def commit(it: Commit, repo: Repository) -> Json:
    api, url = repository_api(repo), repository_url(repo)
    unsigned = {"verified": False, "reason": "unsigned", "payload": None, "signature": None, "verified_at": None}
    return {
        "sha": it.sha,
        "node_id": f"C_kwDO{it.sha[:12]}",
        "url": f"{api}/commits/{it.sha}",
        "html_url": f"{url}/commit/{it.sha}",
        "comments_url": f"{api}/commits/{it.sha}/comments",
        "commit": {
            "url": f"{api}/git/commits/{it.sha}",
            "author": _person(it.author),
            "committer": _person(it.committer),
            "message": it.message,
            "tree": {"sha": it.tree, "url": f"{api}/git/trees/{it.tree}"},
            "comment_count": 0,
            "verification": unsigned,
        },
        "author": None,
        "committer": None,
        "parents": [
            {"sha": sha, "url": f"{api}/commits/{sha}", "html_url": f"{url}/commit/{sha}"} for sha in it.parents
        ],
    }


def whole_commit(it: Commit, repo: Repository, files: tuple[DiffFile, ...], limits: Limits) -> Json:
    added, deleted = sum(file.additions for file in files), sum(file.deletions for file in files)
    shown = diff_entries(files[: limits.compare_files], repo, it.sha, limits)
    stats = {"additions": added, "deletions": deleted, "total": added + deleted}
    return {**commit(it, repo), "stats": stats, "files": shown}


def diff_entries(files: Iterable[DiffFile], repo: Repository, head: str, limits: Limits) -> list[Json]:
    """One response's files. Past its budget of patch lines the rows are empty and nothing says so (FACTS)."""
    shown, lines = [], 0
    for file in files:
        is_large = file.lines > limits.file_patch_lines or len(file.text) > limits.file_patch_characters
        lines += 0 if is_large else file.lines
        shown.append(_diff_entry(file, repo, head, is_large=is_large, is_cut=lines > limits.response_patch_lines))
    return shown


def _diff_entry(file: DiffFile, repo: Repository, head: str, *, is_large: bool, is_cut: bool) -> Json:
    path = quote(file.path)
    added, deleted = (0, 0) if is_cut else (file.additions, file.deletions)
    entry: Json = {
        "sha": file.sha,
        "filename": file.path,
        "status": file.status,
        "additions": added,
        "deletions": deleted,
        "changes": added + deleted,
        "blob_url": f"{repository_url(repo)}/blob/{head}/{path}",
        "raw_url": f"{repository_url(repo)}/raw/{head}/{path}",
        "contents_url": f"{repository_api(repo)}/contents/{path}?ref={head}",
    }
    if file.text and not is_large and not is_cut:
        entry["patch"] = file.text
    if file.previous:
        entry["previous_filename"] = file.previous
    return entry


def content(it: Entry, repo: Repository, ref: str, data: bytes | None, limits: Limits) -> Json:
    """An entry of a folder, or with `data` the thing itself."""
    path, kind = quote(it.path), KINDS.get(it.mode, "file")
    api, url = repository_api(repo), repository_url(repo)
    address = f"{api}/contents/{path}?ref={ref}"
    git = f"{api}/git/{'trees' if kind == 'dir' else 'blobs'}/{it.sha}"
    html = f"{url}/{'tree' if kind == 'dir' else 'blob'}/{ref}/{path}"
    facts: Json = {
        "type": kind,
        "name": it.path.rpartition("/")[2],
        "path": it.path,
        "sha": it.sha,
        "size": it.size or 0,
        "url": address,
        "git_url": git,
        "html_url": html,
        "download_url": f"{url}/raw/{ref}/{path}" if kind in ("file", "symlink") else None,
        "_links": {"self": address, "git": git, "html": html},
    }
    if data is None:
        return facts
    if kind == "submodule":
        return {**facts, "submodule_git_url": f"{url}.git"}
    if kind == "symlink":
        return {**facts, "target": data.decode(errors="replace")}
    if len(data) > limits.content_bytes:  # the raw media type or the blob is what is left
        return {**facts, "encoding": "none", "content": ""}
    return {**facts, "encoding": "base64", "content": base64.encodebytes(data).decode()}


def blob(sha: str, data: bytes, repo: Repository) -> Json:
    return {
        "sha": sha,
        "node_id": f"B_kwDO{sha[:12]}",
        "size": len(data),
        "url": f"{repository_api(repo)}/git/blobs/{sha}",
        "content": base64.encodebytes(data).decode(),
        "encoding": "base64",
    }


def tree(sha: str, entries: list[Entry], repo: Repository, limits: Limits) -> Json:
    api = repository_api(repo)

    def row(it: Entry) -> Json:
        size = {} if it.size is None else {"size": it.size}
        plural = {"blob": "blobs", "tree": "trees", "commit": "commits"}[it.kind]
        return {
            "path": it.path,
            "mode": it.mode,
            "type": it.kind,
            "sha": it.sha,
            "url": f"{api}/git/{plural}/{it.sha}",
            **size,
        }

    return {
        "sha": sha,
        "url": f"{api}/git/trees/{sha}",
        "tree": [row(it) for it in entries[: limits.tree_entries]],
        "truncated": len(entries) > limits.tree_entries,
    }


def _person(it: Person) -> Json:
    return {"name": it.name, "email": it.email, "date": it.date}
