from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from reviewer import interrupts
from reviewer.errors import Terminated

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def handlers_are_put_back() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    interrupts.install()
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(("number", "kind"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, Terminated)])
def test_a_signal_is_raised_at_once(number: signal.Signals, kind: type[KeyboardInterrupt]) -> None:
    with pytest.raises(kind):
        os.kill(os.getpid(), number)


def test_held_it_waits_for_the_end_of_the_outermost_block() -> None:
    steps = []
    with pytest.raises(Terminated):  # noqa: PT012 - what happens between is the point
        with interrupts.held():
            with interrupts.held():
                os.kill(os.getpid(), signal.SIGTERM)
                steps.append("inner")
            steps.append("outer")
        steps.append("never")
    assert steps == ["inner", "outer"]


def test_an_error_inside_is_not_lost_and_nothing_stays_held() -> None:
    with pytest.raises(ValueError, match="x"), interrupts.held():
        raise ValueError("x")
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)
