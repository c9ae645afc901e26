"""One chunk's conversation with the model: ask, repair once, split where a smaller question may get an answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from reviewer.change import chunks
from reviewer.findings import Note, NoteCode, Reason
from reviewer.judgement import claims
from reviewer.messages import Usage
from reviewer.model.failures import OTHERWISE, ModelFailure
from reviewer.prompts import repair

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reviewer.change.pieces import Chunk
    from reviewer.findings import Claim, Dropped, Unreviewed
    from reviewer.messages import Message, Reply
    from reviewer.prompts import Composed

DEEPEST = 6
"""How often a chunk is halved at most: 64 questions where there was one."""


class Model(Protocol):
    """Messages in, reply out."""

    def complete(self, messages: Sequence[Message]) -> Reply:
        """Raises `ModelFailure`."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a chunk: every changed line of it was read, or is in `lost`."""

    claims: tuple[Claim, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    lost: tuple[Unreviewed, ...] = ()
    notes: tuple[Note, ...] = ()
    usage: Usage = field(default_factory=Usage)

    def __add__(self, other: Answer) -> Answer:
        """Both halves of a chunk that was split."""
        return Answer(
            self.claims + other.claims,
            self.dropped + other.dropped,
            self.lost + other.lost,
            self.notes + other.notes,
            self.usage + other.usage,
        )


def ask(chunk: Chunk, compose: Callable[[Chunk], Composed], model: Model, depth: int = 0) -> Answer:
    """Asks about `chunk`, in halves where the whole is too long or refused; never raises a `ModelFailure`."""
    composed = compose(chunk)
    try:
        reply = model.complete(composed.messages)
    except ModelFailure as failure:
        before = Answer(notes=composed.notes, usage=failure.spent)
        return before + _without_answer(chunk, compose, model, depth, failure)
    spent = Answer(notes=composed.notes, usage=reply.usage)
    if reply.finish == "length":
        limit = "the answer was cut off at the model's output limit: set REVIEWER_CHUNK_TOKENS lower"
        cut = ModelFailure(Reason.LENGTH, limit, splittable=True)
        return spent + _without_answer(chunk, compose, model, depth, cut, _complete_items(reply.text))
    if reply.finish == "content_filter":
        withheld = f"the provider's content filter withheld the answer: {OTHERWISE}"
        refused = ModelFailure(Reason.PROVIDER_REFUSED, withheld, splittable=True)
        return spent + _without_answer(chunk, compose, model, depth, refused)
    return spent + _understood(chunk, composed.messages, reply.text, model)


def _understood(chunk: Chunk, messages: Sequence[Message], text: str, model: Model) -> Answer:
    """The reply as claims; one that is no valid JSON gets one chance to be said again."""
    reading = claims.read(text)
    first = Answer(reading.claims, reading.dropped, notes=reading.notes)
    if reading.intact:
        return first
    try:
        reply = model.complete(repair(messages, text, reading.problem))
    except ModelFailure as failure:
        return first + _lost(chunk, Reason.UNPARSABLE, f"{reading.problem}; asked again: {failure}")
    again = claims.read(reply.text)
    second = Answer(again.claims, again.dropped, notes=again.notes, usage=reply.usage)
    if again.intact and reply.finish == "stop":
        note = Note(NoteCode.REPLY_REPAIRED, "an answer was no valid JSON; the model repaired it when asked again")
        return second + Answer(notes=(note,))
    kept = first if len(first.claims) > len(again.claims) else second
    unread = "the model's answer is not the JSON it was asked for, twice: choose another with REVIEWER_MODEL"
    answered = Answer(kept.claims, kept.dropped, notes=kept.notes, usage=reply.usage)
    return answered + _lost(chunk, Reason.UNPARSABLE, f"{unread} ({again.problem})")


def _without_answer(
    chunk: Chunk,
    compose: Callable[[Chunk], Composed],
    model: Model,
    depth: int,
    failure: ModelFailure,
    salvaged: Answer | None = None,
) -> Answer:
    """Asks about the halves where that may help, else names the chunk as lost and keeps what was salvaged."""
    halves = chunks.halve(chunk) if failure.splittable and depth < DEEPEST else None
    if halves is None:
        return (salvaged or Answer()) + _lost(chunk, failure.reason, str(failure))
    first, second = halves
    return ask(first, compose, model, depth + 1) + ask(second, compose, model, depth + 1)


def _complete_items(text: str) -> Answer:
    reading = claims.read(text)
    return Answer(reading.claims, reading.dropped, notes=reading.notes)


def _lost(chunk: Chunk, reason: Reason, detail: str) -> Answer:
    return Answer(lost=chunks.lost(chunk, reason, detail))
