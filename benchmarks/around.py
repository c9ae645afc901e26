"""What stands around the chunks of the data set's pull requests: the outline of each at its own commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import dataset
from reviewer.context.definitions import remembered
from reviewer.context.outline import outline
from reviewer.context.pack import Context, spend
from reviewer.sources.git import revisions

if TYPE_CHECKING:
    from benchmarks.dataset import Pull
    from reviewer.change.pieces import Chunk
    from reviewer.context.items import Item

BUDGET = 2_000
"""Tokens of context a chunk: the default."""


_known: dict[str, dict[int, tuple[Item, ...]]] = {}


def outlines(pull: Pull) -> tuple[tuple[Chunk, tuple[Item, ...]], ...]:
    """Every chunk with its items, best first; nothing where the repository is not here. Made once."""
    if pull.repository is None:
        return ()
    if pull.name not in _known:
        show = dataset.show()
        with revisions(pull.repository, f"{pull.merge_base}..{pull.head}") as repository:
            snapshot = remembered(repository.snapshot())
            _known[pull.name] = {id(chunk): outline(chunk, snapshot, show).items for chunk in pull.chunks}
    return tuple((chunk, _known[pull.name][id(chunk)]) for chunk in pull.chunks)


def items(pull: Pull, chunk: Chunk) -> tuple[Item, ...]:
    """Those of one chunk."""
    return next((found for each, found in outlines(pull) if each is chunk), ())


def context(pull: Pull, chunk: Chunk, budget: int = BUDGET) -> Context:
    """What a review would tell about the chunk besides it, the pull request's own words and guides aside."""
    return Context(spend(items(pull, chunk), budget).kept)
