"""The key reaches the one server it is for, and nothing that anybody prints."""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING, Any

import pytest
from asking import KEY, QUESTION
from model_server import Answer, error, reply

from reviewer.errors import Misuse
from reviewer.model.connect import connect
from reviewer.model.dialects import aim
from reviewer.model.failures import ModelFailure
from reviewer.model.transport import Key

if TYPE_CHECKING:
    from collections.abc import Callable

FAILURES = [
    Answer(401, {"error": {"message": f"Incorrect API key provided: {KEY}"}}),
    Answer(418, f"your key is {KEY}"),
    Answer(307, "", {"Location": f"http://127.0.0.1:9/{KEY}"}),
    error(429, f"{KEY} is too fast"),
    Answer(drop="before"),
    Answer(200, "x" * 100, drop="body"),
    Answer(hang=True),
    Answer(200, "{"),
    Answer(200, {"choices": [{"message": {"refusal": f"not for {KEY}"}}]}),
]


@pytest.mark.parametrize("case", range(len(FAILURES)))
@pytest.mark.parametrize("provider", ["segmind", "dashscope"])
def test_no_traceback_shows_the_key(provider: str, case: int, ask: Callable[..., Any]) -> None:
    connection, server = ask(FAILURES[case], provider, timeout=0.1)
    with pytest.raises(ModelFailure) as caught:
        connection.complete(QUESTION)
    name, prefix = ("x-api-key", "") if provider == "segmind" else ("authorization", "Bearer ")
    assert server.requests[0].headers[name] == prefix + KEY
    failure: BaseException | None = caught.value
    while failure is not None:  # what was suppressed with `from None` is still there for a debugger
        shown = "".join(traceback.TracebackException.from_exception(failure, capture_locals=True).format())
        assert "reviewer/model" in shown
        assert KEY not in shown
        failure = failure.__cause__ or failure.__context__


def test_no_log_shows_the_key_or_the_url(ask: Callable[..., Any], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    connection, server = ask([error(500), reply("yes")], "segmind")
    connection.complete(QUESTION)
    assert KEY not in caplog.text
    assert server.url not in caplog.text
    assert "HTTP" not in caplog.text


def test_no_repr_shows_the_key(ask: Callable[..., Any]) -> None:
    key = Key(f" {KEY}\n")
    assert KEY not in f"{key} {key!r} {[key]}"
    assert key.header("x-api-key") == KEY
    connection, _ = ask(reply("yes"), "segmind")
    connection.complete(QUESTION)
    for thing in (connection, connection._endpoint, connection._endpoint.transport, connection._endpoint._troubles):
        assert KEY not in repr(thing)


@pytest.mark.parametrize("value", ["", "  ", "two words", "line\nbreak", "schlüssel", "\x00"])
def test_what_is_no_key(value: str) -> None:
    with pytest.raises(Misuse) as caught:
        connect(aim("segmind"), key=value)
    assert value.strip() == "" or value not in str(caught.value)


def test_a_missing_key_is_named() -> None:
    with pytest.raises(Misuse, match="SEGMIND_API_KEY or REVIEWER_API_KEY"):
        connect(aim("segmind"))


def test_a_key_goes_along_where_none_is_needed(ask: Callable[..., Any]) -> None:
    for provider in ("openai", "ollama"):
        connection, server = ask(reply("yes"), provider, key=KEY)
        connection.complete(QUESTION)
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
        without, server = ask(reply("yes"), provider)
        without.complete(QUESTION)
        assert "authorization" not in server.requests[0].headers


@pytest.mark.parametrize("key", ["k", "none", "sk-no-key-required"[:15]])
def test_a_key_that_is_a_word_takes_no_words_out_of_an_answer(key: str, ask: Callable[..., Any]) -> None:
    connection, server = ask(reply(f"risky_call and {key}"), "openai", key=key)
    assert connection.complete(QUESTION).text == f"risky_call and {key}"
    assert server.requests[0].headers["authorization"] == f"Bearer {key}"
