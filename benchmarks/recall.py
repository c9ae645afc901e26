"""Is the definition that a comment talks about, or that the commented lines use, in the context of its chunk?"""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks import around
from benchmarks.labels import labelled
from benchmarks.tables import Table, percent
from reviewer.context.items import Item, Kind
from reviewer.context.pack import cost, spend

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.dataset import Pull
    from benchmarks.labels import Definition, Label

Pack = Callable[[Sequence[Item]], Sequence[Item]]
Row = Sequence[object]

HEAD = (
    "context of a chunk",
    "named in the comment",
    "of these, used in added lines",
    "used in the commented lines",
    "tokens: median",
    "most",
)
NOTE = (
    "Labels are a heuristic (benchmarks/labels.py, plain `git grep`): names with humps, underscores or, in backticks, a"
    " capital that have 1 to 3 definitions in the repository at the head, none of them in the chunk itself. Hit: the"
    " beginning of one of these lines stands in the context, under the right path."
    " {labels} labels on {here} of {pulls} pull requests{gone}."
)


def tables(pulls: Sequence[Pull]) -> Iterator[Table]:
    """Recall by budget and order, and by what the definition is."""
    here = [pull for pull in pulls if pull.repository]
    gone = [pull.name for pull in pulls if not pull.repository]
    labels = [label for pull in here for label in labelled(pull)]
    missing = f"; not available here: {', '.join(gone)}" if gone else ""
    note = NOTE.format(labels=len(labels), here=len(here), pulls=len(pulls), gone=missing)
    yield Table("definition recall", HEAD, _by_pack(here, labels), note)
    head = ("definition of", "named in the comment", "used in the commented lines")
    yield Table(f"definition recall at {around.BUDGET} tokens, by kind", head, _by_kind(labels))


def _by_pack(pulls: Sequence[Pull], labels: Sequence[Label]) -> Iterator[Row]:
    for name, pack in PACKS.items():
        tokens = [sum(map(cost, pack(items))) for pull in pulls for _, items in around.outlines(pull)]
        groups = (
            [label for label in labels if label.said],
            [label for label in labels if label.said and label.used],
            [label for label in labels if not label.said],
        )
        shares = (_share(group, pack) for group in groups)
        yield name, *shares, round(statistics.median(tokens)) if tokens else "", max(tokens, default="")


def _by_kind(labels: Sequence[Label]) -> Iterator[Row]:
    pack = PACKS[f"{around.BUDGET} tokens"]
    for kind in ("callable", "type", "value"):
        groups = ([label for label in labels if label.kind == kind and label.said is said] for said in (True, False))
        yield kind, *(_share(group, pack) for group in groups)


def _share(labels: Sequence[Label], pack: Pack) -> str:
    hits = sum(told(label, pack(around.items(label.pull, label.chunk))) for label in labels)
    return f"{percent(hits, len(labels))} of {len(labels)}"


def told(label: Label, items: Sequence[Item]) -> bool:
    """Whether any of the definitions is among the items."""
    return any(_is_in(definition, item) for definition in label.definitions for item in items)


def _is_in(definition: Definition, item: Item) -> bool:
    path = re.sub(r":\d+$", "", item.where)
    return path == definition.path and _flat(definition.start) in _flat(item.text)


def _flat(text: str) -> str:
    return " ".join(text.split())


def _within(budget: int, order: Callable[[Item], float] | None = None) -> Pack:
    """Packs as a review does; with `order`, by another value than the item's own."""

    def pack(items: Sequence[Item]) -> Sequence[Item]:
        given = items if order is None else [replace(item, value=order(item)) for item in items]
        return spend(given, budget).kept

    return pack


def _without(kind: Kind) -> Pack:
    return lambda items: spend([item for item in items if item.kind is not kind], around.BUDGET).kept


PACKS: dict[str, Pack] = {
    "none": lambda _: (),
    **{f"{budget} tokens": _within(budget) for budget in (500, 1_000, around.BUDGET, 4_000)},
    "everything found": lambda items: items,
    f"{around.BUDGET} tokens, in no order of value": _within(around.BUDGET, lambda _: 0.5),
    f"{around.BUDGET} tokens, reasons without their place": lambda items: _within(around.BUDGET)(
        [replace(item, why=item.why.partition(" in ")[0]) for item in items]
    ),
    **{f"{around.BUDGET} tokens, without {kind} items": _without(kind) for kind in (Kind.ENCLOSING, Kind.CALLER)},
}
