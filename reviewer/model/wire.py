"""A question as the chat-completions interface spells it, and what it weighs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from reviewer.model.parameters import TOOLS, as_body
from reviewer.text import tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewer.messages import Message, Tool, ToolCall
    from reviewer.model.dialects import Parameter, Target

FRAME = 8
"""Tokens around a message, a call or a tool: roles, ids, the template's own words."""


def content(
    target: Target, messages: Sequence[Message], parameters: Sequence[Parameter], tools: Sequence[Tool]
) -> bytes:
    """The body of a request with exactly these `parameters`; `tools` stand where one of them is `TOOLS`."""
    body: dict[str, Any] = {"model": target.model} if target.dialect.model_in_body else {}
    body["messages"] = list(map(message, messages))
    body.update(as_body(p for p in parameters if p is not TOOLS))
    if TOOLS in parameters:
        body |= {"tools": list(map(tool, tools)), "tool_choice": "auto"}
    # A lone surrogate in a diff must not end the review here.
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")


def message(message: Message) -> dict[str, Any]:
    """One of `messages`."""
    plain: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_calls:
        plain["tool_calls"] = list(map(_call, message.tool_calls))
    if message.tool_call_id is not None:
        plain["tool_call_id"] = message.tool_call_id
    return plain


def tool(tool: Tool) -> dict[str, Any]:
    """One of `tools`."""
    function = {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}
    return {"type": "function", "function": function}


def size(messages: Sequence[Message], tools: Sequence[Tool] = ()) -> int:
    """The tokens of a request, estimated; what tools add is counted as the JSON in which they are sent."""
    said = sum(tokens.estimate(m.content) for m in messages)
    exchanged = [m for m in messages if m.tool_calls or m.tool_call_id is not None]
    called = sum(FRAME + tokens.estimate(c.name + c.arguments) for m in exchanged for c in m.tool_calls)
    offered = sum(FRAME + tokens.estimate(json.dumps(tool(each))) for each in tools)
    return said + called + offered + FRAME * len(exchanged)


def _call(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": function}
