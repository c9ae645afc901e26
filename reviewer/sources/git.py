"""What a repository on this machine has changed: the work tree, a commit or a range."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from reviewer.change import diff
from reviewer.change.change import Change
from reviewer.errors import Misuse
from reviewer.findings import Reason, Side, Unreviewed
from reviewer.sources import rulefiles, scratch
from reviewer.sources.attributes import BaseAttributes
from reviewer.sources.blobs import MAX_BYTES, Blobs
from reviewer.sources.command import Git, has_history, toplevel
from reviewer.sources.snapshots import GitSnapshot

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "Repository",
    "attributes",
    "has_history",
    "is_commit",
    "revisions",
    "staged",
    "toplevel",
    "tree",
    "work_tree",
]

_RANGE = re.compile(r"(.*?)(\.{2,3})(.*)", re.DOTALL)


def work_tree(root: Path) -> Repository:
    """All that is not on the default branch yet: commits, staged, unstaged and untracked; raises `Misuse`."""
    git = Git(root)
    head = git.commit("HEAD")
    if head is None:
        return Repository(git, git.empty_tree(), None)
    branch = git.default_branch()
    if branch is None:
        raise Misuse(
            "there is no origin/HEAD, main or master to compare with: name what to review, for example"
            " `reviewer review HEAD~3..` (or set the default branch: `git remote set-head origin --auto`)"
        )
    return Repository(git, git.merge_base("HEAD", branch), None)


def revisions(root: Path, spec: str) -> Repository:
    """`A..B` (from A to B), `A...B` (from where B left A), or one commit against its first parent; raises `Misuse`.

    `root` may be a bare repository.
    """
    git = Git(root)
    found = _RANGE.fullmatch(spec)
    if found is None:
        head = _commit(git, spec, spec)
        return Repository(git, git.first_parent(head), head)
    base, head = (_commit(git, name or "HEAD", spec) for name in (found[1], found[3]))
    if found[2] == "...":
        base = git.merge_base(base, head)
    return Repository(git, base, head)


def staged(root: Path) -> Repository:
    """What is staged against the last commit; raises `Misuse` where the index holds a conflict."""
    git = Git(root)
    tree = git.run("write-tree").decode("ascii").strip()
    return Repository(git, git.commit("HEAD") or git.empty_tree(), tree, is_commit=False)


def attributes(root: Path) -> BaseAttributes | None:
    """What the checked-out commit says of paths, for a diff that came without its repository; null without a commit."""
    git = Git(root)
    head = git.commit("HEAD")
    return BaseAttributes(git, head) if head else None


def present(root: Path) -> tuple[str, ...]:
    """Every file in the work tree that git tracks, or would: not the ignored ones."""
    listed = Git(root).run("ls-files", "-z", "--cached", "--others", "--exclude-standard").split(b"\0")[:-1]
    return tuple(dict.fromkeys(name.decode("utf-8", "replace") for name in listed if not name.endswith(b"/")))


def commit(root: Path, name: str) -> str | None:
    """The hash of the commit of this name; null where git knows none."""
    return Git(root).commit(name)


def author(root: Path) -> str | None:
    """Who commits here; null where git does not know, or is not there."""
    if not shutil.which("git"):
        return None
    found = Git(root).attempt("config", "user.name")
    return found.stdout.decode("utf-8", "replace").strip() or None


def tree(root: Path) -> GitSnapshot:
    """The work tree at `root`, to be searched."""
    return GitSnapshot(Git(root), None, lambda path: _read_file(root, path))


def is_commit(root: Path, name: str) -> bool:
    """Whether git knows a commit of this name."""
    return Git(root).commit(name) is not None


def _commit(git: Git, name: str, spec: str) -> str:
    commit = git.commit(name)
    if commit is None:
        shallow = "; this clone is shallow: `git fetch --unshallow` gets the rest" if git.is_shallow() else ""
        raise Misuse(f"{spec}: git knows no commit {name!r} here{shallow}")
    return commit


@dataclass(frozen=True, slots=True)
class Repository:
    """From `base` (a commit, or a tree) to `head` (a commit; null: the work tree). Holds a git process: close it."""

    git: Git
    base: str
    head: str | None
    is_commit: bool = True
    """False: `head` is a tree, which nobody calls a head."""
    ours: frozenset[str] = frozenset()
    """Paths that the review itself writes: untracked, they are no part of the change."""
    blobs: Blobs = field(init=False, repr=False, compare=False)
    attributes: BaseAttributes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "blobs", Blobs(self.git))
        object.__setattr__(self, "attributes", BaseAttributes(self.git, self.base))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends what was started and removes what was written."""
        self.blobs.close()
        self.attributes.close()

    def change(self) -> Change:
        """Attributes decide what git shows as text, so between commits they are the base's too."""
        nested: tuple[Unreviewed, ...] = ()
        if self.head:
            data = self.attributes.git.diff(self.base, self.head)
        else:
            data, nested = self._work_tree_diff()
        parsed = diff.parse(data, "what git printed")
        return Change(parsed.files, (*parsed.broken, *nested), self.head if self.is_commit else None, self.base)

    def read(self, path: str, side: Side) -> str | None:
        """The whole file; null where it is not there, too large, or (in the work tree) reached by a symlink."""
        if side is Side.OLD:
            return self.blobs.read(self.base, path)
        if self.head is not None:
            return self.blobs.read(self.head, path)
        return _read_file(self.git.root, path)

    def rule_files(self, commit: str | None = None) -> Iterable[tuple[str, str | None]]:
        """The repository's own rule packs, path and text, as `commit` has them (see `rules.own.collect`).

        Null: as the base of a range has them, else (what is staged, too) as the work tree does.
        """
        if commit is None and (self.head is None or not self.is_commit):
            return rulefiles.in_work_tree(self.git.root)
        return rulefiles.in_commit(self.git, self.blobs, commit or self.base)

    def snapshot(self) -> GitSnapshot:
        """The new side of the change, to be searched."""
        return GitSnapshot(self.git, self.head, lambda path: self.read(path, Side.NEW))

    def _work_tree_diff(self) -> tuple[bytes, tuple[Unreviewed, ...]]:
        """The patch, and what is none of its business: repositories in the work tree, and the review's own reports.

        Untracked files show up where the index intends to add them: a copy does, the user's is not touched.
        """
        with scratch.folder() as folder:
            copy = folder / "index"
            index = Path(os.fsdecode(self.git.run("rev-parse", "--git-path", "index")[:-1]))
            index = self.git.root / index
            if index.is_file():
                shutil.copyfile(index, copy)
            git = replace(self.git, extra={"GIT_INDEX_FILE": str(copy)})
            untracked = git.run("ls-files", "--others", "--exclude-standard", "-z").split(b"\0")[:-1]
            # A folder in this list is a repository of its own, which git would refuse to add or add as a submodule.
            nested = tuple(_nested(name) for name in untracked if name.endswith(b"/"))
            ours = {os.fsencode(name) for name in self.ours}
            written = tuple(_ours(name) for name in untracked if name in ours)
            names = [name for name in untracked if not name.endswith(b"/") and name not in ours]
            if names:
                options = ("--intent-to-add", "--pathspec-from-file=-", "--pathspec-file-nul")
                adding = replace(git, extra={**git.extra, **self._own_objects(folder)})
                adding.run("add", *options, given=b"\0".join(names))
            return git.diff(self.base), (*nested, *written)

    def _own_objects(self, folder: Path) -> dict[str, str]:
        """Where git writes objects beside the repository's, which may be read-only: adding writes an empty one."""
        (folder / "objects").mkdir()
        shared = self.git.root / os.fsdecode(self.git.run("rev-parse", "--git-path", "objects")[:-1])
        quoted = str(shared).replace("\\", "\\\\").replace('"', '\\"')
        return {"GIT_OBJECT_DIRECTORY": str(folder / "objects"), "GIT_ALTERNATE_OBJECT_DIRECTORIES": f'"{quoted}"'}


def _nested(folder: bytes) -> Unreviewed:
    path = folder.rstrip(b"/").decode("utf-8", "backslashreplace")
    return Unreviewed(path, Reason.IGNORED, "a repository of its own, not tracked here")


def _ours(name: bytes) -> Unreviewed:
    return Unreviewed(name.decode("utf-8", "backslashreplace"), Reason.IGNORED, "a report of this review")


def _read_file(root: Path, path: str) -> str | None:
    if path.startswith("/") or ".git" in path.split("/"):
        return None
    try:
        place = root.resolve(strict=True) / path
        # A resolved path that differs went through a symlink (or `..`), perhaps out of the tree.
        if place.resolve(strict=True) != place or not place.is_file() or place.stat().st_size > MAX_BYTES:
            return None
        return place.read_bytes().decode("utf-8", "replace")
    except (OSError, ValueError):
        return None
