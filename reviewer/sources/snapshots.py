"""A repository on this machine as a snapshot: a commit, a tree, or the work tree."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from reviewer.change.paths import decode
from reviewer.context.snapshot import WORD
from reviewer.errors import Misuse
from reviewer.sources.grep import LIMITS, Found, Limits, grep

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from reviewer.context.snapshot import Hit
    from reviewer.sources.command import Git

MAX_PATHS = 200_000
MOST_OTHERS = 200
"""Files of the work tree that may differ from a commit for it to be searched in the commit's place."""


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
        self._others: frozenset[str] | None = None
        self._is_like_the_work_tree: bool | None = None

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
        if self._head is None:
            found = grep(self._git, None, words, shape, suffixes, self._limits)
            real = {path: self._read(path) is not None for path in {hit.path for hit in found.hits}}
            found = Found(tuple(hit for hit in found.hits if real[hit.path]), found.capped)
        else:
            found = self._in_commit(self._head, words, shape, suffixes)
        if found.capped:
            self._capped[found.capped] = None
        return found.hits

    def paths(self) -> Sequence[str]:
        """The tracked files (and in the work tree the untracked ones that nobody ignores), in order."""
        with self._lock:
            if self._paths is None:
                self._paths = self._listed()
            return self._paths

    def _in_commit(self, head: str, words: Collection[str], shape: str, suffixes: Collection[str]) -> Found:
        """Unpacking objects takes three times as long as reading files: where the work tree holds the same, it is
        searched, and the commit for the few files that differ."""
        others = self._other_than_the_work_tree(head)
        if others is None:
            return grep(self._git, head, words, shape, suffixes, self._limits)
        same = grep(self._git, None, words, shape, suffixes, self._limits, untracked=False)
        hits = [hit for hit in same.hits if hit.path not in others]
        capped = same.capped
        if others:
            rest = grep(self._git, head, words, shape, suffixes, self._limits, only=others)
            hits += (hit for hit in rest.hits if not suffixes or hit.path.endswith(tuple(suffixes)))
            capped = capped or rest.capped
        return Found(tuple(sorted(hits, key=lambda hit: (hit.path, hit.line))), capped)

    def _other_than_the_work_tree(self, head: str) -> frozenset[str] | None:
        """The paths on which the commit and the work tree differ; null where there is no work tree, or too many."""
        with self._lock:
            if self._is_like_the_work_tree is None:
                asked = ("diff", "--name-only", "--no-renames", "--no-ext-diff", "--ignore-submodules=all", "-z", head)
                names = self._names(*asked, "--")
                self._is_like_the_work_tree = names is not None and len(names) <= MOST_OTHERS
                self._others = frozenset(decode(name) for name in names or ())
            return self._others if self._is_like_the_work_tree else None

    def _listed(self) -> tuple[str, ...]:
        if self._head is None:
            asked = ("ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate", "-z")
        else:
            asked = ("ls-tree", "-r", "-z", "--name-only", "--full-tree", self._head)
        names = self._names(*asked) or []
        if len(names) > MAX_PATHS:
            self._capped[f"only {MAX_PATHS} of the repository's {len(names)} files were looked at"] = None
        return tuple(sorted(decode(name) for name in names[:MAX_PATHS]))

    def _names(self, *asked: str) -> list[bytes] | None:
        """What git lists; null where it fails, or is not there any more."""
        try:
            done = self._git.attempt(*asked)
        except Misuse:
            return None
        return None if done.returncode else done.stdout.split(b"\0")[:-1]
