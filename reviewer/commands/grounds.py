"""What an audit is pointed at: a work tree, a commit, a bare repository or a plain folder."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reviewer import settings
from reviewer.commands import policyfile, rulebook
from reviewer.errors import Misuse
from reviewer.rules import own
from reviewer.sources import git, rulefiles, tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewer.rules.packs import Pack
    from reviewer.sources.tree import Tree


@dataclass(frozen=True, slots=True)
class Grounds:
    """A tree, the team's word in it, and the folder within it that was named (empty: all of it).

    `place` tells it from other repositories; `is_copy`: the tree lies elsewhere each time.
    """

    tree: Tree
    folder: str
    team: Mapping[str, Any] | None
    policy_source: str
    own: tuple[Pack, ...]
    place: str
    is_copy: bool = False


@contextmanager
def opened(written: str | None, revision: str | None) -> Iterator[Grounds]:
    """Of a folder (null: the current one), as it is or (`revision`) as a commit has it; raises `Misuse`."""
    place = _folder(written)
    root = git.toplevel(place) if shutil.which("git") else None
    if root is not None:
        folder = place.resolve().relative_to(root.resolve()).as_posix()
        found = tree.opened(root, _commit(root, revision) if revision else None)
    elif shutil.which("git") and git.has_history(place):
        folder, found = ".", tree.opened(place, _commit(place, revision or "HEAD"))
    elif revision:
        raise Misuse(f"--commit {revision}: {place} is no git repository")
    else:
        folder, found = ".", tree.folder(place)
    with found:
        yield _read(found, "" if folder == "." else folder, str(found.root.resolve()))


@contextmanager
def of_copy(root: Path, address: str, revision: str | None) -> Iterator[Grounds]:
    """Of a bare copy of the repository at `address`: the newest commit of its default branch, or `revision`."""
    with tree.opened(root, _commit(root, revision or "HEAD", address)) as found:
        yield replace(_read(found, "", address), is_copy=True)


def _read(found: Tree, folder: str, place: str) -> Grounds:
    name = settings.REPOSITORY_FILE
    if found.commit is None or found.git is None or found.blobs is None:
        team = policyfile.read(found.root)
        source = "defaults" if team is None else f"{name} in the working copy"
        return Grounds(found, folder, team, source, rulebook.of_work_tree(found.root), place)
    text = found.blobs.read(found.commit, name)
    team = None if text is None else settings.parse_repository_file(text, name)
    source = "defaults" if team is None else f"{name} at {found.commit[:12]}"
    packs = own.collect(rulefiles.in_commit(found.git, found.blobs, found.commit))
    return Grounds(found, folder, team, source, packs, place)


def _folder(written: str | None) -> Path:
    place = Path(written or ".")
    if written == "":
        raise Misuse("PATH is empty: name a folder, or leave it out for the one you are in")
    if place.is_dir():
        return place
    if place.exists():
        raise Misuse(f"{written} is a file: audit its folder, with --include for the file")
    raise Misuse(f"there is no folder {written}, and it is no repository on GitHub like owner/repo")


def _commit(root: Path, revision: str, called: object = None) -> str:
    commit = git.commit(root, revision)
    if commit is None:
        what = "no commit yet" if revision == "HEAD" else f"no commit {revision!r}"
        raise Misuse(f"{called or root} has {what}")
    return commit
