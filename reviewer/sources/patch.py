"""A diff somebody made: a file, or standard input."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from reviewer.change import diff
from reviewer.change.change import Change

if TYPE_CHECKING:
    from reviewer.findings import Side


@dataclass(frozen=True, slots=True)
class Patch:
    """The bytes of a diff; `name` is what a user calls it. Nobody knows the files around it."""

    data: bytes = field(repr=False)
    name: str

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is held."""

    def change(self) -> Change:
        """Raises `Misuse` where the bytes are no diff."""
        parsed = diff.parse(self.data, self.name)
        return Change(parsed.files, parsed.broken)

    def read(self, path: str, side: Side) -> str | None:  # noqa: ARG002 - there are no files to read
        """Always null."""
        return None
