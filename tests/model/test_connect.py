"""The whole of it: what is loaded when, what is refused unsent, what a plain and a TLS connection do."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest
from asking import KEY, QUESTION, Clock, failure_of
from model_server import Answer, ModelServer, reply

from reviewer.findings import Reason
from reviewer.messages import Message
from reviewer.model.connect import connect
from reviewer.model.dialects import aim
from reviewer.model.endpoint import Timing
from reviewer.model.failures import ModelFailure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def test_a_request_that_is_too_large_is_not_sent(ask: Callable[..., Any]) -> None:
    connection, server = ask(reply("yes"))
    with pytest.raises(ModelFailure) as caught:
        connection.complete((Message("user", "word " * 40_000),))
    failure = caught.value
    assert (failure.reason, failure.splittable, failure.fatal) == (Reason.LENGTH, True, False)
    assert "REVIEWER_CHUNK_TOKENS" in str(failure)
    assert server.requests == []


def test_connections_are_used_again(ask: Callable[..., Any]) -> None:
    connection, server = ask(reply("yes"))
    for _ in range(3):
        connection.complete(QUESTION)
    assert len(server._connections) == 1


def test_a_closed_connection_is_opened_again(ask: Callable[..., Any]) -> None:
    connection, server = ask(reply("yes"))
    connection.close()
    connection.complete(QUESTION)
    connection.close()
    assert connection.complete(QUESTION).text == "yes"
    assert len(server.requests) == 2


def test_the_dialect_says_how_many_at_once_unless_told() -> None:
    assert connect(aim("segmind"), key=KEY).concurrency == 8
    assert connect(aim("dashscope"), key=KEY).concurrency == 16
    assert connect(aim("ollama"), concurrency=2).concurrency == 2


def test_plain_words_to_a_tls_client(clock: Clock) -> None:
    with ModelServer(reply("yes")) as server:
        target = aim("openai", server.url.replace("http:", "https:"))
        with connect(target, timing=Timing(clock=clock, sleep=clock.sleep)) as connection:
            failure = failure_of(connection)
    assert "speaks no TLS" in str(failure)
    assert "SSL" in str(failure)
    assert failure.fatal


def test_threads_may_share_it_from_the_start(ask: Callable[..., Any]) -> None:
    connection, server = ask(lambda body, _: reply(body["messages"][0]["content"], delay=0.01))
    said: dict[int, str] = {}

    def work(number: int) -> None:
        said[number] = connection.complete((Message("user", f"number {number}"),)).text

    threads = [threading.Thread(target=work, args=(number,)) for number in range(48)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == {number: f"number {number}" for number in range(48)}
    assert server.most_at_once <= 16


def test_a_server_that_dies_under_way(ask: Callable[..., Any]) -> None:
    connection, server = ask(Answer(hang=True), concurrency=4)
    failures: list[ModelFailure] = []
    threads = [threading.Thread(target=lambda: failures.append(failure_of(connection))) for _ in range(8)]
    for thread in threads:
        thread.start()
    while len(server.requests) < 4:
        threads[0].join(0.01)
    server.close()
    for thread in threads:
        thread.join()
    assert {failure.reason for failure in failures} == {Reason.MODEL_ERROR}
    assert any(failure.fatal for failure in failures)


PROGRAM = """
import sys
from pathlib import Path
from reviewer.messages import Message
from reviewer.model.connect import connect
from reviewer.model.dialects import aim
with connect(aim("openai", sys.argv[1]), cache=Path(sys.argv[2])) as model:
    cached = model.complete((Message("user", "question"),)).cached
print(cached, *sorted({"httpx", "tenacity", "click", "rich", "ssl"} & set(sys.modules)))
"""


def test_http_is_loaded_only_to_ask(tmp_path: Path) -> None:
    with ModelServer(reply("yes")) as server:
        command = [sys.executable, "-c", PROGRAM, f"{server.url}/v1", str(tmp_path)]
        first, second = (subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True) for _ in range(2))
    assert first.stdout.split() == ["False", "httpx", "ssl", "tenacity"]
    assert second.stdout.split() == ["True"]


def test_too_many_open_files_are_our_own_trouble(clock: Clock) -> None:
    with ModelServer(reply("yes")) as server:
        target = aim("openai", f"{server.url}/v1")
        with connect(target, timing=Timing(clock=clock, sleep=clock.sleep)) as connection:
            connection._endpoint.transport.client()
            with no_more_files():
                failure = failure_of(connection)
    assert "raise `ulimit -n`, or set REVIEWER_CONCURRENCY lower" in str(failure)
    assert not failure.fatal


@contextmanager
def no_more_files() -> Iterator[None]:
    """All 256 that there may be are taken."""
    import tenacity  # noqa: F401 - loading it opens files

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken: list[int] = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        with suppress(OSError):
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for number in taken:
            os.close(number)
