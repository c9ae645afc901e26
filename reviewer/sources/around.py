"""The work tree around a diff as a snapshot: as far as it holds what the diff says it would."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from reviewer.change.change import Kind
from reviewer.context.snapshot import WORD
from reviewer.context.symbols import agrees

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from reviewer.change.change import FileChange
    from reviewer.context.snapshot import Hit, Snapshot

_STRANGE = "the repository around the diff does not hold what it changes: no definition was looked up"


class Around:
    """`tree` but for the changed files that differ from the diff's new side; where all of them do, nothing at all."""

    def __init__(self, tree: Snapshot, files: Sequence[FileChange]) -> None:
        self._tree = tree
        self._files = files
        self._lock = Lock()
        self._other: frozenset[str] | None = None
        self._is_strange = False

    @property
    def capped(self) -> Sequence[str]:
        """Which bounds were hit, and what is not there."""
        differ = self._differing()
        if self._is_strange:
            return (_STRANGE,)
        said = f"{len(differ)} changed file(s) differ from the diff: they were not looked at for definitions"
        return (*self._tree.capped, said) if differ else self._tree.capped

    def read(self, path: str) -> str | None:
        """The file; null where it is not there, or not what the diff says."""
        return None if path in self._differing() or self._is_strange else self._tree.read(path)

    def grep(self, words: Collection[str], shape: str = WORD, suffixes: Collection[str] = ()) -> Sequence[Hit]:
        """The lines of the files that are as the diff says, or untouched by it."""
        differ = self._differing()
        if self._is_strange:
            return ()
        return tuple(hit for hit in self._tree.grep(words, shape, suffixes) if hit.path not in differ)

    def paths(self) -> Sequence[str]:
        """The tracked files and those that the diff adds; only the diff's where the repository is another one."""
        self._differing()
        changed = {file.path for file in self._files if file.kind is not Kind.DELETED}
        return tuple(sorted(changed if self._is_strange else changed.union(self._tree.paths())))

    def _differing(self) -> frozenset[str]:
        with self._lock:
            if self._other is None:
                texts = [file for file in self._files if not file.binary]
                self._other = frozenset(file.path for file in texts if not self._agrees(file))
                self._is_strange = bool(texts) and len(self._other) == len({file.path for file in texts})
            return self._other

    def _agrees(self, file: FileChange) -> bool:
        text = self._tree.read(file.path)
        if file.kind is Kind.DELETED or text is None:
            return (file.kind is Kind.DELETED) == (text is None)
        return agrees(text, {line.new: line.text for line in file.lines() if line.new is not None})
