"""Fewer at once after a 429, more again with success, nobody before the provider's own time."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.findings import Reason
from reviewer.model.failures import ModelFailure
from reviewer.model.pacing import Gate, asked_wait

if TYPE_CHECKING:
    from asking import Clock

NOW = 1_795_410_000.0  # 2026-11-23 05:00:00 UTC


def gate(limit: int, clock: Clock, deadline: float | None = None) -> Gate:
    return Gate(limit, clock=clock, sleep=clock.sleep, deadline=deadline)


def test_halves_once_for_all_that_were_under_way(clock: Clock) -> None:
    pace = gate(16, clock)
    with ExitStack() as running:
        generations = [running.enter_context(pace.slot()) for _ in range(16)]
        for generation in generations:
            pace.throttled(generation)
        assert pace.limit == 8
    with pace.slot() as later:
        pace.throttled(later)
    assert pace.limit == 4


def test_never_below_one(clock: Clock) -> None:
    pace = gate(3, clock)
    for _ in range(5):
        with pace.slot() as generation:
            pace.throttled(generation)
    assert pace.limit == 1
    assert gate(0, clock).limit == 1


def test_grows_back_by_one_and_not_beyond_its_start(clock: Clock) -> None:
    pace = gate(4, clock)
    with pace.slot() as generation:
        pace.throttled(generation)
    assert pace.limit == 2
    limits = []
    for _ in range(9):
        pace.succeeded()
        limits.append(pace.limit)
    assert limits == [2, 3, 3, 3, 4, 4, 4, 4, 4]


def test_a_hold_is_slept_through_and_the_longest_counts(clock: Clock) -> None:
    pace = gate(2, clock)
    pace.hold(30)
    pace.hold(10)
    with pace.slot():
        assert clock.at == 1_030
    assert clock.slept == [30]


def test_a_hold_beyond_the_deadline_is_not_slept(clock: Clock) -> None:
    pace = gate(2, clock, deadline=1_020)
    pace.hold(30)
    with pytest.raises(ModelFailure) as caught, pace.slot():
        pass
    assert caught.value.reason is Reason.DEADLINE
    assert clock.slept == []


def test_waiting_for_a_place_ends_with_the_deadline() -> None:
    pace = Gate(1, clock=time.monotonic, sleep=time.sleep, deadline=time.monotonic() + 0.05)
    with pace.slot(), pytest.raises(ModelFailure) as caught, pace.slot():
        pass
    assert caught.value.reason is Reason.DEADLINE


def test_a_free_place_is_taken_by_who_waits(clock: Clock) -> None:
    pace = gate(1, clock)
    order: list[str] = []

    def second() -> None:
        with pace.slot():
            order.append("second")

    with pace.slot():
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.05)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "2.5"}, 2.5),
        ({"retry-after": " 12 "}, 12.0),
        ({"retry-after": "Mon, 23 Nov 2026 05:01:00 GMT"}, 60.0),
        ({"retry-after": "Mon, 23 Nov 2026 04:00:00 GMT"}, 0.0),
        ({"retry-after": "Mon, 23 Nov 2026 05:01:00 -0000"}, 60.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "Mon, 23 Nov 99999999 05:01:00 GMT"}, None),
        ({"x-rate-limit-reset-at-utc": "2026-11-23T05:00:10.5Z"}, 10.5),
        ({"x-rate-limit-reset-at-utc": "2026-11-23T06:00:10+01:00"}, 10.0),
        ({"x-rate-limit-reset-at-utc": "2026-11-23 05:00:10"}, 10.0),
        ({"x-rate-limit-reset-at-utc": "2026-11-23 05:00:10 UTC"}, 10.0),
        ({"x-rate-limit-reset-at-utc": "1795410020"}, 20.0),
        ({"x-rate-limit-reset-at-utc": "1795410020500"}, 20.5),
        ({"x-rate-limit-reset-at-utc": "later"}, None),
        ({"retry-after": "Tue, 23 Nov 2027 05:01:00 GMT", "date": "Tue, 23 Nov 2027 05:00:50 GMT"}, 10.0),
        ({"x-rate-limit-reset-at-utc": "2020-01-01T00:00:07Z", "date": "Wed, 01 Jan 2020 00:00:00 GMT"}, 7.0),
        ({"retry-after": "Mon, 23 Nov 2026 05:01:00 GMT", "date": "yesterday"}, 60.0),
        ({"retry-after": "3", "x-rate-limit-reset-at-utc": "1795410020"}, 3.0),
    ],
)
def test_how_long_a_provider_asks_to_wait(headers: dict[str, str], wait: float | None) -> None:
    found = asked_wait(headers, NOW)
    assert found == (None if wait is None else pytest.approx(wait))


@settings(deadline=None)
@given(st.text(max_size=40), st.sampled_from(["retry-after", "x-rate-limit-reset-at-utc"]))
def test_no_header_is_too_odd(value: str, name: str) -> None:
    found = asked_wait({name: value}, NOW)
    assert found is None or found >= 0
