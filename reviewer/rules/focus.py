"""What a further reading of the same change looks for. The same question again finds nothing at temperature 0."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from reviewer import templates

NAMES = ("correctness", "security", "tests")
"""In the order in which they are worth their price."""


@dataclass(frozen=True, slots=True)
class Focus:
    """One reading: its name, what the model is told, and whether the chunk's files come in the opposite order."""

    name: str
    text: str
    backwards: bool


def focuses(passes: int) -> tuple[Focus, ...]:
    """The first reading, which looks for everything, then each focus with the files backwards, then forwards again."""
    further = (Focus(NAMES[n % 3], _text(NAMES[n % 3]), n // 3 % 2 == 0) for n in range(passes - 1))
    return (Focus("everything", "", backwards=False), *further)


@cache
def _text(name: str) -> str:
    return (templates.folder() / "focus" / f"{name}.md").read_text("utf-8").strip()
