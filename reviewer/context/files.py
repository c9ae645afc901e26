"""The files of a repository as a model may see them: no credentials, nothing outside, every secret replaced."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from reviewer.change import defaults
from reviewer.context.arguments import Wrong, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.context.snapshot import Hit, Snapshot

LONGEST_FILE = 400_000
"""Characters of a file that is read."""
_KEPT = 32
_CLOSE = 80


Shown = Callable[[Sequence[str]], Sequence[str]]
"""A file's lines → as many, without secrets or anything hidden."""


class Files:
    """What `visible` leaves of a snapshot; safe for many threads if the snapshot is.

    A whole file is shown at once, whatever part of it is wanted: a secret of many lines is known by its ends.
    """

    def __init__(self, snapshot: Snapshot, show: Shown, visible: Callable[[str], bool]) -> None:
        self._snapshot, self._show, self._visible = snapshot, show, visible
        self.lines = lru_cache(_KEPT)(self._shown_lines)

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Every file there is for a model."""
        return tuple(filter(self._may_be_seen, self._snapshot.paths()))

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.paths)

    def known(self, path: str) -> str:
        """The path of a file that may be read; any other raises `Wrong`, with the nearest one."""
        path = path.strip().removeprefix("./")
        if path in self._known:
            return path
        if not is_inside(path):
            raise Wrong("a path leads from the root of the repository to a file in it, like src/app.py")
        rule = defaults.credentials(path)
        if rule is not None:
            raise Wrong(f"{quoted(path)} is where credentials are kept ({rule}): it is never read")
        near = self._near(path)
        hint = f"; did you mean {near}?" if near else "; list_files tells which there are"
        raise Wrong(f"there is no file {quoted(path)}{hint}")

    def hits(self, word: str) -> Iterator[Hit]:
        """Lines that hold the word, of these files."""
        return (hit for hit in self._snapshot.grep((word,)) if hit.path in self._known)

    def _shown_lines(self, path: str) -> tuple[str, ...]:
        """None where the file is empty or cannot be read."""
        source = self._snapshot.read(path)
        if not source or len(source) > LONGEST_FILE:
            return ()
        return tuple(line.removesuffix("\r") for line in self._show(source.removesuffix("\n").split("\n")))

    def _may_be_seen(self, path: str) -> bool:
        return is_inside(path) and defaults.credentials(path) is None and self._visible(path)

    def _near(self, path: str) -> str:
        name = path.rpartition("/")[2].lower()
        same = [known for known in self.paths if known.rpartition("/")[2].lower() == name]
        if not same:
            from rapidfuzz import process

            best = process.extractOne(path, self.paths, score_cutoff=_CLOSE)
            same = [best[0]] if best else []
        return " or ".join(map(quoted, same[:3]))


def is_inside(path: str) -> bool:
    """Whether this can be the path of a file in a repository, and of none of git's own."""
    parts = path.split("/")
    names = {part.lower().rstrip(". ") for part in parts}
    return path.isprintable() and "\\" not in path and not names & {"", "~", ".git", "git~1"}
