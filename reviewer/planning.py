"""What a review would send, as a value: the same steps, and nothing is sent."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from reviewer.change import chunks
from reviewer.context import pack as contexts
from reviewer.conversation import DEEPEST
from reviewer.findings import Unreviewed
from reviewer.ledger import Ledger
from reviewer.memory import Forgetful, Recalled
from reviewer.model.budget import EXPECTED_ANSWER
from reviewer.model.dialects import cost
from reviewer.model.endpoint import INPUT_LIMIT
from reviewer.preparation import prepared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from reviewer.change.change import Source
    from reviewer.change.pieces import Chunk
    from reviewer.change.select import Attributes, Selection
    from reviewer.context.items import Item
    from reviewer.findings import Coverage, Note
    from reviewer.memory import Memory
    from reviewer.messages import Message
    from reviewer.model.dialects import Tier
    from reviewer.prompts import Composed
    from reviewer.text.show import Show


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """Something that stands around a chunk; `sent`: it fits into the budget."""

    kind: str
    where: str
    why: str
    tokens: int
    sent: bool


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file's part of a chunk, in changed lines."""

    path: str
    lines: int


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """One request: `tokens` of the prompt, `diff_tokens` of them the change; `up_to` names the price tier."""

    number: int
    files: tuple[PlannedFile, ...]
    rules: tuple[str, ...]
    items: tuple[PlannedItem, ...]
    tokens: int
    diff_tokens: int
    cost_usd: float | None
    up_to: int | None


@dataclass(frozen=True, slots=True)
class Further:
    """What the answers may bring about: so many requests at most, with so many prompt tokens together.

    `kind`: `look_ups`, `verification` or `overview`, which is the view of the whole that ends an audit.
    """

    kind: str
    requests: int
    tokens: int
    cost_usd: float | None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a review would do. Costs are US dollars and assume answers of `EXPECTED_ANSWER` tokens."""

    calls: tuple[PlannedCall, ...]
    passes: int
    unreviewed: tuple[Unreviewed, ...]
    coverage: Coverage
    notes: tuple[Note, ...]
    provider: str | None = None
    model: str | None = None
    policy_source: str = "defaults"
    prompt: tuple[Message, ...] | None = None
    further: tuple[Further, ...] = ()

    @property
    def requests(self) -> int:
        """How often the model is asked, what is `further` aside."""
        return len(self.calls) * self.passes

    @property
    def tokens(self) -> int:
        """Of the prompts of these requests."""
        return sum(call.tokens for call in self.calls) * self.passes

    @property
    def cost_usd(self) -> float | None:
        """What these requests would cost; null where no price is known."""
        once = _sum(call.cost_usd for call in self.calls)
        return None if once is None else once * self.passes

    @property
    def at_most(self) -> Further:
        """All of it together, without what trouble with the server has said again or in parts."""
        return Further(
            "all",
            self.requests + sum(each.requests for each in self.further),
            self.tokens + sum(each.tokens for each in self.further),
            _sum((self.cost_usd, *(each.cost_usd for each in self.further))),
        )


@dataclass(frozen=True, slots=True)
class Estimate:
    """How a plan is made and priced: `compose` makes the prompt of the first pass. `price` null: unknown."""

    compose: Callable[[Chunk], Composed]
    price: tuple[Tier, ...] | None
    passes: int = 1
    verifies: bool = False
    look_ups: int = 0
    """What the model may look up for one request."""
    judge_price: tuple[Tier, ...] | None = None
    """Of whoever verifies, and looks at the whole."""
    overview: tuple[int, int] = (0, 0)
    """So many questions about the whole at most, of so many tokens."""
    provider: str | None = None
    model: str | None = None


def plan(
    source: Source,
    selection: Selection,
    estimate: Estimate,
    *,
    attributes: Attributes | None,
    chunk_tokens: int,
    show: Show,
    policy_source: str,
    seen: frozenset[str] = frozenset(),
    prompt: int | None = None,
    memory: Memory | None = None,
) -> Plan:
    """Composes every prompt of the first pass and keeps what there is to say of it; `prompt` N is kept whole."""
    change = source.change()
    ledger = Ledger(change.broken)
    pack = partial(
        prepared,
        selection=selection,
        attributes=attributes,
        read=source.read,
        chunk_tokens=chunk_tokens,
        show=show,
        ledger=ledger,
        seen=seen,
    )
    calls: list[PlannedCall] = []
    notes: dict[tuple[str, str], Note] = {}
    wanted: tuple[Message, ...] | None = None
    for chunk in _chosen((memory or Forgetful()).packed(change.files, pack), ledger):
        for part, composed in _asked(chunk, estimate.compose):
            calls.append(_call(len(calls) + 1, part, composed, estimate.price))
            notes.update({(note.code, note.message): note for note in composed.notes})
            if calls[-1].number == prompt:
                wanted = composed.messages
        ledger.settle(chunk, ())
    return Plan(
        calls=tuple(calls),
        passes=estimate.passes,
        unreviewed=tuple(ledger.unreviewed),
        coverage=ledger.coverage(),
        notes=tuple(notes.values()),
        provider=estimate.provider,
        model=estimate.model,
        policy_source=policy_source,
        prompt=wanted,
        further=tuple(_further(calls, estimate)),
    )


def _further(calls: Sequence[PlannedCall], estimate: Estimate) -> Iterator[Further]:
    """Answers of `EXPECTED_ANSWER` tokens hold six findings each: those of two passes are verified in one request."""

    def further(kind: str, price: tuple[Tier, ...] | None, prompts: Sequence[int]) -> Further:
        costs = (None if price is None else cost(price, tokens, 0, EXPECTED_ANSWER) for tokens in prompts)
        return Further(kind, len(prompts), sum(prompts), _sum(costs))

    if calls and estimate.look_ups:
        prompts = [INPUT_LIMIT] * len(calls) * estimate.passes * estimate.look_ups
        yield further("look_ups", estimate.price, prompts)
    if calls and estimate.verifies:
        times = -(-estimate.passes // 2)
        shown = [call.tokens + 2 * EXPECTED_ANSWER for call in calls]
        yield further("verification", estimate.judge_price, shown * times)
    if estimate.overview[0]:
        yield further("overview", estimate.judge_price, [estimate.overview[1]] * estimate.overview[0])


def _sum(costs: Iterable[float | None]) -> float | None:
    """Null where one of them is."""
    known = list(costs)
    return None if None in known else sum(each or 0.0 for each in known)


def _chosen(packed: Iterable[Chunk | Unreviewed | Recalled], ledger: Ledger) -> Iterator[Chunk]:
    for item in packed:
        if isinstance(item, Unreviewed):
            ledger.leave_out(item)
        elif isinstance(item, Recalled):
            ledger.recall(item.lines)
        else:
            ledger.hand_out(item)
            yield item


def _asked(chunk: Chunk, compose: Callable[[Chunk], Composed], depth: int = 0) -> Iterator[tuple[Chunk, Composed]]:
    """The chunk, or its halves where it would be too long to be sent, as a conversation about it begins."""
    composed = compose(chunk)
    halves = chunks.halve(chunk) if composed.tokens > INPUT_LIMIT and depth < DEEPEST else None
    if halves is None:
        yield chunk, composed
        return
    for half in halves:
        yield from _asked(half, compose, depth + 1)


def _call(number: int, chunk: Chunk, composed: Composed, price: tuple[Tier, ...] | None) -> PlannedCall:
    by_file = groupby(chunk.pieces, key=lambda piece: piece.file.path)
    tokens = composed.tokens
    tier = next((tier for tier in price or () if tier.up_to is None or tokens <= tier.up_to), None)
    return PlannedCall(
        number=number,
        files=tuple(PlannedFile(path, sum(piece.changed for piece in pieces)) for path, pieces in by_file),
        rules=tuple(pack.name for pack in composed.packs),
        items=tuple(_items(composed)),
        tokens=tokens,
        diff_tokens=chunk.tokens,
        cost_usd=None if price is None else cost(price, tokens, 0, EXPECTED_ANSWER),
        up_to=tier.up_to if tier else None,
    )


def _items(composed: Composed) -> Iterator[PlannedItem]:
    context = composed.context
    yield from _planned((*context.guides, *context.items), sent=True)
    yield from _planned(context.left_out, sent=False)


def _planned(items: Sequence[Item], *, sent: bool) -> Iterator[PlannedItem]:
    for item in items:
        yield PlannedItem(item.kind, item.where, item.why, contexts.cost(item), sent)
