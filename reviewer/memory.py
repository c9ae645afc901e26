"""What an earlier run has learnt of the same thing, and where this one keeps what it learns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reviewer.change.change import FileChange
    from reviewer.change.pieces import Chunk
    from reviewer.examination import Examined
    from reviewer.findings import Unreviewed


class Part(StrEnum):
    """Who looked at a chunk."""

    CHECKS = "checks"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Recalled:
    """A chunk that was read before: how many lines of which paths, and what came of it."""

    lines: tuple[tuple[str, int], ...]
    results: tuple[Examined, ...]


class Pack(Protocol):
    """Files become chunks; what is left out passes through."""

    def __call__(
        self, files: Iterable[FileChange | Unreviewed], *, in_order: bool = False
    ) -> Iterator[Chunk | Unreviewed]:
        """`in_order`: related files stand together already, and the first ones matter most."""
        ...


class Memory(Protocol):
    """Asked in one thread."""

    def packed(self, files: Iterable[FileChange], pack: Pack) -> Iterator[Chunk | Unreviewed | Recalled]:
        """Every line of `files` once: to be read, left out, or read before."""
        ...

    def keep(self, chunk: Chunk, part: Part, result: Examined) -> None:
        """What came of a chunk that `packed` gave."""
        ...

    @property
    def secrets(self) -> int:
        """How many were hidden in what is not shown again."""
        ...


class Forgetful:
    """Remembers nothing."""

    secrets = 0

    def packed(self, files: Iterable[FileChange], pack: Pack) -> Iterator[Chunk | Unreviewed | Recalled]:
        """Everything is to be read."""
        return pack(files)

    def keep(self, chunk: Chunk, part: Part, result: Examined) -> None:
        """Keeps nothing."""
