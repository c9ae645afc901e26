"""Parameters a server refuses are given up one by one, for the whole run, and the report says so."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from asking import QUESTION, failure_of
from model_server import Answer, error, reply

from reviewer.findings import NoteCode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def refusing(*names: str, status: int = 400, say: str = "unsupported") -> Callable[[Any, Mapping[str, str]], Answer]:
    """A server that refuses these parameters; `say` is its error, with {name} where it names the culprit."""

    def answer(body: Any, _: Mapping[str, str]) -> Answer:
        bad = next((name for name in names if name in body), None)
        return reply("yes") if bad is None else Answer(status, {"error": say.format(name=bad)})

    return answer


def sent(body: Any) -> list[str]:
    return [name for name in body if name not in ("model", "messages")]


def test_what_is_sent_at_first(ask: Callable[..., Any]) -> None:
    for provider, model, expected in [
        ("segmind", None, {"response_format", "max_tokens", "temperature"}),
        ("dashscope", None, {"seed", "response_format", "max_tokens", "temperature"}),
        ("dashscope", "qwen3.6-plus", {"enable_thinking", "seed", "response_format", "max_tokens", "temperature"}),
        ("openai", None, {"reasoning_effort", "seed", "response_format", "max_completion_tokens", "temperature"}),
        ("openai", "qwen3", {"seed", "response_format", "max_completion_tokens", "temperature"}),
        ("ollama", None, {"seed", "response_format", "max_tokens", "temperature"}),
    ]:
        connection, server = ask(reply("yes"), provider, model=model)
        connection.complete(QUESTION)
        body = server.bodies[0]
        assert set(sent(body)) == expected
        assert body["temperature"] == 0
        assert body["response_format"] == {"type": "json_object"}
        assert body.get("enable_thinking", False) is False
        assert connection.notes() == ()


@pytest.mark.parametrize("status", [400, 422, 500])
def test_a_named_parameter_is_dropped_and_nothing_else(status: int, ask: Callable[..., Any]) -> None:
    connection, server = ask(refusing("max_tokens", status=status, say="{name} is not supported"), "segmind")
    connection.complete(QUESTION)
    connection.complete(QUESTION)
    assert [sent(body) for body in server.bodies] == [
        ["response_format", "max_tokens", "temperature"],
        ["response_format", "temperature"],
        ["response_format", "temperature"],
    ]
    (note,) = connection.notes()
    assert note.code is NoteCode.PARAMETER_DROPPED
    assert note.data == {"parameter": "max_tokens", "provider": "segmind", "model": "qwen3-coder-flash"}


def test_the_param_of_the_error_counts_more_than_its_words(ask: Callable[..., Any]) -> None:
    refusal = error(400, "Unsupported value: it wants seed and max_completion_tokens", param="temperature")
    connection, server = ask([refusal, reply("yes")])
    connection.complete(QUESTION)
    assert "temperature" not in server.bodies[1]
    assert [note.code for note in connection.notes()] == [NoteCode.TEMPERATURE_DROPPED]


def test_unnamed_on_the_first_call_temperature_goes_last(ask: Callable[..., Any]) -> None:
    connection, server = ask(refusing("temperature"), "segmind")
    connection.complete(QUESTION)
    assert [sent(body) for body in server.bodies] == [
        ["response_format", "max_tokens", "temperature"],
        ["max_tokens", "temperature"],
        ["temperature"],
        [],
    ]
    assert [note.data["parameter"] for note in connection.notes()] == ["response_format", "max_tokens", "temperature"]


def test_406_without_known_words_is_worth_a_try(ask: Callable[..., Any]) -> None:
    connection, server = ask(refusing("response_format", status=406, say="Not Acceptable"), "segmind")
    connection.complete(QUESTION)
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("provider", "answer"),
    [
        ("segmind", Answer(406, {"error": "Insufficient credits for max_tokens and temperature"})),
        ("dashscope", error(400, "Access denied: temperature", code="Arrearage")),
        ("dashscope", error(400, "seed", code="data_inspection_failed")),
        ("segmind", error(401, "temperature")),
    ],
)
def test_never_for_money_or_content(provider: str, answer: Answer, ask: Callable[..., Any]) -> None:
    connection, server = ask(answer, provider)
    failure_of(connection)
    assert len(server.requests) == 1
    assert connection.notes() == ()


def test_unnamed_after_a_success_is_about_something_else(ask: Callable[..., Any]) -> None:
    connection, server = ask([reply("yes"), error(400, "bad request"), reply("yes")])
    connection.complete(QUESTION)
    assert "bad request" in str(failure_of(connection))
    connection.complete(QUESTION)
    assert len(server.requests) == 3
    assert sent(server.bodies[2]) == sent(server.bodies[0])


def test_what_was_guessed_in_vain_comes_back(ask: Callable[..., Any]) -> None:
    connection, server = ask([error(400, "bad request")] * 4 + [reply("yes")], "segmind")
    assert "bad request" in str(failure_of(connection))
    assert connection.notes() == ()
    connection.complete(QUESTION)
    assert sent(server.bodies[4]) == sent(server.bodies[0])


def test_context_of_vllm_first_costs_the_answer_s_limit(ask: Callable[..., Any]) -> None:
    words = "This model's maximum context length is 8192 tokens. However, you requested 9000 (808 in the messages, 8192 in the completion)"  # noqa: E501
    connection, server = ask([error(400, words), reply("yes")], model="qwen3")
    connection.complete(QUESTION)
    assert "max_completion_tokens" not in server.bodies[1]


def test_sixteen_threads_at_once_learn_it_together(ask: Callable[..., Any]) -> None:
    refuse = refusing("response_format", "max_completion_tokens", say="no {name}")
    together = threading.Barrier(16)

    def answer(body: Any, headers: Mapping[str, str]) -> Answer:
        if "response_format" in body:
            together.wait(10)  # all of them have sent the full set before any hears that it is refused
        return refuse(body, headers)

    connection, server = ask(answer, concurrency=16)
    texts: list[str] = []
    threads = [threading.Thread(target=lambda: texts.append(connection.complete(QUESTION).text)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert texts == ["yes"] * 16
    assert [note.data["parameter"] for note in connection.notes()] == ["response_format", "max_completion_tokens"]
    assert all("seed" in body and body["temperature"] == 0 for body in server.bodies)
    assert len(server.requests) <= 16 * 3


def test_sixteen_threads_guess_one_by_one(ask: Callable[..., Any]) -> None:
    together = threading.Barrier(16)

    def answer(body: Any, _: Mapping[str, str]) -> Answer:
        if "reasoning_effort" in body:
            together.wait(10)
            return error(400, "bad request")
        return reply("yes")

    connection, _ = ask(answer, concurrency=16)
    threads = [threading.Thread(target=connection.complete, args=(QUESTION,)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [note.data["parameter"] for note in connection.notes()] == ["reasoning_effort"]
