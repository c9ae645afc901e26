"""What a model's server sends: the body of an answer, good or bad, whatever its content type says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from fuzz import bounds, documents
from reviewer.model import calls, replies

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 16_384
NAMES = (
    *("choices", "message", "content", "output", "error", "detail", "code", "param", "type", "text", "refusal"),
    *(
        "usage",
        "finish_reason",
        "length",
        "prompt_tokens",
        "completion_tokens",
        "prompt_tokens_details",
        "cached_tokens",
    ),
    *("tool_calls", "function_call", "function", "id", "name", "arguments", "reasoning", "<think>", "</think>"),
)
SHAPES: tuple[object, ...] = (
    {"error": {"message": "no", "code": "429", "type": "x", "param": "temperature"}},
    {"error": "no credits"},
    {"detail": [{"loc": ["body"], "msg": "bad"}]},
    {"message": "no", "code": 401},
    {"choices": [{"error": {"message": "hidden", "code": 502}}]},
    {"choices": [{"message": {"content": [{"type": "text", "text": "{}"}]}, "finish_reason": "length"}]},
    {"choices": [{"message": {"content": None, "refusal": "I will not"}, "finish_reason": "content_filter"}]},
    {
        "choices": [
            {
                "message": {
                    "tool_calls": [{"id": "1", "function": {"name": "read", "arguments": '{"path": "a"}'}}],
                    "function_call": {"name": "read", "arguments": {}},
                }
            }
        ]
    },
    {"output": "flat", "usage": {"prompt_tokens": 7, "completion_tokens": 2, "prompt_tokens_details": {}}},
)


def seeds() -> Iterator[bytes]:
    for shape in SHAPES:
        yield json.dumps(shape).encode()
    for path in sorted((bounds.TESTS / "replies").glob("*.txt")):
        said = {"role": "assistant", "content": path.read_bytes().decode()}
        yield json.dumps({"choices": [{"index": 0, "message": said, "finish_reason": "stop"}]}).encode()
    for depth in (980, 985, 990, 995):
        yield b'{"error": {"message": ' + b"[" * depth + b"]" * depth + b"}}"
    yield b"<!DOCTYPE html><p>Welcome"


def check(data: bytes) -> None:
    """Any body is words, calls or a complaint; or no JSON, which is a `ValueError` and nothing else."""
    bounds.grown(read, data)
    read(data)
    read(json.dumps(documents.made(data, NAMES)).encode())


def read(data: bytes) -> None:
    """Everything that is asked of a body."""
    assert len(replies.complaint(data).text) <= 4 * replies.MOST_TEXT
    for kind in ("application/json", "text/plain; charset=utf-8"):
        try:
            value = replies.decode(data, kind)
        except ValueError:
            continue
        replies.hidden_error(value)
        usage = replies.usage(value, {"x-cost": "0.1"}, None)
        assert 0 <= usage.cached_tokens <= usage.prompt_tokens
        assert usage.completion_tokens >= 0
        if (said := replies.said(value)) is not None:
            _can_be_kept(said)


def _can_be_kept(said: replies.Said) -> None:
    said.text.encode()
    assert len(said.calls) <= calls.MOST_CALLS
    assert len({call.id for call in said.calls}) == len(said.calls)
    for call in said.calls:
        assert call.name
        assert len(call.arguments) <= calls.MOST_ARGUMENTS
        f"{call.id}{call.name}{call.arguments}".encode()
