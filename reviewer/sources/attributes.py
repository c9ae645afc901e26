"""What a commit's own .gitattributes say, whatever the change or the work tree says now."""

from __future__ import annotations

import os
import shutil
import weakref
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Self

from reviewer.findings import Reason
from reviewer.sources import scratch
from reviewer.sources.blobs import Blobs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from reviewer.sources.command import Git

_REASONS = {b"linguist-generated": Reason.GENERATED, b"linguist-vendored": Reason.VENDORED}
_VALUES = {b"set": True, b"true": True, b"unset": False, b"false": False}


class BaseAttributes:
    """Attributes as `commit` (or a tree) has them.

    Git reads them from the work tree and the index, so it is given ones of nothing but the .gitattributes files
    (`--attr-source` is younger than many a git in use). `close` removes both.
    """

    def __init__(self, git: Git, commit: str) -> None:
        self._git = git
        self._commit = commit
        self._remove: weakref.finalize[..., BaseAttributes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @cached_property
    def git(self) -> Git:
        """Git that sees these attributes and no others; for commands that need neither index nor work tree."""
        git_dir = os.fsdecode(self._git.run("rev-parse", "--absolute-git-dir")[:-1])
        place = scratch.made()
        self._remove = weakref.finalize(self, shutil.rmtree, place, ignore_errors=True)
        tree, index = place / "tree", place / "index"
        tree.mkdir()
        seeing = {"GIT_DIR": git_dir, "GIT_WORK_TREE": str(tree), "GIT_INDEX_FILE": str(index)}
        git = replace(self._git, root=tree, extra=seeing)
        if self._entries:
            git.run("update-index", "-z", "--index-info", given=self._entries)
            self._write(tree)
        return git

    def __call__(self, paths: Sequence[str]) -> Mapping[str, Mapping[Reason, bool]]:
        """For each path that is said to be generated or vendored, or not to be: which."""
        asked = [path for path in paths if _is_inside(path)]
        if not self._entries or not asked:
            return {}
        given = b"".join(path.encode("utf-8", "surrogatepass") + b"\0" for path in asked)
        names = [name.decode() for name in _REASONS]
        answer = self.git.run("check-attr", "--cached", "-z", "--stdin", *names, given=given).split(b"\0")
        said: dict[str, dict[Reason, bool]] = {}
        for path, name, value in zip(answer[::3], answer[1::3], answer[2::3], strict=False):
            if value in _VALUES:
                said.setdefault(path.decode("utf-8", "surrogatepass"), {})[_REASONS[name]] = _VALUES[value]
        return said

    def _write(self, tree: Path) -> None:
        """As they are: checking them out would run the filters that they name and this machine has."""
        blobs = Blobs(self._git)
        try:
            for entry in self._entries.split(b"\0")[:-1]:
                facts, _, name = entry.partition(b"\t")
                data = blobs.data(facts.split()[2].decode("ascii"))
                if data is not None and _is_inside(os.fsdecode(name)):
                    _put(tree / os.fsdecode(name), data)
        finally:
            blobs.close()

    def close(self) -> None:
        """Removes the folder made for git, if one was."""
        if self._remove is not None:
            self._remove()

    @cached_property
    def _entries(self) -> bytes:
        """The commit's .gitattributes files, as `update-index --index-info` reads them."""
        listing = self._git.run("ls-tree", "-r", "-z", "--full-tree", self._commit).split(b"\0")
        named = (entry for entry in listing if entry.endswith((b"\t.gitattributes", b"/.gitattributes")))
        return b"".join(entry + b"\0" for entry in named if entry.startswith(b"100"))


def _put(place: Path, data: bytes) -> None:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    except OSError as error:  # a name that no file can have, else
        scratch.check_room(error)


def _is_inside(path: str) -> bool:
    """Whether git would take the path for one of the repository; it refuses all the others' attributes with it."""
    return bool(path) and "\0" not in path and not path.startswith("/") and ".." not in path.split("/")
