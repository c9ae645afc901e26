"""A folder that is no repository as a snapshot: the files that were listed, and nothing that a link leads to."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from reviewer.context.snapshot import WORD
from reviewer.sources.command import Git
from reviewer.sources.grep import LIMITS, Limits, grep

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from reviewer.context.snapshot import Hit

MAX_PATHS = 200_000
_NO_GIT = "git is not installed: nothing was searched for in the folder"


class FolderSnapshot:
    """`names`: the files there are, in order; `read_file` reads one of them (never through a symlink)."""

    def __init__(
        self, root: Path, names: Sequence[str], read_file: Callable[[str], str | None], limits: Limits = LIMITS
    ) -> None:
        self._git = Git(root) if shutil.which("git") else None
        self._names = tuple(names[:MAX_PATHS])
        self._listed = frozenset(self._names)
        self._read = read_file
        self._limits = limits
        self._capped: dict[str, None] = {}
        if len(names) > MAX_PATHS:
            self._capped[f"only {MAX_PATHS} of the folder's {len(names)} files were looked at"] = None

    @property
    def capped(self) -> Sequence[str]:
        """Which bounds were hit so far."""
        return tuple(self._capped)

    def read(self, path: str) -> str | None:
        """The file; null where there is none, or it is binary or too large."""
        text = self._read(path) if path in self._listed else None
        return None if text is None or "\0" in text[:8_000] else text

    def grep(self, words: Collection[str], shape: str = WORD, suffixes: Collection[str] = ()) -> Sequence[Hit]:
        """One `git grep`, which needs no repository. It looks into repositories in the folder: they are not told of."""
        if self._git is None:
            self._capped[_NO_GIT] = None
            return ()
        found = grep(self._git, None, words, shape, suffixes, self._limits, indexed=False)
        if found.capped:
            self._capped[found.capped] = None
        return tuple(hit for hit in found.hits if hit.path in self._listed)

    def paths(self) -> Sequence[str]:
        """The files, in order."""
        return self._names
