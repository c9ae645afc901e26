"""The calls in a model's message, read with suspicion: whatever is sent back with them must be accepted again."""

from __future__ import annotations

import json
import re
from itertools import count, islice
from typing import TYPE_CHECKING, Any

from reviewer.messages import ToolCall

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

MOST_CALLS = 32
"""Of one message; nobody makes more."""
MOST_ARGUMENTS = 8_000
"""Characters; what is longer is cut, and so no JSON any more."""

_ODD = re.compile(r"[^A-Za-z0-9_-]")
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


def read(message: Mapping[str, Any]) -> tuple[ToolCall, ...]:
    """The calls of a message, the first `MOST_CALLS` of them; the older `function_call` is one too.

    Every id is there once, every name is one that servers take; arguments that are no text become some.
    """
    found: dict[str, ToolCall] = {}
    for call in islice(_functions(message), MOST_CALLS):
        name = _id(call.get("id"), found)
        function = call["function"]
        found[name] = ToolCall(name, _name(function.get("name")), _arguments(function.get("arguments")))
    return tuple(found.values())


def _functions(message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    calls = message.get("tool_calls")
    for call in calls if isinstance(calls, list) else ():
        if isinstance(call, dict) and isinstance(call.get("function"), dict):
            yield call
    if not calls and isinstance(message.get("function_call"), dict):
        yield {"function": message["function_call"]}


def _id(given: object, taken: Container[str]) -> str:
    if isinstance(given, str) and _ID.fullmatch(given) and given not in taken:
        return given
    # Nine letters and digits: Mistral takes no other.
    return next(name for name in map("call{:05}".format, count()) if name not in taken)


def _name(value: object) -> str:
    return _ODD.sub("_", value[:64]) if isinstance(value, str) and value else "nameless"


def _arguments(value: object) -> str:
    """As text: some servers send the object itself, and null where there are none."""
    if value is None:
        return ""
    try:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return ""
    return text[:MOST_ARGUMENTS].encode("utf-8", "replace").decode("utf-8")
