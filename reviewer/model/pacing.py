"""How many requests run at once: fewer after each 429, slowly more again, none before the provider's own time."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Protocol

from reviewer.findings import Reason
from reviewer.model.failures import ModelFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

LONGEST_WAIT = 120.0
"""Seconds a provider may ask us to wait; who asks for more is told no."""


class Turns(Protocol):
    """Who may ask when, beyond this run."""

    def take(self) -> None:
        """Waits for the turn of one request."""
        ...

    def hold(self, seconds: float) -> None:
        """Nobody's turn comes for so many seconds."""
        ...


class AlwaysOurs:
    """No request of anybody else matters."""

    def take(self) -> None:
        """At once."""

    def hold(self, seconds: float) -> None:
        """Nobody else is there to be told."""


class Gate:
    """Additive increase, multiplicative decrease, between 1 and `limit` requests at once.

    `deadline` is a time of `clock`; waiting beyond it raises `ModelFailure(DEADLINE)`.
    """

    def __init__(
        self,
        limit: int,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        deadline: float | None = None,
        turns: Turns | None = None,
    ) -> None:
        self._turns = turns or AlwaysOurs()
        self._most = self._limit = max(1, limit)
        self._clock, self._sleep, self._deadline = clock, sleep, deadline
        self._changed = threading.Condition()
        self._running = 0
        self._generation = 0
        self._successes = 0
        self._not_before = 0.0

    @property
    def limit(self) -> int:
        """How many requests may run at once just now."""
        with self._changed:
            return self._limit

    @contextmanager
    def slot(self) -> Iterator[int]:
        """Waits for a place among the running requests; gives the generation to hand to `throttled`."""
        generation = self._enter()
        try:
            # Last of all, so that a request is sent when its turn has come and not when there is room later.
            self._turns.take()
            yield generation
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    def succeeded(self) -> None:
        """One more at once after as many successes as there may run now."""
        with self._changed:
            self._successes += 1
            if self._successes >= self._limit and self._limit < self._most:
                self._limit += 1
                self._successes = 0
                self._changed.notify_all()

    def throttled(self, generation: int) -> None:
        """Halves, once for all requests that were under way together."""
        with self._changed:
            if generation == self._generation:
                self._generation += 1
                self._limit = max(1, self._limit // 2)
                self._successes = 0

    def hold(self, seconds: float) -> None:
        """Nobody starts for so many seconds."""
        with self._changed:
            self._not_before = max(self._not_before, self._clock() + seconds)
        self._turns.hold(seconds)

    def _enter(self) -> int:
        while True:
            with self._changed:
                pause = self._not_before - self._clock()
                if pause <= 0 and self._running < self._limit:
                    self._running += 1
                    return self._generation
                left = None if self._deadline is None else self._deadline - self._clock()
                if left is not None and left <= max(0.0, pause):
                    raise ModelFailure(Reason.DEADLINE, "the deadline of the review came before the request's turn")
                if pause <= 0:
                    self._changed.wait(left)
                    continue
            self._sleep(pause)


def asked_wait(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds the provider asks us to wait (`now`: seconds since the epoch); null where it does not say.

    Retry-After has seconds or an HTTP date. Segmind sends x-rate-limit-reset-at-utc instead, whose form is not
    documented: ISO 8601, with or without a zone, and seconds or milliseconds since the epoch are understood. A moment
    is held against the server's own clock where it tells the time: ours may be wrong by a year.
    """
    after = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,12}(\.\d{1,9})?", after):
        return float(after)
    now = _http_date(headers.get("date", "")) or now
    moment = _http_date(after) if after else _timestamp(headers.get("x-rate-limit-reset-at-utc", "").strip())
    return None if moment is None else max(0.0, moment - now)


def _http_date(text: str) -> float | None:
    try:
        date = parsedate_to_datetime(text)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _timestamp(text: str) -> float | None:
    if re.fullmatch(r"\d{9,13}(\.\d{1,9})?", text):
        number = float(text)
        return number / 1000 if number > 1e11 else number
    try:
        date = datetime.fromisoformat(text.removesuffix("UTC").strip())
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
