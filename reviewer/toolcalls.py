"""A model that may look things up before it answers: its calls are made for it, as many as it is allowed."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from reviewer import templates
from reviewer.findings import Note, NoteCode, Reason
from reviewer.messages import Message, Usage
from reviewer.model import wire
from reviewer.model.endpoint import INPUT_LIMIT
from reviewer.model.failures import ModelFailure
from reviewer.prompts import fenced
from reviewer.text.tokens import estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewer.messages import Reply, Tool, ToolCall

LEAST_ROOM = 600
"""Tokens that must be left for another look-up to be worth its request."""
_FRAME = 110
"""Tokens of a result besides its text: the fence, the id, what says that it was cut."""
_MARGIN = 200
"""For the words that end it, and because an estimate of parts is none of the whole."""
_MOST_ASIDE = 2_000
"""Characters of what a model says beside its calls that it is told again."""
_CUT = "… cut: there is no room for more"
_NO_ROOM = "error: there is no room for this result"


class Model(Protocol):
    """Messages in, reply out; the reply may hold calls of the tools."""

    def complete(self, messages: Sequence[Message], tools: Sequence[Tool] = ()) -> Reply:
        """Raises `ModelFailure`."""
        ...


class Tools(Protocol):
    """What there is to call."""

    @property
    def specs(self) -> tuple[Tool, ...]:
        """What the model is told of them."""
        ...

    def call(self, name: str, arguments: str) -> str:
        """What a call gives, or what is wrong with it, in words; never raises."""
        ...


@dataclass(slots=True)
class _Talk:
    """One question and what was looked up for it so far."""

    messages: list[Message]
    left: int
    spent: Usage = field(default_factory=Usage)
    cached: bool = True

    @property
    def underway(self) -> bool:
        return self.messages[-1].role == "tool"


class Equipped:
    """Answers like the model it is given, which may make `most_calls` calls a question; safe for many threads.

    A question that holds an answer already is about that answer (to repair it) and is asked without tools.
    """

    def __init__(self, model: Model, tools: Tools, most_calls: int = 8) -> None:
        self._model, self._tools, self._most_calls = model, tools, most_calls
        self._lock = threading.Lock()
        self._used_up = self._no_room = 0

    def complete(self, messages: Sequence[Message]) -> Reply:
        """The final reply, its usage that of all requests; raises `ModelFailure` (`spent`: the requests before)."""
        if any(message.role == "assistant" for message in messages):
            return self._model.complete(messages)
        talk = _Talk(list(introduced(messages, self._most_calls)), self._most_calls)
        reply = self._talked(talk) if self._room(talk) >= LEAST_ROOM else None
        if reply is None:
            with self._lock:
                self._no_room += 1
            reply = self._ask(talk, messages)
        return replace(reply, usage=talk.spent, cached=talk.cached, tool_calls=())

    def notes(self) -> tuple[Note, ...]:
        """Which limits the model met, each once."""
        with self._lock:
            used_up, no_room = self._used_up, self._no_room
        notes: list[Note] = []
        if used_up:
            said = f"for {used_up} part(s) of the change the model made all {self._most_calls} look-ups it had"
            data = {"limit": "calls", "most": self._most_calls, "parts": used_up}
            notes.append(Note(NoteCode.TOOLS_LIMITED, f"{said} (REVIEWER_MAX_TOOL_CALLS)", data))
        if no_room:
            said = f"for {no_room} part(s) of the change there was no room for what the model looked up"
            data = {"limit": "tokens", "most": INPUT_LIMIT, "parts": no_room}
            notes.append(Note(NoteCode.TOOLS_LIMITED, f"{said}: set REVIEWER_CHUNK_TOKENS lower", data))
        return tuple(notes)

    def _talked(self, talk: _Talk) -> Reply | None:
        """Asks, looks up and asks again; null where what was looked up turned out to be too long."""
        try:
            while talk.left > 0 and self._room(talk) >= LEAST_ROOM:
                reply = self._ask(talk, talk.messages, self._tools.specs)
                calls = reply.tool_calls[: talk.left]
                if not calls or reply.finish == "content_filter":
                    return reply
                talk.left -= len(calls)
                talk.messages.append(_repeated(reply.text, calls))
                talk.messages += self._looked_up(calls, self._room(talk))
            return self._concluded(talk)
        except ModelFailure as failure:
            if failure.reason is Reason.LENGTH and talk.underway:
                return None
            raise

    def _concluded(self, talk: _Talk) -> Reply:
        """The last word. It stands in the last result: some servers take no user between a tool and an assistant."""
        with self._lock:
            if talk.left > 0:
                self._no_room += 1
            else:
                self._used_up += 1
        last = talk.messages[-1]
        words = templates.render("tools.closing.md.j2")
        talk.messages[-1] = replace(last, content=f"{last.content}\n\n{words}")
        return self._ask(talk, talk.messages)

    def _looked_up(self, calls: Sequence[ToolCall], room: int) -> list[Message]:
        """The results, cut to so many tokens together."""
        room -= _FRAME * len(calls)
        results: list[Message] = []
        for call in calls:
            text = cut(self._tools.call(call.name, call.arguments), room)
            room -= estimate(text)
            results.append(Message("tool", fenced("result", text), tool_call_id=call.id))
        return results

    def _room(self, talk: _Talk) -> int:
        return INPUT_LIMIT - _MARGIN - wire.size(talk.messages, self._tools.specs)

    def _ask(self, talk: _Talk, messages: Sequence[Message], tools: Sequence[Tool] = ()) -> Reply:
        try:
            reply = self._model.complete(messages, tools)
        except ModelFailure as failure:
            failure.spent = talk.spent
            raise
        talk.spent += reply.usage
        talk.cached &= reply.cached
        return reply


def introduced(messages: Sequence[Message], most_calls: int) -> tuple[Message, ...]:
    """The question as it is sent with tools: what they are for stands at the end of the system's message."""
    words = templates.render("tools.system.md.j2", most_calls=most_calls)
    if messages and messages[0].role == "system":
        first = messages[0]
        return replace(first, content=f"{first.content.rstrip()}\n\n{words}"), *messages[1:]
    return Message("system", words), *messages


def cut(text: str, tokens: int) -> str:
    """The first lines of `text`, as many as `tokens` hold; says so where some are missing."""
    if estimate(text) <= tokens:
        return text
    rows = text.split("\n")
    fewest, most = 0, len(rows) - 1
    while fewest < most:
        middle = (fewest + most + 1) // 2
        if estimate("\n".join(rows[:middle])) <= tokens:
            fewest = middle
        else:
            most = middle - 1
    return "\n".join([*rows[:fewest], _CUT]) if fewest else _NO_ROOM


def _repeated(text: str, calls: Sequence[ToolCall]) -> Message:
    """What the model said, as it is told again: servers parse arguments, and refuse those that are no JSON object."""
    made = tuple(call if _is_object(call.arguments) else replace(call, arguments="{}") for call in calls)
    return Message("assistant", text[:_MOST_ASIDE], made)


def _is_object(arguments: str) -> bool:
    with suppress(ValueError, RecursionError):
        return isinstance(json.loads(arguments), dict)
    return False
