"""What is sent conforms to the published interface."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import chat_contract
import pytest
from asking import QUESTION
from model_server import Request, reply

from reviewer.messages import Message

if TYPE_CHECKING:
    from collections.abc import Callable

PATHS = {
    "segmind": "/v1/qwen3-coder-flash",
    "dashscope": "/v1/chat/completions",
    "openai": "/v1/chat/completions",
    "ollama": "/v1/chat/completions",
}


@pytest.mark.parametrize("provider", PATHS)
def test_requests_conform(provider: str, ask: Callable[..., Any]) -> None:
    connection, server = ask(reply("yes"), provider)
    odd = Message("user", "lone \ud800 surrogate, \x00, ümläut, \u2028")
    connection.complete((*QUESTION, Message("assistant", "{}"), odd))
    (request,) = server.requests
    assert chat_contract.problems(request) == []
    assert (request.method, request.path) == ("POST", PATHS[provider])
    assert request.headers["content-type"] == "application/json"
    assert request.body.get("model") == (None if provider == "segmind" else connection._target.model)
    assert request.body["messages"][0] == {"role": "system", "content": "Answer in JSON."}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/chat/completions", {"messages": []}),
        ("/v1/chat/completions", {"model": "m", "messages": [{"role": "robot", "content": "x"}]}),
        ("/v1/qwen3-coder-flash", {"messages": []}),
        ("/v1/qwen3-coder-flash", {"messages": [{"role": "user", "content": ["x"]}]}),
        ("/v1/qwen3-coder-flash", None),
    ],
)
def test_the_contract_has_teeth(path: str, body: Any) -> None:
    assert chat_contract.problems(Request("POST", path, {}, body, b""))
