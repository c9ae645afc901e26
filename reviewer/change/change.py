"""A change under review as frozen values, and the protocol of the places it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reviewer.findings import Side, Unreviewed

Marker = Literal["+", "-", " "]


class Kind(StrEnum):
    """What happened to a file."""

    ADDED = "added"
    DELETED = "deleted"
    MODIFIED = "modified"
    RENAMED = "renamed"
    COPIED = "copied"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a hunk: its numbers (1-based, null on the side it is not on) and its text.

    The text has neither the diff marker nor the line feed; a carriage return before it is kept.
    """

    marker: Marker
    old: int | None
    new: int | None
    text: str
    ends_file: bool = False
    """`\\ No newline at end of file` follows."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """A run of neighbouring lines of both sides; `section` is what git prints after the second `@@`."""

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    section: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file's part of a change. `path` is the new path (the old one of a deleted file).

    `hunks` may be a lazy sequence that reads its lines when asked, so that a whole tree can stream.
    `size` is the patch's size in bytes. Modes are git's octal strings (`100644`, `120000` symlink, `160000` submodule).
    """

    path: str
    kind: Kind
    hunks: Sequence[Hunk] = ()
    old_path: str | None = None
    binary: bool = False
    old_mode: str | None = None
    new_mode: str | None = None
    size: int = 0

    @property
    def base_path(self) -> str:
        """Where the file was before the change: what a fingerprint is made of."""
        return self.old_path or self.path

    def lines(self) -> Iterator[Line]:
        """Every line of every hunk, in order."""
        for hunk in self.hunks:
            yield from hunk.lines

    def changed_lines(self) -> int:
        """How many lines are added or deleted."""
        return sum(line.marker != " " for line in self.lines())


@dataclass(frozen=True, slots=True)
class Change:
    """What is under review: its files (perhaps a stream: iterate once), and what could not be read of it."""

    files: Iterable[FileChange]
    broken: tuple[Unreviewed, ...] = ()
    head: str | None = None
    base: str | None = None


class Source(Protocol):
    """Where a change comes from."""

    def change(self) -> Change:
        """The change; raises a `ReviewerError` where there is none to be had."""
        ...

    def read(self, path: str, side: Side) -> str | None:
        """The whole file on that side of the change; null where it cannot be had."""
        ...
