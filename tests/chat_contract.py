"""Holds a recorded request against the interface it claims to speak: tests/contracts/README.md names the source."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema

if TYPE_CHECKING:
    from model_server import Request

SPEC = Path(__file__).with_name("contracts") / "chat-completions.json"


def problems(request: Request) -> list[str]:
    """What is wrong with the request; nothing where it conforms.

    On a path of its own (Segmind's) only `messages` is documented, so nothing else is looked at.
    """
    if request.path.endswith("/chat/completions"):
        return [
            f"{'/'.join(map(str, e.path)) or '<body>'}: {e.message[:160]}" for e in _schema().iter_errors(request.body)
        ]
    messages = request.body.get("messages") if isinstance(request.body, dict) else None
    if isinstance(messages, list) and messages and all(map(_is_message, messages)):
        return []
    return ["messages must be a non-empty list of {role: system|user|assistant, content: str}"]


def _is_message(message: Any) -> bool:
    roles = {"system", "user", "assistant"}
    return isinstance(message, dict) and message.get("role") in roles and isinstance(message.get("content"), str)


@functools.cache
def _schema() -> jsonschema.Draft202012Validator:
    components = json.loads(SPEC.read_text(encoding="utf-8"))["components"]
    return jsonschema.Draft202012Validator(
        {"$ref": "#/components/schemas/CreateChatCompletionRequest", "components": components}
    )
