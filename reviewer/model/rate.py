"""A rate that is never exceeded: by the threads of this run, and by all runners that share a Redis."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.findings import Reason
from reviewer.model.failures import ModelFailure
from reviewer.model.pacing import LONGEST_WAIT
from reviewer.model.shared import NAMESPACE

if TYPE_CHECKING:
    from redis import Redis

    from reviewer.model.endpoint import Timing
    from reviewer.model.shared import Shared
    from reviewer.model.windows import Window

GRACE = 2.0
"""Seconds a wait may be longer than a rate says: a window is a little longer, and clocks are read at several times."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`requests` within any `seconds`."""

    requests: int
    seconds: int = 60


class Pace:
    """Turns at one account, `name`, shared through a Redis where there is one; a lost one leaves this run its own.

    A turn that would come after the deadline raises `ModelFailure(DEADLINE)`.
    """

    def __init__(self, rate: Rate | None, name: str, shared: Shared | None, timing: Timing) -> None:
        self._rate, self._name, self._shared, self._timing = rate, name, shared, timing
        self._one_at_a_time = threading.Lock()
        self._here: Window | None = None
        self._everywhere: Window | None = None

    def take(self) -> None:
        """Waits for the turn of one request; one thread waits for all, so that a Redis is not asked by each."""
        with self._one_at_a_time:
            while (pause := self._pause()) > 0:
                if not self._timing.allows(pause):
                    raise self._too_late()
                self._timing.sleep(pause)

    def hold(self, seconds: float) -> None:
        """What the provider told one runner is told to all."""
        if self._shared is not None:
            self._shared.attempt(lambda redis: self._keep_held(redis, seconds))

    def _pause(self) -> float:
        """Seconds to wait before the next try; 0: the turn is taken."""
        held = (self._shared.attempt(self._held) if self._shared is not None else None) or 0.0
        if held > 0 or self._rate is None:
            return held
        pause = self._shared_pause(self._rate)
        own = self._own(self._rate)
        if pause is None:
            return own.take()
        if pause == 0:
            own.take()  # so that a run that loses the Redis knows what it has sent
        return pause

    def _too_late(self) -> ModelFailure:
        way = "set REVIEWER_DEADLINE higher" + (", or REVIEWER_REQUESTS_PER_MINUTE" if self._rate else "")
        return ModelFailure(Reason.DEADLINE, f"the deadline of the review came before the request's turn: {way}")

    def _shared_pause(self, rate: Rate) -> float | None:
        """Null where nothing is shared (any more)."""
        shared = self._shared
        if shared is None:
            return None
        pause = shared.attempt(lambda redis: self._common(rate, redis).take())
        if pause is None or pause <= rate.seconds + GRACE:
            return pause
        shared.lose("it holds requests of the future, which no runner wrote")
        return None

    def _own(self, rate: Rate) -> Window:
        from reviewer.model import windows

        if self._here is None:
            self._here = windows.here(rate, self._name)
        return self._here

    def _common(self, rate: Rate, redis: Redis) -> Window:
        from reviewer.model import windows

        if self._everywhere is None:
            self._everywhere = windows.everywhere(rate, self._name, redis)
        return self._everywhere

    def _held(self, redis: Redis) -> float:
        """Seconds; a hold longer than any provider is given, or one without an end, is not ours and holds nobody."""
        left = redis.pttl(self._hold_key)
        return left / 1000 if isinstance(left, int) and 0 < left <= LONGEST_WAIT * 1000 else 0.0

    def _keep_held(self, redis: Redis, seconds: float) -> None:
        if self._held(redis) < seconds:
            redis.set(self._hold_key, "", px=max(1, round(seconds * 1000)))

    @property
    def _hold_key(self) -> str:
        return f"{NAMESPACE}:hold:{self._name}"
