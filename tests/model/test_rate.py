"""A rate is never exceeded: by threads, by processes, nor by a run that loses what it shared."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from asking import QUESTION, failure_of
from model_server import Answer, ModelServer, reply

from reviewer.findings import NoteCode, Reason
from reviewer.messages import Message
from reviewer.model.connect import connect
from reviewer.model.dialects import aim
from reviewer.model.endpoint import Timing
from reviewer.model.failures import ModelFailure
from reviewer.model.rate import Pace, Rate
from reviewer.model.shared import Shared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redis_server import RedisServer

RATE = Rate(5, 2)


class Arrivals:
    """A script for a server: remembers when it was asked."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def __call__(self, *_: Any) -> Answer:
        self.times.append(time.monotonic())
        return reply("yes")


def most_within(times: Sequence[float], seconds: float) -> int:
    """The largest number of them in any so many seconds."""
    return max(sum(start <= at < start + seconds for at in times) for start in times)


def test_threads_never_exceed_it() -> None:
    arrivals = Arrivals()
    with (
        ModelServer(arrivals) as server,
        connect(aim("openai", f"{server.url}/v1"), rate=RATE, concurrency=8) as connection,
    ):
        threads = [
            threading.Thread(target=connection.complete, args=((Message("user", f"question {n}"),),)) for n in range(12)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert connection.notes() == ()
    assert len(arrivals.times) == 12
    assert most_within(arrivals.times, RATE.seconds) == RATE.requests


def test_what_is_asked_again_counts() -> None:
    script = [Answer(503, "busy"), Answer(503, "busy"), reply("yes")]
    with ModelServer(script) as server:
        timing = Timing(deadline=time.monotonic() + 8)
        with connect(aim("openai", f"{server.url}/v1"), rate=Rate(2, 30), timing=timing) as connection:
            failure = failure_of(connection)
        assert len(server.requests) == 2
    assert failure.reason is Reason.DEADLINE


def test_nobody_waits_beyond_the_deadline() -> None:
    slept: list[float] = []
    timing = Timing(deadline=time.monotonic() + 5, sleep=slept.append)
    with ModelServer(reply("yes")) as server:
        with connect(aim("openai", f"{server.url}/v1"), rate=Rate(1), timing=timing) as connection:
            connection.complete(QUESTION)
            failure = failure_of(connection)
        assert len(server.requests) == 1
    assert failure.reason is Reason.DEADLINE
    assert "REVIEWER_DEADLINE higher, or REVIEWER_REQUESTS_PER_MINUTE" in str(failure)
    assert slept == []


PROGRAM = """
import sys
from reviewer.messages import Message
from reviewer.model.connect import connect
from reviewer.model.dialects import aim
from reviewer.model.rate import Rate
from reviewer.model.shared import Shared
with connect(aim("openai", sys.argv[1]), shared=Shared(sys.argv[2]), rate=Rate(5, 2)) as model:
    for number in range(5):
        model.complete((Message("user", f"question {number} of {sys.argv[3]}"),))
print(len(model.notes()))
"""


def test_four_processes_never_exceed_it(redis: RedisServer) -> None:
    arrivals = Arrivals()
    with ModelServer(arrivals) as server:
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", PROGRAM, f"{server.url}/v1", redis.url, str(number)],
                stdout=subprocess.PIPE,
                text=True,
            )
            for number in range(4)
        ]
        said = [process.communicate(timeout=100)[0].split() for process in processes]
    assert said == [["0"]] * 4
    assert len(arrivals.times) == 20
    # A window is a second longer than the rate says, for what is held on its way; a busy machine gets half of one more.
    assert most_within(arrivals.times, RATE.seconds - 0.5) == RATE.requests
    assert [name for name in redis.names() if "pace" in name]


def test_a_run_that_loses_the_redis_knows_what_it_has_sent(redis: RedisServer) -> None:
    slept: list[float] = []
    timing = Timing(deadline=time.monotonic() + 20, sleep=slept.append)
    pace = Pace(Rate(3), "x", Shared(redis.url), timing)
    for _ in range(3):
        pace.take()
    redis.kill()
    with pytest.raises(ModelFailure) as caught:
        pace.take()
    assert caught.value.reason is Reason.DEADLINE


@pytest.mark.parametrize("there", ["text", "words", "future"])
def test_what_no_runner_wrote_is_not_waited_for(there: str, redis: RedisServer) -> None:
    shared = Shared(redis.url)
    Pace(Rate(1), "x", shared, Timing()).take()
    (name,) = redis.names()
    redis.client.delete(name)
    if there == "text":
        redis.client.set(name, "1")
    else:
        redis.client.lpush(name, "words" if there == "words" else "1e300")
    other = Shared(redis.url)
    Pace(Rate(1), "x", other, Timing(sleep=_never)).take()
    (note,) = other.notes()
    assert note.code is NoteCode.SHARING_LOST
    shared.close()
    other.close()


def test_all_count_by_the_clock_of_the_redis(redis: RedisServer) -> None:
    shared = Shared(redis.url)
    pace = Pace(Rate(3), "x", shared, Timing())
    for _ in range(3):
        pace.take()
    (name,) = redis.names()
    stamps = [float(stamp) for stamp in redis.client.lrange(name, 0, -1)]  # type: ignore[union-attr]
    seconds, micros = redis.client.time()  # type: ignore[misc]
    assert all(earlier >= later for earlier, later in pairwise(stamps))
    assert 0 <= seconds + micros / 1e6 - stamps[0] < 10
    shared.close()


def _never(seconds: float) -> None:
    raise AssertionError(seconds)
