"""Tools are offered where they can be, calls read with suspicion; a server that refuses tools answers without."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import chat_contract
import pytest
from asking import QUESTION, failure_of
from hypothesis import given, settings
from hypothesis import strategies as st
from model_server import Answer, calling, error, function, reply

from reviewer.context.offers import OFFERS
from reviewer.errors import Misuse
from reviewer.findings import NoteCode, Reason
from reviewer.messages import Message, Tool, ToolCall, Usage
from reviewer.model import calls, replies, wire
from reviewer.model.cache import key
from reviewer.model.choice import require_tools
from reviewer.model.connect import connect
from reviewer.model.dialects import DIALECTS, aim
from reviewer.model.failures import ModelFailure
from reviewer.text.tokens import estimate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

TOOL = Tool("look", "Looks.", {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]})
CALL = ToolCall("call_0", "look", '{"path": "a.py"}')
TALK = (*QUESTION, Message("assistant", "", (CALL,)), Message("tool", "1 x = 1", tool_call_id="call_0"))


def with_tools(body: Any, _: Mapping[str, str]) -> Answer:
    return calling(("look", {"path": "a.py"})) if "tools" in body else reply("{}")


def refusing(refusal: Answer) -> Callable[[Any, Mapping[str, str]], Answer]:
    return lambda body, _: refusal if "tools" in body else reply("{}")


@pytest.mark.parametrize("provider", ["dashscope", "openai", "ollama"])
def test_what_is_sent_conforms_and_comes_back_as_calls(provider: str, ask: Callable[..., Any]) -> None:
    connection, server = ask(with_tools, provider)
    answer = connection.complete(QUESTION, (TOOL, *OFFERS))
    assert (answer.text, answer.finish, answer.tool_calls) == ("", "stop", (CALL,))
    connection.complete(TALK, (TOOL,))
    assert [chat_contract.problems(request) for request in server.requests] == [[], []]
    first, second = server.bodies
    assert [each["function"]["name"] for each in first["tools"]] == [
        *("look", "read_file", "search", "list_files", "definition"),
    ]  # fmt: skip
    assert first["tool_choice"] == "auto"
    assert first.get("parallel_tool_calls") == (True if provider == "dashscope" else None)
    assert second["messages"][2:] == [
        {"role": "assistant", "content": "", "tool_calls": [function("call_0", "look", {"path": "a.py"})]},
        {"role": "tool", "content": "1 x = 1", "tool_call_id": "call_0"},
    ]


@pytest.mark.parametrize("provider", ["dashscope", "openai", "ollama"])
def test_json_mode_and_tools_exclude_each_other(provider: str, ask: Callable[..., Any]) -> None:
    connection, server = ask(reply("{}"), provider)
    connection.complete(QUESTION, (TOOL,))
    connection.complete(QUESTION)
    equipped, plain = server.bodies
    assert set(plain) - set(equipped) == {"response_format"}
    assert set(equipped) - set(plain) - {"parallel_tool_calls"} == {"tools", "tool_choice"}
    assert connection.notes() == ()


def test_a_dialect_without_tools(ask: Callable[..., Any]) -> None:
    connection, server = ask(reply("{}"), "segmind")
    assert connection.complete(QUESTION, (TOOL,)).text == "{}"
    assert "tools" not in server.bodies[0]
    assert "response_format" in server.bodies[0]
    assert {name for name, dialect in DIALECTS.items() if dialect.tools} == {"dashscope", "openai", "ollama"}
    with pytest.raises(Misuse, match="REVIEWER_PROVIDER to dashscope or openai or ollama") as caught:
        require_tools(aim("segmind"))
    assert "--tools" in str(caught.value)
    for name in ("dashscope", "openai", "ollama"):
        require_tools(aim(name))


@pytest.mark.parametrize(
    "refusal",
    [
        error(400, "Unknown parameter", param="tools"),
        error(400, "registry.ollama.ai/library/gemma3:4b does not support tools"),
        error(400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'),
        error(500, "tools param requires --jinja flag"),
        error(404, "No endpoints found that support tool use. Try another model."),
        Answer(200, {"error": {"message": "this model has no tool calling", "code": 422}}),
        error(400, "bad request"),
    ],
    ids=["openai", "ollama", "vllm", "llama.cpp", "openrouter", "hidden", "unnamed"],
)
def test_a_server_that_refuses_tools_answers_without(refusal: Answer, ask: Callable[..., Any]) -> None:
    connection, server = ask(refusing(refusal))
    assert [connection.complete(QUESTION, (TOOL,)).text for _ in range(3)] == ["{}"] * 3
    assert ["tools" in body for body in server.bodies] == [True, False, False, False]
    assert all("seed" in body and "temperature" in body for body in server.bodies)
    assert ["response_format" in body for body in server.bodies] == [False, True, True, True]
    (note,) = connection.notes()
    assert note.code is NoteCode.PARAMETER_DROPPED
    assert note.data["parameter"] == "tools"
    assert "refuses tools" in note.message


def test_sixteen_threads_learn_it_together(ask: Callable[..., Any]) -> None:
    together = threading.Barrier(16)

    def answer(body: Any, _: Mapping[str, str]) -> Answer:
        if "tools" in body:
            together.wait(10)
            return error(400, "no tools")
        return reply("{}")

    connection, server = ask(answer, concurrency=16)
    threads = [threading.Thread(target=connection.complete, args=(QUESTION, (TOOL,))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.requests) == 32
    assert [note.data["parameter"] for note in connection.notes()] == ["tools"]


def test_a_404_about_the_model_stays_one(ask: Callable[..., Any]) -> None:
    connection, server = ask(error(404, "no such model"))
    with pytest.raises(ModelFailure) as caught:
        connection.complete(QUESTION, (TOOL,))
    assert caught.value.fatal
    assert len(server.requests) == 1


def test_a_404_about_tools_that_were_not_sent(ask: Callable[..., Any]) -> None:
    connection, server = ask(error(404, "No endpoints found that support tool use"))
    failure = failure_of(connection)
    assert failure.fatal
    assert "leave --tools out" in str(failure)
    assert len(server.requests) == 1


def test_a_question_without_tools_blames_none(ask: Callable[..., Any]) -> None:
    connection, server = ask([error(400, "tools and temperature"), reply("{}"), with_tools({"tools": []}, {})])
    connection.complete(QUESTION)
    assert connection.complete(QUESTION, (TOOL,)).tool_calls == (CALL,)
    assert ["tools" in body for body in server.bodies] == [False, False, True]


def read(*made: Any, **message: Any) -> list[tuple[str, str, str]]:
    value = {"choices": [{"message": {"content": None, "tool_calls": list(made), **message}}]}
    said = replies.said(value)
    return [] if said is None else [(call.id, call.name, call.arguments) for call in said.calls]


def test_odd_calls() -> None:
    assert read(function("x", "look", '{"a": 1}')) == [("x", "look", '{"a": 1}')]
    assert read(function(None, "look", "{}"), function(None, "look", "{}")) == [
        ("call00000", "look", "{}"),
        ("call00001", "look", "{}"),
    ]
    twice = read(function("call00001", "a", ""), function("call00001", "b", ""), function(7, "c", ""))
    assert [each[0] for each in twice] == ["call00001", "call00000", "call00002"]
    assert read(function("i d\n", "rm -rf /", "")) == [("call00000", "rm_-rf__", "")]
    assert read(function("x" * 65, "n" * 99, "")) == [("call00000", "n" * 64, "")]
    assert read(function("a", None, None), function("b", "", {})) == [("a", "nameless", ""), ("b", "nameless", "{}")]
    assert [each[2] for each in read(*(function(None, "f", value) for value in ([1], 7, True, "{", "\ud800")))] == [
        *("[1]", "7", "true", "{", "?"),
    ]  # fmt: skip
    assert read("x", {}, {"function": "f"}, None) == []
    assert read(tool_calls={"0": function("a", "f", "")}) == []
    assert read(tool_calls=None, function_call={"name": "look", "arguments": "{}"}) == [("call00000", "look", "{}")]


def test_too_many_and_too_long_calls() -> None:
    many = read(*(function(f"c{n}", "look", "x" * 100_000) for n in range(500)))
    assert len(many) == calls.MOST_CALLS
    assert {len(each[2]) for each in many} == {calls.MOST_ARGUMENTS}
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    assert read(function("a", "f", deep)) == [("a", "f", "")]


def test_calls_beside_words_and_finishes() -> None:
    body = calling(("look", "{}"), text="<think>hm</think>Let me see.").body
    said = replies.said(body)
    assert said is not None
    assert (said.text, len(said.calls), said.finish) == ("Let me see.", 1, "stop")
    cut = replies.said(calling(("look", '{"pa'), finish="length").body)
    assert cut is not None
    assert (cut.text, cut.finish, len(cut.calls)) == ("", "length", 1)
    assert replies.said({"choices": [{"message": {"content": None, "tool_calls": []}}]}) is None


def test_a_body_of_ten_megabytes_is_no_reply(ask: Callable[..., Any]) -> None:
    connection, _ = ask(calling(("look", "x" * 10_000_000)))
    with pytest.raises(ModelFailure, match="8 MiB"):
        connection.complete(QUESTION, (TOOL,))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["tool_calls", "function", "id", "name", "arguments"]), inner)
    ),
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["tool_calls", "function_call"]), JSON))
def test_no_call_is_too_odd(message: dict[str, Any]) -> None:
    found = calls.read(message)
    assert len({call.id for call in found}) == len(found) <= calls.MOST_CALLS
    json.dumps([wire.message(Message("assistant", "", found))]).encode()


def test_the_key_and_what_a_call_adds_to_it() -> None:
    target = aim("openai")
    other_call = Message("assistant", "", (ToolCall("call_0", "look", "{}"),))
    other_result = Message("tool", "1 x = 1", tool_call_id="call_1")
    keys = {
        key(target, QUESTION),
        key(target, QUESTION, (TOOL,)),
        key(target, QUESTION, OFFERS),
        key(target, TALK),
        key(target, TALK, (TOOL,)),
        key(target, (*TALK[:2], other_call, TALK[3]), (TOOL,)),
        key(target, (*TALK[:3], other_result), (TOOL,)),
    }
    assert len(keys) == 7


def test_a_talk_is_kept_and_free_the_second_time(ask: Callable[..., Any], tmp_path: Path) -> None:
    connection, server = ask(with_tools, cache=tmp_path, worth_keeping=lambda text: text == "{}")
    first = connection.complete(QUESTION, (TOOL,))
    again = connection.complete(QUESTION, (TOOL,))
    assert again.tool_calls == first.tool_calls == (CALL,)
    assert (again.cached, again.usage) == (True, Usage(cached_calls=1))
    assert connection.complete(QUESTION).tool_calls == ()
    assert len(server.requests) == 2


def test_calls_of_an_answer_that_was_cut_off_are_not_kept(ask: Callable[..., Any], tmp_path: Path) -> None:
    connection, server = ask(calling(("look", '{"pa'), finish="length"), cache=tmp_path)
    assert [connection.complete(QUESTION, (TOOL,)).cached for _ in range(2)] == [False, False]
    assert len(server.requests) == 2


def test_that_tools_are_refused_is_said_also_from_the_cache(ask: Callable[..., Any], tmp_path: Path) -> None:
    connection, server = ask(refusing(error(400, "tools")), cache=tmp_path)
    connection.complete(QUESTION, (TOOL,))
    notes = connection.notes()
    assert [note.data["parameter"] for note in notes] == ["tools"]
    with connect(connection._target, cache=tmp_path) as again:
        assert again.complete(QUESTION, (TOOL,)).cached
        assert again.notes() == notes
    assert len(server.requests) == 2


def test_the_size_of_a_question_counts_all_that_is_sent() -> None:
    plain = sum(estimate(message.content) for message in TALK)
    assert wire.size(QUESTION) == sum(estimate(message.content) for message in QUESTION)
    assert wire.size(TALK) > plain + estimate(CALL.arguments)
    assert wire.size(TALK, OFFERS) - wire.size(TALK) > 250
    with_all = json.dumps([wire.tool(each) for each in OFFERS])
    assert wire.size((), OFFERS) >= 0.95 * estimate(with_all)


def test_tools_that_make_it_too_large_are_not_sent(ask: Callable[..., Any]) -> None:
    connection, server = ask(reply("{}"))
    long = (Message("user", "word " * 28_000),)
    assert connection.complete(long).text == "{}"
    wide = Tool("wide", "many words " * 3_000, {"type": "object", "properties": {}})
    talk = (*long, Message("assistant", "", (ToolCall("a", "look", "word " * 8_000),)), Message("tool", "x", (), "a"))
    for messages, tools in ((long, (wide,)), (talk, ())):
        with pytest.raises(ModelFailure) as caught:
            connection.complete(messages, tools)
        assert caught.value.reason is Reason.LENGTH
    assert len(server.requests) == 1
