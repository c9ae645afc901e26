"""So many requests within any so many seconds: counted here, or by the Redis for all. The only module with `limits`."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter

from reviewer.model.shared import NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis import Redis

    from reviewer.model.rate import Rate

ON_THE_WAY = 1
"""Seconds by which requests may differ in how long they take to arrive: a window is longer by as much.

Else those that were sent late in one minute and those sent early in the next could arrive within one.
"""
SHORTEST = 0.02
"""Seconds between two tries, where clocks say that it is time already."""
PROBES = 3
"""Questions about the time; the one that was answered fastest counts."""


@dataclass(frozen=True, slots=True)
class Window:
    """A moving window: exact, where counters for fixed windows let twice as many through around a boundary."""

    limiter: MovingWindowRateLimiter
    item: RateLimitItemPerSecond
    name: str
    now: Callable[[], float]

    def take(self) -> float:
        """0 where the request was let through and counted, else seconds after which to try again."""
        if self.limiter.hit(self.item, self.name):
            return 0.0
        return max(SHORTEST, self.limiter.get_window_stats(self.item, self.name).reset_time - self.now())


def here(rate: Rate, name: str) -> Window:
    """For the threads of this process; its clock is the library's own, `time.time`."""
    return Window(MovingWindowRateLimiter(MemoryStorage()), _item(rate), name, time.time)


def everywhere(rate: Rate, name: str, redis: Redis) -> Window:
    """For all who use this Redis with the same rate and name; asks it for the time, and raises what redis raises."""
    storage = _ServerTime(redis)
    return Window(MovingWindowRateLimiter(storage), _item(rate), name, storage.now)


class _ServerTime(RedisStorage):
    """Stamps by the clock of the Redis, since those of runners differ: a minute must be the same for all."""

    def __init__(self, redis: Redis) -> None:
        super().__init__("redis://", redis.connection_pool, key_prefix=f"{NAMESPACE}:pace")
        self._ahead = min(_ahead(redis) for _ in range(PROBES))[1]

    def now(self) -> float:
        """The server's time, in seconds since the epoch."""
        return self._ahead + time.monotonic()

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """As the library's, with the server's time."""
        keys, values = [self.prefixed_key(key)], [self.now(), limit, expiry, amount]
        return bool(self.lua_acquire_moving_window(keys, values))

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """As the library's, with the server's time."""
        now = self.now()
        found = self.lua_moving_window([self.prefixed_key(key)], [now - expiry, limit])
        return (float(found[0]), int(found[1])) if found else (now, 0)


def _ahead(redis: Redis) -> tuple[float, float]:
    """Seconds an answer took, and by which the server's time is ahead of `time.monotonic` within half of them."""
    began = time.monotonic()
    seconds, micros = cast("tuple[int, int]", redis.time())
    ended = time.monotonic()
    return ended - began, seconds + micros / 1e6 - (began + ended) / 2


def _item(rate: Rate) -> RateLimitItemPerSecond:
    return RateLimitItemPerSecond(rate.requests, rate.seconds + ON_THE_WAY)
