"""A repository on this machine as a snapshot: a commit, a tree, or the work tree."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from reviewer.context.snapshot import WORD
from reviewer.sources.grep import LIMITS, Limits, grep

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from reviewer.context.snapshot import Hit
    from reviewer.sources.command import Git

MAX_PATHS = 200_000


class GitSnapshot:
    """`head`: a commit or a tree; null: the work tree, whose files `read_file` reads (never through a symlink)."""

    def __init__(
        self, git: Git, head: str | None, read_file: Callable[[str], str | None], limits: Limits = LIMITS
    ) -> None:
        self._git = git
        self._head = head
        self._read = read_file
        self._limits = limits
        self._lock = Lock()
        self._capped: dict[str, None] = {}
        self._paths: tuple[str, ...] | None = None

    @property
    def capped(self) -> Sequence[str]:
        """Which bounds were hit so far."""
        return tuple(self._capped)

    def read(self, path: str) -> str | None:
        """The file; null where there is none, or it is binary or too large."""
        text = self._read(path)
        return None if text is None or "\0" in text[:8_000] else text

    def grep(self, words: Collection[str], shape: str = WORD, suffixes: Collection[str] = ()) -> Sequence[Hit]:
        """One `git grep`. In the work tree, lines of what is reached through a symlink are not told."""
        found = grep(self._git, self._head, words, shape, suffixes, self._limits)
        if found.capped:
            self._capped[found.capped] = None
        if self._head is not None:
            return found.hits
        real = {path: self._read(path) is not None for path in {hit.path for hit in found.hits}}
        return tuple(hit for hit in found.hits if real[hit.path])

    def paths(self) -> Sequence[str]:
        """The tracked files (and in the work tree the untracked ones that nobody ignores), in order."""
        with self._lock:
            if self._paths is None:
                self._paths = self._listed()
            return self._paths

    def _listed(self) -> tuple[str, ...]:
        if self._head is None:
            asked = ("ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate", "-z")
        else:
            asked = ("ls-tree", "-r", "-z", "--name-only", "--full-tree", self._head)
        names = self._git.attempt(*asked).stdout.split(b"\0")[:-1]
        if len(names) > MAX_PATHS:
            self._capped[f"only {MAX_PATHS} of the repository's {len(names)} files were looked at"] = None
        return tuple(sorted(name.decode("utf-8", "surrogateescape") for name in names[:MAX_PATHS]))
