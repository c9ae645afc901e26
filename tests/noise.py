"""Quotes as models spoil them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

EXACT, INDENTATION, MARKER, NUMBER = "as it is", "indentation lost", "marker kept", "number kept"
PART, TYPING, INVENTED = "part of a line", "typing errors", "one line of three wrong"
KINDS = (EXACT, INDENTATION, MARKER, NUMBER, PART, TYPING, INVENTED)
LETTERS = "abcdefgh_x"


def spoilt(kind: str, rng: random.Random, first: int, lines: Sequence[str]) -> tuple[str, int]:
    """The quote of `lines`, which begin at `first`, and the line that the quote's own first one is."""
    lines = list(lines)
    if kind == PART:
        index = max(range(len(lines)), key=lambda index: len(lines[index].strip()))
        text = lines[index].strip()
        size = round(len(text) * 0.6)
        start = rng.choice((0, len(text) - size))
        return text[start : start + size], first + index
    if kind == INVENTED:
        lines[rng.randrange(len(lines))] = "    nothing_of_this(is, there)"
    return "\n".join(_spoilt(kind, rng, *each) for each in enumerate(lines, start=first)), first


def misnumbered(rng: random.Random, line: int, nearest: int, farthest: int) -> int:
    """The line's number, off by so many in either direction, but 1 at least."""
    off = rng.choice((-1, 1)) * rng.randint(nearest, farthest)
    return line + off if line + off > 0 else line - off


def _spoilt(kind: str, rng: random.Random, number: int, line: str) -> str:
    if kind == INDENTATION:
        return line.strip()
    if kind == MARKER:
        return f"+{line}"
    if kind == NUMBER:
        return f"{number}+{line}"
    return _typing_errors(rng, line) if kind == TYPING else line


def _typing_errors(rng: random.Random, text: str) -> str:
    letters = list(text)
    for _ in range(max(1, len(text.strip()) // 15) if text.strip() else 0):
        letters[rng.randrange(len(letters))] = rng.choice(LETTERS)
    return "".join(letters)
