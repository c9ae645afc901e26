"""What runners share through a real Redis, and how a run goes on that loses it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from asking import QUESTION
from model_server import ModelServer, error, reply
from redis.exceptions import ConnectionError as Refused
from redis_server import PASSWORD, RedisServer

from reviewer.errors import Misuse
from reviewer.findings import NoteCode
from reviewer.messages import Message, Reply, ToolCall
from reviewer.model.cache import MAX_AGE, key
from reviewer.model.connect import Connection, connect
from reviewer.model.dialects import aim
from reviewer.model.endpoint import Timing
from reviewer.model.kept import MOST_BYTES, pack, unpack
from reviewer.model.rate import Pace, Rate
from reviewer.model.shared import Shared

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GOOD = json.dumps({"text": "yes", "finish": "stop", "dropped": []})
STRANGERS: list[Any] = [
    "no json",
    b"\xff\xfe\x00",
    "",
    "null",
    "[]",
    "{}",
    '{"text": 1, "finish": "stop", "dropped": []}',
    '{"text": "yes", "finish": ["stop"], "dropped": []}',
    '{"text": "yes", "finish": "length", "dropped": []}',
    '{"text": "yes", "finish": "stop", "dropped": "temperature"}',
    '{"text": "yes", "finish": "stop", "dropped": [[]]}',
    '{"text": "yes", "finish": "stop", "dropped": [], "calls": {}}',
    '{"text": "yes", "finish": "stop", "dropped": [], "calls": [["a", "b"]]}',
    '{"text": "yes", "finish": "stop", "dropped": [], "calls": [["a", "b", 3]]}',
    '{"text": "not what was asked for", "finish": "stop", "dropped": []}',
    "[" * 100_000,
    '{"text": ' + "9" * 10_000 + "}",
    GOOD + " " * MOST_BYTES,
]


def question(number: int) -> tuple[Message, ...]:
    return (Message("user", f"question {number}"),)


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with ModelServer(reply("yes")) as server:
        yield server


@pytest.fixture
def runner(model: ModelServer, redis: RedisServer, tmp_path: Path) -> Iterator[Any]:
    """Each with a cache of its own, as on a machine of its own."""
    made: list[Connection] = []

    def run(url: str = redis.url, **options: Any) -> Connection:
        options = {"cache": tmp_path / f"runner{len(made)}", "shared": Shared(url), **options}
        made.append(connect(aim("openai", f"{model.url}/v1"), **options))
        return made[-1]

    yield run
    for connection in made:
        connection.close()


def lost(connection: Connection) -> str:
    """The one note there is."""
    (note,) = connection.notes()
    assert note.code is NoteCode.SHARING_LOST
    assert PASSWORD not in note.message
    assert "REVIEWER_REDIS_URL" in note.message
    return note.message


def test_what_one_runner_paid_for_is_free_for_the_others(runner: Any, model: ModelServer, redis: RedisServer) -> None:
    first, second = runner(), runner()
    assert not first.complete(QUESTION).cached
    theirs = second.complete(QUESTION)
    assert (theirs.text, theirs.cached, theirs.usage.cached_calls, theirs.usage.prompt_tokens) == ("yes", True, 1, 0)
    assert len(model.requests) == 1
    assert first.notes() == second.notes() == ()
    (name,) = redis.names()
    assert name.startswith("reviewer:1:reply:")
    assert MAX_AGE - 60 < redis.client.ttl(name) <= MAX_AGE  # type: ignore[operator]


def test_what_lies_here_is_not_asked_for_there(runner: Any, model: ModelServer, redis: RedisServer) -> None:
    alone = runner()
    alone.complete(QUESTION)
    redis.client.flushall()
    assert alone.complete(QUESTION).cached
    assert len(model.requests) == 1


def test_what_others_wrote_is_not_copied(runner: Any, model: ModelServer, redis: RedisServer) -> None:
    runner().complete(QUESTION)
    other = runner()
    assert other.complete(QUESTION).cached
    redis.client.flushall()
    assert not other.complete(QUESTION).cached
    assert len(model.requests) == 2


def test_without_a_cache_only_the_pace_is_shared(runner: Any, model: ModelServer, redis: RedisServer) -> None:
    for _ in range(2):
        assert not runner(cache=None).complete(QUESTION).cached
    assert redis.names() == []
    assert len(model.requests) == 2


@pytest.mark.parametrize("value", STRANGERS, ids=lambda value: repr(value)[:40])
def test_a_value_that_is_no_reply_is_asked_for_again(value: Any, runner: Any, redis: RedisServer) -> None:
    connection = runner(worth_keeping=lambda text: text == "yes")
    name = f"reviewer:1:reply:{key(connection._target, QUESTION)}"
    redis.client.set(name, value)
    answer = connection.complete(QUESTION)
    assert (answer.text, answer.cached) == ("yes", False)
    assert connection.notes() == ()
    assert redis.client.get(name) == GOOD.encode()  # and is put right


def test_a_value_of_another_type_is_asked_for_again(runner: Any, redis: RedisServer) -> None:
    connection = runner()
    name = f"reviewer:1:reply:{key(connection._target, QUESTION)}"
    redis.client.lpush(name, "yes")
    assert not connection.complete(QUESTION).cached
    assert connection.notes() == ()


def test_names_of_parameters_that_there_are_not_reach_no_report(runner: Any, redis: RedisServer) -> None:
    connection = runner()
    name = f"reviewer:1:reply:{key(connection._target, QUESTION)}"
    redis.client.set(name, json.dumps({"text": "yes", "finish": "stop", "dropped": ["\x1b[31mhello", "temperature"]}))
    assert connection.complete(QUESTION).cached
    (note,) = connection.notes()
    assert note.code is NoteCode.TEMPERATURE_DROPPED


def test_a_reply_that_is_too_large_stays_here(runner: Any, model: ModelServer, redis: RedisServer) -> None:
    model._answer = reply("x" * MOST_BYTES)
    connection = runner()
    connection.complete(QUESTION)
    assert redis.names() == []
    assert connection.notes() == ()


def test_what_is_packed_is_what_is_unpacked() -> None:
    calls = (ToolCall("call_1", "read", '{"path": "ä"}'), ToolCall("x.y:2", "search", ""))
    kept = unpack(pack(Reply("ü", tool_calls=calls), ["seed"]))
    assert kept is not None
    assert (kept.reply.text, kept.reply.tool_calls, kept.dropped) == ("ü", calls, ("seed",))
    odd = unpack('{"text": "\\ud800", "finish": "stop", "dropped": [], "calls": [["\\u001b", "a b", "x"]]}')
    assert odd is not None
    assert (odd.reply.text, odd.reply.tool_calls) == ("?", (ToolCall("call00000", "a_b", "x"),))


def test_lost_in_the_middle(runner: Any, model: ModelServer, redis: RedisServer) -> None:
    connection = runner(rate=Rate(100))
    connection.complete(question(1))
    assert connection.notes() == ()
    redis.kill()
    assert [connection.complete(question(n)).text for n in (1, 2, 3)] == ["yes"] * 3
    assert "it cannot be reached" in lost(connection)
    assert connection.complete(question(2)).cached
    assert len(model.requests) == 3


def test_one_that_hangs_is_given_up_soon(runner: Any, redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviewer.model.shared.PATIENCE", 0.2)
    connection = runner(rate=Rate(100))
    connection.complete(question(1))
    redis.hang()
    began = time.monotonic()
    assert [connection.complete(question(n)).text for n in range(2, 10)] == ["yes"] * 8
    assert time.monotonic() - began < 10
    assert "had not answered after 0.2 s" in lost(connection)


def test_a_wrong_password(runner: Any, redis: RedisServer) -> None:
    connection = runner(f"redis://:wrong-{PASSWORD}@127.0.0.1:{redis.port}")
    assert connection.complete(QUESTION).text == "yes"
    assert "does not accept the user or the password" in lost(connection)


def test_no_password(runner: Any, redis: RedisServer) -> None:
    connection = runner(f"redis://127.0.0.1:{redis.port}")
    assert connection.complete(QUESTION).text == "yes"
    assert "does not accept the user or the password" in lost(connection)


@pytest.mark.parametrize(
    "address",
    [
        f"redis://:{PASSWORD}@127.0.0.1:1/0",
        f"rediss://:{PASSWORD}@127.0.0.1:1?ssl_cert_reqs=none",
        f"unix://:{PASSWORD}@/nowhere/redis.sock?db=1",
        f"redis://:{PASSWORD}@{'x' * 64}.example",  # no resolver is asked for such a name
    ],
)
def test_nobody_is_there(address: str, runner: Any) -> None:
    connection = runner(address)
    assert connection.complete(QUESTION).text == "yes"
    assert "it cannot be reached" in lost(connection)


def test_one_that_lets_nobody_write(runner: Any, redis: RedisServer) -> None:
    redis.client.config_set("maxmemory", 1)
    connection = runner()
    assert connection.complete(QUESTION).text == "yes"
    assert "it is full" in lost(connection)


def test_a_user_with_few_rights(runner: Any, redis: RedisServer) -> None:
    redis.client.acl_setuser("few", enabled=True, passwords=[f"+{PASSWORD}"], keys=["*"], commands=["+pttl"])
    connection = runner(f"redis://few:{PASSWORD}@127.0.0.1:{redis.port}")
    assert connection.complete(QUESTION).text == "yes"
    assert "its user may not do what is asked" in lost(connection)


def test_a_copy_that_may_only_be_read(runner: Any, redis: RedisServer) -> None:
    redis.client.replicaof("127.0.0.1", "1")
    connection = runner()
    assert connection.complete(QUESTION).text == "yes"
    assert "it may only be read" in lost(connection)


def test_a_server_of_another_kind(runner: Any, model: ModelServer) -> None:
    connection = runner(model.url.replace("http://", f"redis://:{PASSWORD}@"))
    assert connection.complete(QUESTION).text == "yes"
    assert "it cannot be reached" in lost(connection)


@pytest.mark.parametrize(
    "address",
    [
        f"http://:{PASSWORD}@127.0.0.1",
        f"redis:{PASSWORD}",
        "redis://",
        f"redis://:{PASSWORD}/x@127.0.0.1",
        "redis://:1/2@127.0.0.1:6379",
        f"redis://:{PASSWORD}#x@127.0.0.1",
        f"redis://:{PASSWORD}?x@127.0.0.1",
        f"redis://:{PASSWORD}@127.0.0.1:port",
        f"redis://:{PASSWORD}@127.0.0.1/name",
        f"redis://:{PASSWORD}@127.0.0.1?socket_timeout=1000",
        f"redis://:{PASSWORD}@[::1",
    ],
)
def test_an_address_that_is_none_is_an_error_that_does_not_say_it(address: str) -> None:
    with pytest.raises(Misuse, match="REVIEWER_REDIS_URL is no address of a Redis") as caught:
        Shared(address)
    assert PASSWORD not in str(caught.value)


def test_the_wait_a_server_asks_of_one_is_kept_by_all(runner: Any, model: ModelServer) -> None:
    model._answer = [error(429, "slow down", {"Retry-After": "1"}), reply("yes")]
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        time.sleep(seconds)

    second = runner(timing=Timing(sleep=sleep))

    def meanwhile(seconds: float) -> None:
        second.complete(question(2))
        time.sleep(seconds)

    runner(timing=Timing(sleep=meanwhile)).complete(question(1))
    assert 0.5 < slept[0] <= 1
    assert len(model.requests) == 3


@pytest.mark.parametrize("milliseconds", [None, 10**12])
def test_a_hold_that_no_provider_is_given_holds_nobody(
    milliseconds: int | None, runner: Any, model: ModelServer, redis: RedisServer
) -> None:
    model._answer = [error(429, "slow down", {"Retry-After": "1"}), reply("yes")]
    connection = runner(timing=Timing(sleep=time.sleep))

    def held(seconds: float) -> None:
        (name,) = redis.names()
        redis.client.set(name, "", px=milliseconds)
        time.sleep(seconds)

    runner(timing=Timing(sleep=held)).complete(question(1))
    began = time.monotonic()
    connection.complete(question(2))
    assert time.monotonic() - began < 10
    assert connection.notes() == ()


def test_a_short_wait_does_not_end_a_long_one(redis: RedisServer) -> None:
    paces = [Pace(None, "x", Shared(redis.url), Timing()) for _ in range(2)]
    paces[0].hold(60)
    paces[1].hold(1)
    assert redis.client.pttl("reviewer:1:hold:x") > 30_000  # type: ignore[operator]


def test_a_certificate_nobody_vouches_for() -> None:
    shared = Shared("rediss://127.0.0.1")

    def untrusted(_: object) -> None:
        raise Refused("Error 1 connecting to 127.0.0.1:6379. [SSL: CERTIFICATE_VERIFY_FAILED]")

    assert shared.attempt(untrusted) is None
    assert shared.trouble is not None
    assert "its certificate is not trusted" in shared.trouble
    assert shared.attempt(lambda _: 1) is None
