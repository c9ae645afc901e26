"""The repository as a change leaves it, to be read and searched while the change is reviewed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

WORD = r"(?<![\w$])NAME(?![\w$])"
"""The shape of any whole word."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A line (1-based) that a search found; long ones are cut."""

    path: str
    line: int
    text: str


class Snapshot(Protocol):
    """Read-only, bounded, safe for several threads. Nothing here raises for what a repository may hold."""

    def read(self, path: str) -> str | None:
        """The file; null where there is none, or it is binary or too large."""
        ...

    def grep(self, words: Collection[str], shape: str = WORD, suffixes: Collection[str] = ()) -> Sequence[Hit]:
        """The lines that hold one of the words, by path and line.

        `shape` is a regular expression that Python and PCRE read alike; NAME in it stands for the words. With
        `suffixes` only files whose names end so are searched.
        """
        ...

    def paths(self) -> Sequence[str]:
        """The tracked files, in order."""
        ...

    @property
    def capped(self) -> Sequence[str]:
        """Which bounds were hit so far, each as a sentence for the report."""
        ...


class Nothing:
    """Of a change that came alone: there is nothing to read or to search."""

    capped: Sequence[str] = ()

    def read(self, path: str) -> str | None:  # noqa: ARG002 the signature is the protocol's
        """Always null."""
        return None

    def grep(self, words: Collection[str], shape: str = WORD, suffixes: Collection[str] = ()) -> Sequence[Hit]:  # noqa: ARG002
        """Always empty."""
        return ()

    def paths(self) -> Sequence[str]:
        """Always empty."""
        return ()
