"""One function over many items, on threads that an interrupt or a deadline can leave behind."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterable, Iterator
    from concurrent.futures import Future

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 2
"""Items under way for each thread: enough to keep it busy, few enough that a stream stays a stream."""


SWITCH = 0.0005
"""Seconds after which a thread that computes lets another one on. With Python's own 0.005 an answer that has come waits
for the thread that packs and checks, at every one of its many steps: a quarter of an audit's time on a busy machine."""

Meanwhile = Callable[[], bool]
"""Does a bit of other work in the calling thread; false when there is none."""


def idle() -> bool:
    """No other work."""
    return False


class Mapper(Protocol):
    """How a function meets its items: pairs (item, result), in the order they are done."""

    def __call__(
        self, function: Callable[[Item], Result], items: Iterable[Item], meanwhile: Meanwhile = idle
    ) -> Generator[tuple[Item, Result], None, None]:
        """Draws from `items` as there is room, and works on `meanwhile` until a result is there; all of it is done in
        the end. What `function` raises is raised here. An interrupt that is thrown in comes out after what is done."""
        ...


def take(pairs: Generator[tuple[Item, Result], None, None], hand: Callable[[Item, Result], object]) -> None:
    """Hands over every pair of a `Mapper`; after an interrupt, wherever it came, those that are done, and raises it."""
    try:
        for item, result in pairs:
            hand(item, result)
    except KeyboardInterrupt as interrupt:
        with suppress(KeyboardInterrupt):  # which comes again when there are no more
            hand(*pairs.throw(interrupt))
            for item, result in pairs:
                hand(item, result)
        raise


def inline(
    function: Callable[[Item], Result], items: Iterable[Item], meanwhile: Meanwhile = idle
) -> Generator[tuple[Item, Result], None, None]:
    """No threads at all: for work that does not wait."""
    for item in items:
        yield item, function(item)
        _finish(meanwhile)


@dataclass(frozen=True, slots=True)
class Threads:
    """`count` threads. Past `until` (monotonic seconds) nothing more is waited for and the iteration just ends.

    Threads that still wait for a server are left, not joined: `__main__` ends the process without them.
    """

    count: int
    until: float | None = None

    def __call__(
        self, function: Callable[[Item], Result], items: Iterable[Item], meanwhile: Meanwhile = idle
    ) -> Generator[tuple[Item, Result], None, None]:
        """Pairs in the order they are done; items are drawn in the calling thread.

        An interrupt is raised after the pairs that are done by then.
        """
        sys.setswitchinterval(SWITCH)
        pool = ThreadPoolExecutor(self.count)
        under_way: dict[Future[Result], Item] = {}
        try:
            for item in items:
                under_way[pool.submit(function, item)] = item
                if len(under_way) >= self.count * AHEAD:
                    if not self._wait(under_way, meanwhile):
                        return
                    yield from _finished(under_way)
            while under_way:
                if not self._wait(under_way, meanwhile):
                    return
                yield from _finished(under_way)
            _finish(meanwhile)
        except KeyboardInterrupt:
            # They are paid for; and no bug of a thread's takes the interrupt's place.
            yield from _finished({each: under_way[each] for each in under_way if each.done() and not each.exception()})
            raise
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _wait(self, under_way: Collection[Future[Result]], meanwhile: Meanwhile) -> bool:
        """Whether one more is done before time is up."""
        while not any(future.done() for future in under_way) and meanwhile():
            pass
        left = None if self.until is None else max(0.0, self.until - time.monotonic())
        return bool(wait(under_way, left, FIRST_COMPLETED).done)


def _finish(meanwhile: Meanwhile) -> None:
    while meanwhile():
        pass


def _finished(under_way: dict[Future[Result], Item]) -> Iterator[tuple[Item, Result]]:
    for future in [future for future in under_way if future.done()]:
        yield under_way.pop(future), future.result()
