"""Diffs as the model is shown them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reviewer.change import chunks, diff
from reviewer.change.pieces import Chunk, Piece

if TYPE_CHECKING:
    from collections.abc import Callable

Shown = "Callable[..., tuple[Piece, ...]]"


def pieces(text: str, show: chunks.Show = lambda lines: lines, budget: int = 1_000_000) -> tuple[Piece, ...]:
    packed = chunks.pack(diff.parse(text.encode()).files, budget=budget, show=show)
    return tuple(piece for chunk in packed if isinstance(chunk, Chunk) for piece in chunk.pieces)


@pytest.fixture
def shown() -> Callable[..., tuple[Piece, ...]]:
    """The pieces of a diff, in order."""
    return pieces
