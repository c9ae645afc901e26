"""What was given up is not sent: nobody would count what it costs."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from asking import Clock
from model_server import Answer, ModelServer, reply

from reviewer.model import transport
from reviewer.model.transport import Silence, Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECONDS = 0.1


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(reply("yes")) as server:
        yield server


class Resolver:
    """Names are looked up when the test says so: the one step that httpx cannot bound."""

    def __init__(self) -> None:
        self.asked = 0
        self.answers = threading.Event()
        self._look_up = socket.getaddrinfo

    def look_up(self, *words: Any, **more: Any) -> Any:
        self.asked += 1
        assert self.answers.wait(60)
        return self._look_up(*words, **more)


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Resolver:
    resolver = Resolver()
    monkeypatch.setattr(socket, "getaddrinfo", resolver.look_up)
    monkeypatch.setattr(transport, "MARGIN", 0.05)
    return resolver


def posting(server: ModelServer, clock: Callable[[], float] = time.monotonic) -> Transport:
    post = Transport(f"{server.url}/v1", None, "Authorization", clock)
    post.client()
    return post


def test_a_resolver_that_thinks_for_too_long_has_nothing_sent_afterwards(
    server: ModelServer, resolver: Resolver
) -> None:
    given_up = posting(server)
    assert given_up.post(b"{}", SECONDS) == Silence("late", "")
    resolver.answers.set()
    given_up._threads.shutdown()
    assert resolver.asked == 1
    assert server.requests == []


def test_what_waits_for_a_thread_is_not_begun_once_it_is_late(
    server: ModelServer, resolver: Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "MOST_THREADS", 2)
    crowded = posting(server)
    with ThreadPoolExecutor(6) as askers:
        outcomes = list(askers.map(lambda _: crowded.post(b"{}", SECONDS), range(6)))
    assert outcomes == [Silence("late", "")] * 6
    resolver.answers.set()
    crowded._threads.shutdown()
    assert resolver.asked == 2
    assert server.requests == []


@pytest.mark.parametrize(
    "readings", [(0.0, 1.0), (0.0, 0.9, 1.1)], ids=["when its thread begins", "when it is connected"]
)
def test_the_clock_is_read_before_anything_is_written(readings: tuple[float, ...], server: ModelServer) -> None:
    times = iter(readings)
    late = posting(server, times.__next__)
    assert late.post(b"{}", 1.0) == Silence("late", "")
    assert list(times) == []
    late.close()
    assert server.requests == []


def test_a_connection_that_is_there_is_used_in_time_alone(server: ModelServer) -> None:
    kept = posting(server, Clock())
    assert not isinstance(kept.post(b"{}", 1.0), Silence)
    readings = iter([0.0, 0.0, 2.0])
    kept._clock = readings.__next__
    assert kept.post(b"{}", 1.0) == Silence("late", "")
    kept._clock = Clock()
    assert not isinstance(kept.post(b"{}", 1.0), Silence)
    assert len(server.requests) == 2
    kept.close()


def test_a_body_that_goes_on_is_cut_off() -> None:
    times = count()

    with ModelServer(Answer(body="x" * 100_000, drip=0.001)) as server:
        slow = posting(server, lambda: next(times) / 5)
        assert slow.post(b"{}", 1.0) == Silence("late", "")
        slow.close()
    assert len(server.requests) == 1
