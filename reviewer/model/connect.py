"""A model to talk to: cache around budget around endpoint."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from reviewer.errors import Misuse
from reviewer.messages import Usage
from reviewer.model import cache as replies_kept
from reviewer.model import parameters
from reviewer.model.budget import Budget, Caps
from reviewer.model.cache import Cache
from reviewer.model.endpoint import Endpoint, Timing
from reviewer.model.failures import ModelFailure
from reviewer.model.pacing import Gate
from reviewer.model.rate import Pace
from reviewer.model.sharedcache import SharedCache
from reviewer.model.transport import Key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from reviewer.findings import Note
    from reviewer.messages import Message, Reply, Tool
    from reviewer.model.dialects import Target, Tier
    from reviewer.model.rate import Rate
    from reviewer.model.shared import Shared


def connect(
    target: Target,
    *,
    key: str | None = None,
    timing: Timing | None = None,
    concurrency: int | None = None,
    caps: Caps | None = None,
    price: tuple[Tier, ...] | None = None,
    cache: Path | None = None,
    worth_keeping: Callable[[str], bool] = bool,
    rate: Rate | None = None,
    shared: Shared | None = None,
) -> Connection:
    """A model that answers at `target`; nothing is sent yet. What cannot work raises `Misuse`.

    `concurrency` and `price` default to the dialect's; `cache` is a directory (null: replies are not kept) and
    `worth_keeping` says of a reply's text whether it is good enough to be given again. Who has the same `shared` Redis
    shares replies, the `rate`, and the waits that the server asks for; it is closed with the connection.
    """
    if key is None and target.dialect.wants_key(target.base_url):
        raise Misuse(f"{target.dialect.title} needs a key: set {target.dialect.key_variable} or REVIEWER_API_KEY")
    timing = timing or Timing()
    price = target.dialect.price(target.model) if price is None else price
    most = concurrency or target.dialect.concurrency
    turns = Pace(rate, _account(target), shared, timing) if rate or shared else None
    gate = Gate(most, clock=timing.clock, sleep=timing.sleep, deadline=timing.deadline, turns=turns)
    return Connection(
        target=target,
        endpoint=partial(Endpoint, key=None if key is None else Key(key), gate=gate, timing=timing),
        price=price,
        budget=Budget(caps or Caps(), price),
        cache=None if cache is None else _cache(Cache(cache, now=timing.now), shared),
        shared=shared,
        worth_keeping=worth_keeping,
        concurrency=most,
    )


def _account(target: Target) -> str:
    """Whose rate it is, for all who share a Redis: the server's, whoever's key is used."""
    return hashlib.sha256(target.base_url.encode()).hexdigest()[:16]


def _cache(own: Cache, shared: Shared | None) -> Cache | SharedCache:
    return own if shared is None else SharedCache(own, shared)


class Connection:
    """Messages in, reply out, for as many threads as `concurrency` says (or more: they wait)."""

    def __init__(
        self,
        *,
        target: Target,
        endpoint: Callable[..., Endpoint],
        price: tuple[Tier, ...] | None,
        budget: Budget,
        cache: Cache | SharedCache | None,
        shared: Shared | None,
        worth_keeping: Callable[[str], bool],
        concurrency: int,
    ) -> None:
        self._target, self._price, self._budget, self._cache = target, price, budget, cache
        self._connect = endpoint
        self._endpoint = endpoint(target, price=price)
        self._shared = shared
        self._worth_keeping = worth_keeping
        self._dropped_before: dict[str, None] = {}
        self.concurrency = concurrency

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def beside(self, model: str) -> Connection:
        """Another model at the same server: one budget, one pace, one cache. What is closed here is closed there."""
        target = replace(self._target, model=model)
        return Connection(
            target=target,
            endpoint=self._connect,
            price=target.dialect.price(model) or self._price,
            budget=self._budget,
            cache=self._cache,
            shared=self._shared,
            worth_keeping=self._worth_keeping,
            concurrency=self.concurrency,
        )

    def complete(self, messages: Sequence[Message], tools: Sequence[Tool] = ()) -> Reply:
        """The kept reply to these very messages, else a new one; raises `ModelFailure`.

        A reply may hold calls of `tools`; who makes them asks again with what they gave. A dialect that has no function
        calling, and a server that refuses it, answer as if there were no tools.
        """
        if self._cache is None:
            return self._paid(messages, tools)
        key = replies_kept.key(self._target, messages, tools)
        kept = self._cache.get(key)
        if kept is not None and self._is_good(kept.reply):
            self._dropped_before.update(dict.fromkeys(self._known(kept.dropped)))
            return kept.reply
        reply = self._paid(messages, tools)
        if self._is_good(reply):
            self._cache.put(key, reply, self._endpoint.parameters.dropped())
        return reply

    def notes(self) -> tuple[Note, ...]:
        """What the report should say about how it went: dropped parameters, a cache or Redis that is not to be had."""
        dropped = dict.fromkeys((*self._dropped_before, *self._endpoint.parameters.dropped()))
        said = parameters.notes(dropped, self._target)
        return (*said, *(self._cache.notes() if self._cache else ()), *(self._shared.notes() if self._shared else ()))

    def close(self) -> None:
        """Hangs up and lets go of the cache."""
        self._endpoint.transport.close()
        for kept in (self._cache, self._shared):
            if kept is not None:
                kept.close()

    def _is_good(self, reply: Reply) -> bool:
        """Good enough to be given again; also where it is given, since others may write to a shared cache."""
        return reply.finish == "stop" and bool(reply.tool_calls or self._worth_keeping(reply.text))

    def _known(self, dropped: Sequence[str]) -> Iterator[str]:
        """Of the names of parameters, those that there are."""
        names = {p.name for p in (parameters.TOOLS, *self._target.dialect.parameters_for(self._target.model))}
        return (name for name in dropped if name in names)

    def _paid(self, messages: Sequence[Message], tools: Sequence[Tool]) -> Reply:
        reservation = self._budget.reserve(self._endpoint.admit(messages, tools), self._price)
        spent: Usage | None = None
        try:
            reply = self._endpoint.complete(messages, tools)
            spent = reply.usage
        except ModelFailure as failure:
            # What may have been billed in vain stays counted as expected.
            spent = Usage() if failure.billed else None
            raise
        finally:
            self._budget.settle(reservation, spent)
        return reply
