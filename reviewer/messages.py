"""What is said to a model and what comes back: frozen values, no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Usage:
    """What the model was asked and what it cost (US dollars); null: nobody told us."""

    calls: int = 0
    cached_calls: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float | None = None
    credits_remaining: float | None = None

    def __add__(self, other: Usage) -> Usage:
        """Sums every count; a null cost adds nothing, and of two credit balances the lower is the later."""
        balances = [u.credits_remaining for u in (self, other) if u.credits_remaining is not None]
        costs = [u.cost_usd for u in (self, other) if u.cost_usd is not None]
        counted = ("calls", "cached_calls", "prompt_tokens", "cached_tokens", "completion_tokens")
        counts = {name: getattr(self, name) + getattr(other, name) for name in counted}
        cost, credit = sum(costs) if costs else None, min(balances) if balances else None
        return Usage(**counts, cost_usd=cost, credits_remaining=credit)


@dataclass(frozen=True, slots=True)
class Tool:
    """What a model may call; `parameters` is a JSON schema of an object."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """What a model wants to call. `arguments` is its own text, mostly the JSON of an object."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat completion: an assistant's may hold calls, a tool's answers the call of its id."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None


Finish = Literal["stop", "length", "content_filter"]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model answered: `message.content`, and what it wants to call. `cached`: it came from the reply cache."""

    text: str
    finish: Finish = "stop"
    usage: Usage = field(default_factory=Usage)
    cached: bool = False
    tool_calls: tuple[ToolCall, ...] = ()
