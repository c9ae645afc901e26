"""A hard cap on what a run may spend, counted before each call."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.errors import Misuse
from reviewer.findings import Reason
from reviewer.model.dialects import cost
from reviewer.model.failures import ModelFailure

if TYPE_CHECKING:
    from reviewer.messages import Usage
    from reviewer.model.dialects import Tier

EXPECTED_ANSWER = 1_000
"""Tokens an answer is expected to have: six findings. Reserving the limit of 8 192 would stop runs far too early."""


@dataclass(frozen=True, slots=True)
class Caps:
    """What a run may spend at most: calls, tokens (prompts and answers), US dollars; null: no cap."""

    calls: int | None = None
    tokens: int | None = None
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class Reservation:
    """What a call is expected to spend."""

    tokens: int
    cost: float


class Budget:
    """Spent and reserved together stay within the caps; an answer longer than expected is known when it is there.

    So a cap is exceeded by no more than what the answers under way exceed `EXPECTED_ANSWER` by, and prompts their
    estimates. A call counts whether or not it succeeds; one that may have been billed in vain counts as expected.
    """

    def __init__(self, caps: Caps, price: tuple[Tier, ...] | None) -> None:
        if caps.cost is not None and price is None:
            raise Misuse(
                "REVIEWER_MAX_COST needs a price, and that of this model is unknown: set REVIEWER_PRICE_INPUT and"
                " REVIEWER_PRICE_OUTPUT (dollars per million tokens), or use REVIEWER_MAX_TOKENS"
            )
        self._caps, self._price = caps, price
        self._lock = threading.Lock()
        self._calls = 0
        self._tokens = 0
        self._cost = 0.0

    def reserve(self, prompt_tokens: int, price: tuple[Tier, ...] | None = None) -> Reservation:
        """Sets aside what a call with this prompt is expected to spend; too much raises `ModelFailure(BUDGET)`.

        `price` is that of another model than the budget was made for.
        """
        tiers = price or self._price
        expected = 0.0 if tiers is None else cost(tiers, prompt_tokens, 0, EXPECTED_ANSWER)
        reservation = Reservation(prompt_tokens + EXPECTED_ANSWER, expected)
        with self._lock:
            reached = self._reached(reservation)
            if reached:
                raise ModelFailure(Reason.BUDGET, reached)
            self._calls += 1
            self._tokens += reservation.tokens
            self._cost += reservation.cost
        return reservation

    def settle(self, reservation: Reservation, actual: Usage | None) -> None:
        """Replaces what was expected by what was spent; null: nothing was."""
        spent = 0 if actual is None else actual.prompt_tokens + actual.completion_tokens
        paid = 0.0 if actual is None else actual.cost_usd
        with self._lock:
            # A server that reports no tokens or no price leaves the estimate standing.
            self._tokens += (spent if spent or actual is None else reservation.tokens) - reservation.tokens
            self._cost += (reservation.cost if paid is None else paid) - reservation.cost

    def _reached(self, more: Reservation) -> str | None:
        caps = self._caps
        if caps.calls is not None and self._calls + 1 > caps.calls:
            return f"the cap on calls is reached (REVIEWER_MAX_CALLS={caps.calls})"
        if caps.tokens is not None and self._tokens + more.tokens > caps.tokens:
            return f"the cap on tokens leaves no room for this call (REVIEWER_MAX_TOKENS={caps.tokens})"
        if caps.cost is not None and self._cost + more.cost > caps.cost:
            return f"the cap on cost leaves no room for this call (REVIEWER_MAX_COST={caps.cost:g} dollars)"
        return None
