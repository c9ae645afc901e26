"""What is asked again, how often, after which wait: counted by the requests that arrive."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from asking import QUESTION, Clock, failure_of
from model_server import Answer, error, reply

from reviewer.findings import Reason
from reviewer.model.connect import connect
from reviewer.model.dialects import aim
from reviewer.model.endpoint import Timing

if TYPE_CHECKING:
    from collections.abc import Callable

    from model_server import ModelServer


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 529])
def test_passing_troubles_are_asked_again(status: int, ask: Callable[..., Any], clock: Clock) -> None:
    connection, server = ask([error(status), error(status), error(status), reply("yes")])
    assert connection.complete(QUESTION).text == "yes"
    assert len(server.requests) == 4
    pauses = [pause for pause in clock.slept if pause]
    assert len(pauses) == 3
    first = 2.0 if status == 429 else 0.5
    assert all(first * 2**n <= pause <= first * (2**n + 1) for n, pause in enumerate(pauses))


def test_hung_up_before_a_byte_is_asked_again(ask: Callable[..., Any]) -> None:
    connection, server = ask([Answer(drop="before"), reply("yes")])
    assert connection.complete(QUESTION).text == "yes"
    assert len(server.requests) == 2


def test_hung_up_each_time(ask: Callable[..., Any]) -> None:
    connection, server = ask(Answer(drop="before"))
    failure = failure_of(connection)
    assert "hangs up without an answer" in str(failure)
    assert (failure.reason, failure.billed) == (Reason.MODEL_ERROR, False)
    assert len(server.requests) == 4


def test_nobody_listens(clock: Clock) -> None:
    target = aim("ollama", "http://127.0.0.1:9/v1")
    with connect(target, timing=Timing(clock=clock, sleep=clock.sleep)) as connection:
        assert "127.0.0.1:9 cannot be reached" in str(failure_of(connection))
    assert len([pause for pause in clock.slept if pause]) == 3


@pytest.mark.parametrize("answer", [Answer(200, {"choices": []}, drop="body"), Answer(500, "x" * 500, drop="body")])
def test_a_cut_answer_may_be_billed_and_is_not_asked_again(answer: Answer, ask: Callable[..., Any]) -> None:
    connection, server = ask(answer)
    failure = failure_of(connection)
    assert (failure.reason, failure.billed) == (Reason.MODEL_ERROR, True)
    assert len(server.requests) == 1


def test_a_hanging_server_is_given_up_and_not_asked_again(ask: Callable[..., Any]) -> None:
    connection, server = ask(Answer(hang=True), timeout=0.15)
    failure = failure_of(connection)
    assert (failure.reason, failure.billed, failure.fatal) == (Reason.TIMEOUT, True, False)
    assert "0.15 s" in str(failure)
    assert "REVIEWER_TIMEOUT" in str(failure)
    assert len(server.requests) == 1


def test_a_dripping_answer_is_given_up(ask: Callable[..., Any]) -> None:
    import time

    # Every piece comes well within the timeout, all of them together do not.
    slow = Answer(200, {"choices": [{"message": {"content": "x" * 2_000}}]}, drip=0.05)
    connection, _ = ask(slow, timeout=0.2, clock=time.monotonic)
    assert failure_of(connection).reason is Reason.TIMEOUT


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "Mon, 23 Nov 2026 05:00:30 GMT"}, 30.0),
        ({"x-rate-limit-reset-at-utc": "2026-11-23T05:00:45Z"}, 45.0),
        ({"x-rate-limit-reset-at-utc": "2026-11-23 05:00:45"}, 45.0),
    ],
)
def test_the_provider_s_own_wait_is_kept(
    headers: dict[str, str], wait: float, ask: Callable[..., Any], clock: Clock
) -> None:
    now = 1_795_410_000.0  # 2026-11-23 05:00:00 UTC
    connection, server = ask([error(429, headers=headers), reply("yes")], "segmind", now=lambda: now)
    assert connection.complete(QUESTION).text == "yes"
    assert sum(clock.slept) == pytest.approx(wait)
    assert len(server.requests) == 2


def test_a_wait_is_for_everybody(ask: Callable[..., Any], clock: Clock) -> None:
    connection, server = ask([error(429, headers={"Retry-After": "60"}), reply("yes")])
    connection.complete(QUESTION)
    assert clock.at >= 1_060
    connection.complete(QUESTION)
    assert len(server.requests) == 3


@pytest.mark.parametrize("seconds", ["121", "86400"])
def test_an_absurd_wait_ends_the_run(seconds: str, ask: Callable[..., Any], clock: Clock) -> None:
    connection, server = ask(error(429, "slow down", headers={"Retry-After": seconds}))
    failure = failure_of(connection)
    assert f"{seconds} s" in str(failure)
    assert "120 s" in str(failure)
    assert failure.fatal
    assert str(failure_of(connection)) == str(failure)
    assert len(server.requests) == 1
    assert clock.slept == []


def test_a_wait_beyond_the_deadline_is_not_waited(ask: Callable[..., Any], clock: Clock) -> None:
    connection, server = ask(error(429, headers={"Retry-After": "60"}), deadline=clock.at + 30)
    failure = failure_of(connection)
    assert failure.reason is Reason.DEADLINE
    assert "60 s" in str(failure)
    assert clock.slept == []
    # Whoever comes next would wait for the same time: no request either.
    assert failure_of(connection).reason is Reason.DEADLINE
    assert len(server.requests) == 1


def test_backing_off_ends_with_the_deadline(ask: Callable[..., Any], clock: Clock) -> None:
    connection, server = ask(error(503, "busy"), deadline=clock.at + 0.4)
    failure = failure_of(connection)
    assert "busy" in str(failure)
    assert len(server.requests) == 1


def test_no_request_after_the_deadline(ask: Callable[..., Any], clock: Clock) -> None:
    connection, server = ask(reply("yes"), deadline=clock.at - 1)
    assert failure_of(connection).reason is Reason.DEADLINE
    assert server.requests == []


def test_the_deadline_cuts_a_request_short(ask: Callable[..., Any], clock: Clock) -> None:
    connection, _ = ask(Answer(hang=True), timeout=60, deadline=clock.at + 0.15)
    failure = failure_of(connection)
    assert (failure.reason, failure.billed) == (Reason.DEADLINE, True)
    assert "deadline" in str(failure)


def test_a_fatal_failure_ends_all_asking(ask: Callable[..., Any]) -> None:
    connection, server = ask(error(401))
    first = failure_of(connection)
    second = failure_of(connection)
    assert str(first) == str(second)
    assert first is not second
    assert second.fatal
    assert len(server.requests) == 1


def test_three_calls_to_nobody_end_all_asking(ask: Callable[..., Any]) -> None:
    connection, server = ask(reply("yes"))
    connection.complete(QUESTION)
    server.close()
    for _ in range(3):
        assert not failure_of(connection).fatal
    failure = failure_of(connection)
    assert failure.fatal
    assert "went away" in str(failure)


def test_a_success_in_between_gives_new_hope(ask: Callable[..., Any]) -> None:
    gone = [Answer(drop="before")] * 4
    connection, server = ask([*gone, *gone, reply("yes"), *gone, *gone, reply("still")])
    for expected in (None, None, "yes", None, None, "still"):
        if expected is None:
            assert not failure_of(connection).fatal
        else:
            assert connection.complete(QUESTION).text == expected
    assert len(server.requests) == 18


def test_other_threads_stop_when_one_call_is_fatal(ask: Callable[..., Any]) -> None:
    connection, server = ask(Answer(401, {"error": "no"}, delay=0.05), concurrency=2)
    failures: list[str] = []

    def work() -> None:
        failures.append(str(failure_of(connection)))

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(failures)) == 1
    assert len(failures) == 12
    assert len(server.requests) < 6


def test_never_more_at_once_than_agreed(ask: Callable[..., Any]) -> None:
    connection, server = ask(reply("yes", delay=0.02), concurrency=3)
    threads = [threading.Thread(target=connection.complete, args=(QUESTION,)) for _ in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.requests) == 9
    assert server.most_at_once == 3
    assert connection.concurrency == 3


def test_a_redirect_is_an_error_and_nobody_follows(ask: Callable[..., Any]) -> None:
    elsewhere: ModelServer
    _, elsewhere = ask(reply("stolen"))
    for status in (301, 302, 307, 308):
        location = f"{elsewhere.url}/v1/chat/completions?token=1"
        connection, server = ask(Answer(status, "", {"Location": location}), "segmind")
        failure = failure_of(connection)
        assert elsewhere.url in str(failure)
        assert "token" not in str(failure)
        assert "REVIEWER_BASE_URL" in str(failure)
        assert failure.fatal
        assert len(server.requests) == 1
    assert elsewhere.requests == []


def test_a_certificate_nobody_trusts_is_final() -> None:
    # A TLS handshake with a plain server fails at once; the words are what tells the two kinds apart.
    from reviewer.model.transport import Silence
    from reviewer.model.troubles import Troubles

    failure = Troubles(aim("segmind")).unheard(Silence("untrusted", "CERTIFICATE_VERIFY_FAILED"))
    assert failure.fatal
    assert "SSL_CERT_FILE" in str(failure)
