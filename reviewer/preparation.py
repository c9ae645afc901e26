"""From a change to the chunks that are asked about: the same for a review and for a plan of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.change import chunks
from reviewer.change.identity import unseen
from reviewer.change.select import select
from reviewer.findings import Unreviewed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reviewer.change.change import FileChange
    from reviewer.change.pieces import Chunk
    from reviewer.change.select import Attributes, Read, Selection
    from reviewer.ledger import Ledger
    from reviewer.text.show import Show


def prepared(
    files: Iterable[FileChange | Unreviewed],
    selection: Selection,
    *,
    attributes: Attributes | None,
    read: Read,
    chunk_tokens: int,
    show: Show,
    ledger: Ledger,
    seen: frozenset[str] = frozenset(),
    in_order: bool = False,
) -> Iterator[Chunk | Unreviewed]:
    """Selected, without the hunks already `seen` (the ledger is credited with these), packed into chunks; a stream.

    `in_order`: the first files matter most.
    """
    selected = select(files, selection, attributes=attributes, read=read)
    unread = _unread(selected, seen, ledger) if seen else selected
    return chunks.pack(unread, budget=chunk_tokens, show=show, in_order=in_order)


def _unread(
    selected: Iterator[FileChange | Unreviewed], seen: frozenset[str], ledger: Ledger
) -> Iterator[FileChange | Unreviewed]:
    """What an earlier review of the same change has not read; the rest is credited to it."""
    for item in selected:
        if isinstance(item, Unreviewed):
            yield item
            continue
        rest = unseen(item, seen)
        ledger.credit(item, rest)
        yield rest
