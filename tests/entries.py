"""Files of a tree that is nowhere."""

from __future__ import annotations

from reviewer.sources.listing import Entry


def entry(path: str, size: int = 1_000, blob: str = "", *, is_program: bool = False) -> Entry:
    """A file whose content is named after its path."""
    return Entry(path, blob or f"blob of {path}", size, is_program)
