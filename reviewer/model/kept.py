"""A reply as it is kept: packed for a file or a server, unpacked with suspicion, since others may write there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from reviewer.messages import Finish, Reply, Usage
from reviewer.model import calls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewer.messages import ToolCall

MOST_BYTES = 1024 * 1024
"""Of one packed reply; an answer of 8 192 tokens has a tenth. A longer one is asked for again."""

FINISHES: tuple[Finish, ...] = get_args(Finish)


@dataclass(frozen=True, slots=True)
class Kept:
    """A reply from the cache, and the parameters that had to be dropped to get it."""

    reply: Reply
    dropped: tuple[str, ...] = ()


def pack(reply: Reply, dropped: Sequence[str] = ()) -> str:
    """ASCII."""
    stored = {"text": reply.text, "finish": reply.finish, "dropped": list(dropped)}
    return json.dumps(stored | ({"calls": listed(reply.tool_calls)} if reply.tool_calls else {}))


def unpack(value: str | bytes) -> Kept | None:
    """The reply, marked as cached and free; null for anything that `pack` does not write."""
    if len(value) > MOST_BYTES:
        return None
    try:
        stored = json.loads(value)
    except (ValueError, RecursionError):
        return None
    if not isinstance(stored, dict):
        return None
    text, dropped = stored.get("text"), stored.get("dropped")
    finish = next((known for known in FINISHES if known == stored.get("finish")), None)
    if not isinstance(text, str) or finish is None or not isinstance(dropped, list) or not _are_words(dropped):
        return None
    made = _calls(stored.get("calls", []))
    if made is None:
        return None
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return Kept(Reply(whole, finish, Usage(cached_calls=1), cached=True, tool_calls=made), tuple(dropped))


def listed(made: Sequence[ToolCall]) -> list[list[str]]:
    """Calls as plain JSON values."""
    return [[call.id, call.name, call.arguments] for call in made]


def _calls(stored: Any) -> tuple[ToolCall, ...] | None:
    """Read as those in a model's message are, which leaves calls that came from there as they were."""
    if not isinstance(stored, list) or not all(_are_words(call) and len(call) == 3 for call in stored):
        return None
    said = [{"id": name, "function": {"name": asked, "arguments": told}} for name, asked, told in stored]
    return calls.read({"tool_calls": said})


def _are_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) for word in value)
