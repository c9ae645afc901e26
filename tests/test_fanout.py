from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from reviewer.fanout import AHEAD, SWITCH, Mapper, Threads, inline

if TYPE_CHECKING:
    from collections.abc import Iterator


def doubled(number: int) -> int:
    return 2 * number


@pytest.mark.parametrize("mapper", [inline, Threads(3)])
def test_every_item_comes_back_with_its_result(mapper: Mapper) -> None:
    assert sorted(mapper(doubled, range(50))) == [(n, 2 * n) for n in range(50)]


def test_nothing_in_nothing_out() -> None:
    assert list(Threads(3)(doubled, [])) == []


def test_items_are_drawn_as_there_is_room() -> None:
    drawn: list[int] = []

    def supply() -> Iterator[int]:
        for number in range(1_000):
            drawn.append(number)
            yield number

    hold = threading.Event()

    def patient(number: int) -> int:
        hold.wait(5)
        return number

    results = Threads(4)(patient, supply())
    threading.Timer(0.1, hold.set).start()
    next(results)
    assert len(drawn) <= 4 * AHEAD + 1
    results.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("mapper", [inline, Threads(2)])
def test_other_work_is_done_meanwhile_and_all_of_it_in_the_end(mapper: Mapper) -> None:
    left = list(range(30))

    def meanwhile() -> bool:
        if left:
            left.pop()
        return bool(left)

    assert sorted(mapper(doubled, range(3), meanwhile)) == [(n, 2 * n) for n in range(3)]
    assert left == []


def test_all_threads_work_at_once() -> None:
    together = threading.Barrier(5, timeout=5)

    def meet(number: int) -> int:
        together.wait()
        return number

    assert len(list(Threads(5)(meet, range(5)))) == 5


def test_an_answer_that_has_come_is_not_kept_waiting_by_who_computes() -> None:
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.005)
    assert list(Threads(1)(str, [1])) == [(1, "1")]
    assert sys.getswitchinterval() == pytest.approx(SWITCH)
    sys.setswitchinterval(before)


def test_past_the_deadline_nothing_is_waited_for() -> None:
    forever = threading.Event()
    mapper = Threads(2, until=time.monotonic() + 0.05)
    assert list(mapper(lambda number: number == 0 or forever.wait(30), range(3))) == [(0, True)]
    forever.set()


def test_a_bug_in_a_thread_is_a_bug_in_the_caller() -> None:
    with pytest.raises(ZeroDivisionError):
        list(Threads(2)(lambda number: 1 / number, [0]))


def test_an_interrupt_loses_nothing_that_is_done() -> None:
    watched, second, released = threading.Event(), threading.Event(), threading.Event()

    def function(item: int) -> int:
        if item == 1:
            assert watched.wait(10)
        else:
            second.set()
            released.wait(10)
        return 10 * item

    def interrupted() -> bool:
        watched.set()
        assert second.wait(10)  # the only thread is at the second: the first is done
        raise KeyboardInterrupt

    seen = []
    with pytest.raises(KeyboardInterrupt):
        for pair in Threads(1)(function, [1, 2], interrupted):
            seen.append(pair)  # noqa: PERF402 - what came before it was raised
    released.set()
    assert seen == [(1, 10)]
