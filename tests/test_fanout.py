from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from reviewer.fanout import AHEAD, SWITCH, Mapper, Threads, inline, take

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
    results.close()


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

    def gather() -> None:
        for pair in Threads(1)(function, [1, 2], interrupted):
            seen.append(pair)  # noqa: PERF402 - what came before it was raised

    with pytest.raises(KeyboardInterrupt):
        gather()
    released.set()
    assert seen == [(1, 10)]


def test_an_interrupt_of_who_takes_them_loses_nothing_that_is_done() -> None:
    both, released = threading.Barrier(3, timeout=10), threading.Event()
    seen = []

    def function(item: int) -> int:
        if item > 2:
            both.wait()  # both threads are at the last two: the first two are done
            released.wait(10)
        return 10 * item

    def interrupted(item: int, result: int) -> None:
        seen.append((item, result))
        if len(seen) == 1:
            both.wait()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take(Threads(2)(function, [1, 2, 3, 4]), interrupted)
    released.set()
    assert sorted(seen) == [(1, 10), (2, 20)]


def test_a_bug_in_a_thread_does_not_hide_an_interrupt() -> None:
    watched, second, released = threading.Event(), threading.Event(), threading.Event()

    def function(item: int) -> int:
        if item == 1:
            assert watched.wait(10)
            raise ZeroDivisionError
        second.set()
        return released.wait(10)

    def interrupted() -> bool:
        watched.set()
        assert second.wait(10)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(Threads(1)(function, [1, 2], interrupted))
    released.set()


@pytest.mark.parametrize("mapper", [inline, Threads(2)])
def test_what_is_taken_is_everything(mapper: Mapper) -> None:
    seen = []
    take(mapper(doubled, range(9)), lambda item, result: seen.append((item, result)))
    assert sorted(seen) == [(n, 2 * n) for n in range(9)]
