"""All that is known around a chunk, gathered from where it comes and packed into its budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.context import pack
from reviewer.context.guides import Guides
from reviewer.context.pack import Context

if TYPE_CHECKING:
    from collections.abc import Callable

    from reviewer.change.pieces import Chunk
    from reviewer.context.evidence import Evidence
    from reviewer.context.guides import Shelf
    from reviewer.context.items import Item
    from reviewer.context.outline import Outline
    from reviewer.text.show import Show


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a chunk's context comes from; each source may be missing. Safe for many threads."""

    show: Show
    tokens: int
    outlined: Callable[[Chunk], Outline] | None = None
    shelf: Shelf | None = None
    told: tuple[Item, ...] = ()
    """What the pull request says of itself."""
    evidence: Evidence | None = None

    def of(self, chunk: Chunk, guide_tokens: int) -> Context:
        """What is known around `chunk`, in at most `tokens`, and its files' guides, in at most `guide_tokens`."""
        items = list(self.told)
        capped: tuple[str, ...] = ()
        if self.outlined is not None and self.tokens:
            found = self.outlined(chunk)
            items += found.items
            capped = found.capped
        if self.evidence is not None:
            items += self.evidence.facts(chunk, self.show)
        spent = pack.spend(items, self.tokens)
        paths = {piece.file.path for piece in chunk.pieces}
        said = self.shelf.guides(paths, guide_tokens) if self.shelf is not None and guide_tokens else Guides()
        return Context(spent.kept, said.items, spent.left_out, capped, said.trimmed)
