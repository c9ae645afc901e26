"""Every shape an answer may have, and what is made of it."""

from __future__ import annotations

import contextlib
import gzip
import json
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from asking import QUESTION, failure_of
from hypothesis import given, settings
from hypothesis import strategies as st
from model_server import Answer, reply

from reviewer.findings import Reason
from reviewer.messages import Message
from reviewer.model import replies
from reviewer.model.failures import ModelFailure
from reviewer.model.transport import MAX_BODY

if TYPE_CHECKING:
    from collections.abc import Callable


def choice(message: Any, finish: str | None = "stop") -> dict[str, Any]:
    return {"choices": [{"message": message, "finish_reason": finish}]}


@pytest.mark.parametrize(
    ("body", "text", "finish"),
    [
        (choice({"content": "plain"}), "plain", "stop"),
        (choice({"content": ""}), "", "stop"),
        (choice({"content": "no reason"}, None), "no reason", "stop"),
        (choice({"content": "half"}, "length"), "half", "length"),
        (choice({"content": "half"}, "max_tokens"), "half", "length"),
        (choice({"content": None, "reasoning": "hmm"}, "length"), "", "length"),
        (choice({"content": None}, "content_filter"), "", "content_filter"),
        (choice({"content": "said", "reasoning_content": "not said"}), "said", "stop"),
        (choice({"content": [{"type": "text", "text": "a"}, {"type": "image"}]}), "a", "stop"),
        (choice({"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}), "ab", "stop"),
        (choice({"content": "<think>so {</think>\n{}"}), "{}", "stop"),
        (choice({"content": "<think>never ends"}, "length"), "", "length"),
        (choice({"content": "so it is</think>{}"}), "{}", "stop"),
        (choice({"content": '{"quote": "<think>a</think>"}'}), '{"quote": "<think>a</think>"}', "stop"),
        ({"content": "flat"}, "flat", "stop"),
        ({"output": "flat too", "error": None}, "flat too", "stop"),
        ({"content": "cut", "finish_reason": "length", "message": "x", "code": 0}, "cut", "length"),
        (choice({"content": "half \ud800 a pair"}), "half ? a pair", "stop"),
    ],
)  # fmt: skip
def test_shapes(body: Any, text: str, finish: str, ask: Callable[..., Any]) -> None:
    connection, _ = ask(Answer(200, body))
    answer = connection.complete(QUESTION)
    assert (answer.text, answer.finish, answer.cached) == (text, finish, False)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("{}", "without a reply"),
        ("[]", "without a reply"),
        ("null", "without a reply"),
        ('{"choices": []}', "without a reply"),
        ('{"choices": ["x"]}', "without a reply"),
        ('{"choices": [{"message": {"content": null}}]}', "without a reply"),
        ('{"choices": [{"message": "no message"}]}', "without a reply"),
        ('{"choices": [{"message": {"content": [{"type": "image"}]}}]}', "without a reply"),
        ("", "not JSON"),
        ("words", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        ('{"choices": [', "not JSON"),
        ("[" * 200_000, "not JSON"),
        ('{"a":' * 200_000, "not JSON"),
        ("9" * 100_000, "not JSON"),
        ("<!doctype html><p>Welcome", "web page"),
        (b"\xef\xbb\xbf <HTML>", "web page"),
    ],
    ids=range(17),
)
def test_no_reply_in_it(body: str | bytes, words: str, ask: Callable[..., Any]) -> None:
    connection, server = ask(Answer(200, body, {"Content-Type": "application/json"}))
    failure = failure_of(connection)
    assert words in str(failure)
    assert "REVIEWER_BASE_URL" in str(failure)
    assert failure.reason is Reason.MODEL_ERROR
    assert failure.fatal == (words == "web page")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("body", "kind"), [("words\n", "text/plain; charset=utf-8"), ('"words\\n"', "application/json")]
)
def test_a_bare_string(body: str, kind: str, ask: Callable[..., Any]) -> None:
    connection, _ = ask(Answer(200, body, {"Content-Type": kind}), "segmind")
    assert connection.complete(QUESTION).text == "words\n"


def test_a_refusal_in_words(ask: Callable[..., Any]) -> None:
    connection, _ = ask(Answer(200, choice({"content": None, "refusal": "I will not."})))
    failure = failure_of(connection)
    assert (failure.reason, failure.splittable, failure.billed) == (Reason.PROVIDER_REFUSED, True, True)
    assert "I will not." in str(failure)


def test_usage_and_cost_from_tokens(ask: Callable[..., Any]) -> None:
    answer = reply("yes", prompt_tokens=20_000, cached_tokens=10_000, completion_tokens=1_000)
    connection, _ = ask(answer, "dashscope")
    usage = connection.complete(QUESTION).usage
    assert (usage.calls, usage.cached_calls) == (1, 0)
    assert (usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens) == (20_000, 10_000, 1_000)
    assert usage.cost_usd == pytest.approx((10_000 * 0.30 + 10_000 * 0.06 + 1_000 * 1.50) / 1e6)
    assert usage.credits_remaining is None


def test_cost_and_credits_from_headers(ask: Callable[..., Any]) -> None:
    connection, _ = ask(reply("yes", headers={"x-cost": "0.0042", "X-Remaining-Credits": "17.5"}), "segmind")
    usage = connection.complete(QUESTION).usage
    assert (usage.cost_usd, usage.credits_remaining) == (0.0042, 17.5)


def test_unknown_price_and_odd_counts(ask: Callable[..., Any]) -> None:
    odd = {"usage": {"prompt_tokens": "many", "completion_tokens": True, "prompt_tokens_details": []}}
    connection, _ = ask(Answer(200, {**choice({"content": "x"}), **odd}, {"x-cost": "free"}), model="unknown")
    usage = connection.complete(QUESTION).usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.cost_usd) == (0, 0, None)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "identity"])
def test_compressed_answers(encoding: str, ask: Callable[..., Any]) -> None:
    plain = json.dumps(choice({"content": "packed"})).encode()
    packed = {"gzip": gzip.compress(plain), "deflate": zlib.compress(plain), "identity": plain}[encoding]
    connection, server = ask(Answer(200, packed, {"Content-Encoding": encoding, "Content-Type": "application/json"}))
    assert connection.complete(QUESTION).text == "packed"
    assert server.requests[0].headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize(
    ("body", "encoding", "words"),
    [
        (b" " * (MAX_BODY + 1), "", "8 MiB"),
        (gzip.compress(b" " * (MAX_BODY + 1)), "gzip", "8 MiB"),
        (gzip.compress(b"{}" * 500)[:-12], "gzip", "ends early"),
        (b"no gzip", "gzip", "unpack"),
        (b"x", "br", "not asked for"),
    ],
    ids=["huge", "bomb", "short", "broken", "foreign"],
)
def test_what_cannot_be_read_is_no_crash(body: bytes, encoding: str, words: str, ask: Callable[..., Any]) -> None:
    headers = {"Content-Encoding": encoding} if encoding else {}
    connection, server = ask(Answer(200, body, headers))
    failure = failure_of(connection)
    assert words in str(failure)
    assert (failure.reason, failure.billed) == (Reason.MODEL_ERROR, True)
    assert len(server.requests) == 1


def test_ollama_that_cuts_the_prompt_in_silence(ask: Callable[..., Any]) -> None:
    long = (Message("user", "word " * 8_000),)
    connection, _ = ask(reply("{}", prompt_tokens=4_096), "ollama")
    with pytest.raises(ModelFailure) as caught:
        connection.complete(long)
    assert (caught.value.reason, caught.value.splittable) == (Reason.LENGTH, True)
    assert "OLLAMA_CONTEXT_LENGTH" in str(caught.value)
    assert "4096" in str(caught.value)


@pytest.mark.parametrize("counted", [0, 9_000])
def test_ollama_that_reads_all_or_does_not_count(counted: int, ask: Callable[..., Any]) -> None:
    connection, _ = ask(reply("{}", prompt_tokens=counted), "ollama")
    answer = connection.complete((Message("user", "word " * 8_000),))
    assert answer.text == "{}"
    assert answer.usage.cost_usd in (None, 0.0)


@pytest.mark.parametrize(
    "body",
    [
        '{"error": HERE}',
        '{"error": {"message": HERE}}',
        '{"error": {"message": "no", "code": HERE, "param": HERE}}',
        '{"detail": HERE}',
        '{"message": HERE, "code": 1}',
        '{"choices": [{"message": {"content": "x"}, "finish_reason": HERE}]}',
        '{"content": HERE, "finish_reason": HERE}',
    ],
)
@pytest.mark.parametrize("around", ["[]", '{"a": }'], ids=["lists", "objects"])
def test_what_is_just_not_too_deep_to_read_is_not_too_deep_to_tell(body: str, around: str) -> None:
    begin, end = around[:-1], around[-1]
    for depth in range(900, 1000):
        said = body.replace("HERE", begin * depth + "1" + end * depth).encode()
        replies.complaint(said)
        with contextlib.suppress(ValueError):
            replies.said(replies.decode(said))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["choices", "message", "content", "output", "error", "code", "detail", "usage", "param",
                         "finish_reason", "refusal", "prompt_tokens", "prompt_tokens_details", "type", "text"]), inner),
)  # fmt: skip


@settings(deadline=None)
@given(JSON)
def test_no_json_is_too_odd(value: Any) -> None:
    replies.hidden_error(value)
    replies.said(value)
    replies.usage(value, {"x-cost": "1"}, None)
    replies.complaint(json.dumps(value).encode())
