"""What stands around the chunks of a pull request: definitions at its own commit, its team's guides."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from benchmarks import dataset
from reviewer.context.definitions import remembered
from reviewer.context.guides import Shelf
from reviewer.context.outline import outline
from reviewer.context.pack import Context
from reviewer.context.surroundings import Surroundings
from reviewer.sources import basetexts
from reviewer.sources.git import revisions

if TYPE_CHECKING:
    from benchmarks.dataset import Pull
    from reviewer.change.pieces import Chunk
    from reviewer.context.items import Item

BUDGET = 2_000
"""Tokens of context a chunk, and of guides: the defaults."""

_outlines: dict[str, tuple[tuple[Item, ...], ...]] = {}


def outlines(pull: Pull) -> tuple[tuple[Chunk, tuple[Item, ...]], ...]:
    """Every chunk with its items, best first; nothing where the repository is not here. Made once."""
    if pull.repository is None:
        return ()
    if pull.name not in _outlines:
        shown = dataset.show()
        with revisions(pull.repository, f"{pull.merge_base}..{pull.head}") as repository:
            snapshot = remembered(repository.snapshot())
            _outlines[pull.name] = tuple(outline(chunk, snapshot, shown).items for chunk in pull.chunks)
    return tuple(zip(pull.chunks, _outlines[pull.name], strict=True))


def items(pull: Pull, chunk: Chunk) -> tuple[Item, ...]:
    """Those of one chunk."""
    return next((found for each, found in outlines(pull) if each is chunk), ())


def contexts(pull: Pull) -> list[Context]:
    """What a review tells about each chunk; of a pull request's own words the data know nothing."""
    if pull.repository is None:
        return [Context() for _ in pull.chunks]
    shown = dataset.show()
    with revisions(pull.repository, f"{pull.merge_base}..{pull.head}") as repository:
        shelf = Shelf(basetexts.of_pull(repository, pull.merge_base), shown)
        outlined = partial(outline, snapshot=remembered(repository.snapshot()), show=shown)
        known = Surroundings(shown, BUDGET, outlined, shelf)
        return [known.of(chunk, BUDGET) for chunk in pull.chunks]
