"""What a chunk's reader is told besides the chunk: items, each with the reason why it is there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What an item is."""

    ENCLOSING = "enclosing"
    """The definition a hunk is in: its signature and where it starts."""
    DEFINITION = "definition"
    """The signature, with the first line of its documentation, of a symbol used in added lines."""
    CALLER = "caller"
    """A place that calls a definition whose signature changed."""
    FACT = "fact"
    """What another tool found on these lines."""
    GUIDE = "guide"
    """The team's own guides, as the base commit has them."""
    PULL = "pull"
    """Title, description, commit subjects, titles of linked issues."""


@dataclass(frozen=True, slots=True)
class Item:
    """`text` is what the model is shown, redacted and revealed by whoever made it; `value` is from 0 to 1."""

    kind: Kind
    where: str
    """A place (`src/cart.py:12`), a path, or what it is (`title`)."""
    why: str
    """A short phrase a person understands: `called in src/shop.py:40`."""
    text: str
    value: float
