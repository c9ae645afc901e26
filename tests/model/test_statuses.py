"""Every status a provider documents: why the lines are lost, what is asked again, and that the words help."""

# ruff: noqa: E501 - one row a line

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from asking import QUESTION, failure_of
from model_server import Answer, error, reply

from reviewer.findings import Reason
from reviewer.model.dialects import aim

if TYPE_CHECKING:
    from collections.abc import Callable

HTML = Answer(405, "<!DOCTYPE html><title>Method Not Allowed</title>")


class Row(NamedTuple):
    provider: str
    answer: Answer
    words: tuple[str, ...]
    reason: Reason = Reason.MODEL_ERROR
    fatal: bool = False
    splittable: bool = False
    requests: int = 1


ERROR, REFUSED, LENGTH = Reason.MODEL_ERROR, Reason.PROVIDER_REFUSED, Reason.LENGTH

# fmt: off
ROWS = [
    # Segmind: the envelope is {"error": "…"}
    Row("segmind", Answer(401, {"error": "Unauthorized"}), ("Segmind", "SEGMIND_API_KEY or REVIEWER_API_KEY"), fatal=True),
    Row("segmind", Answer(404, {"error": "no"}), ("qwen3-coder-flash", "REVIEWER_MODEL", "qwen3-coder-plus"), fatal=True),
    Row("segmind", HTML, ("405", "REVIEWER_BASE_URL"), fatal=True),
    Row("segmind", Answer(406, {"error": "Content-Type missing"}), ("Content-Type", "proxy"), fatal=True),
    Row("segmind", Answer(406, {"error": "Insufficient credits"}), ("out of credits", "top it up"), fatal=True),
    Row("segmind", Answer(406, {"error": "Spend limit reached"}), ("spend limit", "raise it"), fatal=True),
    Row("segmind", Answer(410, {"error": "gone"}), ("retired", "qwen3-coder-flash", "REVIEWER_MODEL"), fatal=True),
    Row("segmind", Answer(429, {"error": "slow down"}), ("REVIEWER_CONCURRENCY", "slow down"), requests=4),
    Row("segmind", Answer(500, {"error": "oops"}), ("500", "oops", "try again later"), requests=4),
    # DashScope
    Row("dashscope", error(400, "Output data may contain inappropriate content.", code="data_inspection_failed"), ("content filter",), REFUSED, splittable=True),
    Row("dashscope", error(400, "Access denied", code="Arrearage", type="Arrearage"), ("arrears", "pay the bill"), fatal=True),
    Row("dashscope", error(400, "Range of input length should be [1, 98304]"), ("REVIEWER_CHUNK_TOKENS",), LENGTH, splittable=True),
    Row("dashscope", error(401, "Incorrect API key provided."), ("region", "REVIEWER_BASE_URL", "DASHSCOPE_API_KEY"), fatal=True),
    Row("dashscope", error(403, "Access denied."), ("403", "qwen3-coder-flash"), fatal=True),
    Row("dashscope", error(403, "The free tier is exhausted", code="AllocationQuota.FreeTierOnly"), ("free quota",), fatal=True),
    Row("dashscope", error(404, "The model does not exist", code="model_not_found"), ("qwen3-coder-flash", "qwen3-coder-next"), fatal=True),
    Row("dashscope", error(410, "retired"), ("retired",), fatal=True),
    Row("dashscope", error(413, "Exceeded limit on max bytes"), ("413", "REVIEWER_CHUNK_TOKENS"), LENGTH, splittable=True),
    Row("dashscope", error(429, "limit_requests", code="Throttling.RateQuota"), ("REVIEWER_CONCURRENCY",), requests=4),
    Row("dashscope", error(429, "Allocated quota exceeded", code="Throttling.AllocationQuota"), ("REVIEWER_CONCURRENCY",), requests=4),
    Row("dashscope", error(429, "Request rate increased too quickly"), ("REVIEWER_CONCURRENCY",), requests=4),
    # OpenAI and those that speak like it
    Row("openai", error(400, "This model's maximum context length is 8192 tokens", code="context_length_exceeded"), ("REVIEWER_CHUNK_TOKENS",), LENGTH, splittable=True),
    Row("openai", error(400, "qwen/none is not a valid model ID"), ("REVIEWER_MODEL", "the server at 127.0.0.1"), fatal=True),
    Row("openai", error(400, "flagged", code="content_policy_violation"), ("content filter",), REFUSED, splittable=True),
    Row("openai", error(401, "Incorrect API key"), ("OPENAI_API_KEY or REVIEWER_API_KEY",), fatal=True),
    Row("openai", error(402, "Insufficient credits"), ("out of credits",), fatal=True),
    Row("openai", error(403, "Your input was flagged by moderation"), ("moderation",), REFUSED, splittable=True),
    Row("openai", error(403, "Project has no access to the model"), ("rights", "REVIEWER_MODEL"), fatal=True),
    Row("openai", Answer(403, "<html>blocked</html>"), ("firewall", "web page")),
    Row("openai", error(404, "The model does not exist"), ("gpt-6-luna", "REVIEWER_MODEL,"), fatal=True),
    Row("openai", error(418, "teapot"), ("418", "teapot", "check REVIEWER_BASE_URL")),
    Row("openai", error(429, "You exceeded your current quota", code="insufficient_quota"), ("insufficient_quota", "credit"), fatal=True),
    Row("openai", error(429, "Rate limit reached"), ("REVIEWER_CONCURRENCY",), requests=4),
    Row("openai", error(503, "Loading model", type="unavailable_error"), ("still loading",), requests=4),
    Row("openai", Answer(502, "<html>Bad gateway</html>"), ("502", "web page"), requests=4),
    Row("openai", error(504, "gateway timeout"), ("504",), requests=4),
    Row("openai", error(529, "overloaded"), ("529",), requests=4),
    Row("openai", Answer(500, "plain words"), ("plain words",), requests=4),
    Row("openai", Answer(500, {"unknown": "shape"}), ("shape",), requests=4),
    Row("openai", Answer(500, {"detail": [{"msg": "field required"}]}), ("field required",), requests=4),
    # OpenRouter: inside a 200
    Row("openai", error(200, "no endpoints", code=404), ("gpt-6-luna", "REVIEWER_MODEL"), fatal=True),
    Row("openai", error(200, "upstream", code=502), ("502", "upstream"), requests=4),
    Row("openai", Answer(200, {"choices": [{"error": {"message": "dead", "code": 503}}]}), ("503", "dead"), requests=4),
    # Ollama
    Row("ollama", error(404, 'model "qwen3-coder" not found, try pulling it first'), ("ollama pull qwen3-coder",), fatal=True),
]
# fmt: on


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.provider}-{row.answer.status}-{row.words[0]}")
def test_status_has_its_meaning(row: Row, ask: Callable[..., Any]) -> None:
    connection, server = ask(row.answer, row.provider)
    failure = failure_of(connection)
    for word in row.words:
        assert word in str(failure)
    assert (failure.reason, failure.fatal, failure.splittable) == (row.reason, row.fatal, row.splittable)
    assert len(server.requests) == row.requests
    assert "\n" not in str(failure)
    assert not re.search(r"\{\w*\}", str(failure))
    assert not str(failure).endswith((":", " "))


def test_throttling_ends(ask: Callable[..., Any]) -> None:
    connection, server = ask([error(429), error(503), reply("yes")])
    assert connection.complete(QUESTION).text == "yes"
    assert len(server.requests) == 3


def test_provider_s_words_are_cut_and_cleaned(ask: Callable[..., Any]) -> None:
    connection, _ = ask(error(418, "\x1b[31m::error::" + "x" * 5_000))
    message = str(failure_of(connection))
    assert "\x1b" not in message
    assert "x" * 100 in message
    assert "x" * 201 not in message


def test_who_answered_is_named() -> None:
    assert aim("openai").title == "OpenAI"
    assert aim("openai").other_models == ("gpt-6-sol",)
    assert aim("openai", "https://openrouter.ai/api/v1").title == "the server at openrouter.ai"
    assert aim("openai", "https://openrouter.ai/api/v1").other_models == ()
    assert aim("ollama", "http://big:11434/v1").title == "Ollama at big:11434"
    assert aim("segmind", None, "own").other_models == ("qwen3-coder-flash", "qwen3-coder-plus")
