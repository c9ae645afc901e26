"""A chunk becomes messages: what is the same for every chunk first (providers cache prefixes), the chunk last."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import TYPE_CHECKING

from reviewer import templates
from reviewer.change import numbered
from reviewer.context import pack as contexts
from reviewer.context.pack import Context
from reviewer.findings import Note, NoteCode
from reviewer.messages import Message
from reviewer.rules import packs as rules
from reviewer.text.redact import PLACEHOLDER
from reviewer.text.sanitise import reveal
from reviewer.text.tokens import estimate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reviewer.change.pieces import Chunk
    from reviewer.rules.packs import Pack

PREFIX_BUDGET = 2000
"""Tokens before the chunk, without the repository's own rules: a quarter on top of a chunk of 8 000, and cached."""

_NONCE_LENGTH = 16
_CORE = 2  # packs for every file that are left out last: general and security
_REPLY_LIMIT = 24_000  # characters: more than a whole answer; a model that ran in circles wrote the rest
_PROBLEM_LIMIT = 300
NO_CONTEXT = Context()

Around = Callable[["Chunk", int], Context]
"""What is known around a chunk, with guides of at most so many tokens."""


@dataclass(frozen=True, slots=True)
class Composed:
    """What to send for a chunk, what a reader of the report should know about it, and what went into it."""

    messages: tuple[Message, ...]
    notes: tuple[Note, ...] = ()
    packs: tuple[Pack, ...] = ()
    context: Context = NO_CONTEXT
    beside: int = 0
    """Tokens of what goes along with the messages: the tools that are offered."""

    @property
    def tokens(self) -> int:
        """What it will cost to ask, estimated."""
        return sum(estimate(message.content) for message in self.messages) + self.beside


def compose(
    chunk: Chunk,
    packs: Sequence[Pack],
    *,
    language: str = "English",
    own_budget: int = 2000,
    around: Around | None = None,
    focus: str = "",
) -> Composed:
    """The question about `chunk`, under those of `packs` that concern its files; `focus`: what to look for above all.

    `own_budget` is what the packs that were not shipped, and then the guides, may cost besides `PREFIX_BUDGET`, in
    tokens. What does not fit is named in a note.
    """
    applying = rules.applying(packs, {piece.file.path for piece in chunk.pieces})
    shipped = [pack for pack in applying if pack.origin == rules.SHIPPED]
    own = [pack for pack in applying if pack.origin != rules.SHIPPED]

    def concerned(pack: Pack) -> int:
        return sum(piece.changed for piece in chunk.pieces if pack.concerns(piece.file.path))

    kept = _fitting(shipped, PREFIX_BUDGET - _fixed_tokens(language), concerned, _CORE)
    theirs = _fitting(own, own_budget, concerned, len(own))
    kept += theirs
    context = around(chunk, own_budget - sum(pack.tokens for pack in theirs)) if around else NO_CONTEXT
    system = templates.render("review.system.md.j2", packs=kept, language=language, placeholder=PLACEHOLDER)
    change = fenced("change", numbered.render(chunk))
    user = templates.render("review.user.md.j2", change=change, surroundings=surroundings(context), focus=focus.strip())
    left_out = [pack.name for pack in applying if pack not in kept]
    notes = (*_trimmed(left_out), *_limits(context))
    return Composed((Message("system", system), Message("user", user)), notes, tuple(kept), context)


def surroundings(context: Context) -> str:
    """The guides and what else is known around a chunk, each in its fence; empty where there is neither."""
    blocks = (("guides", context.guides), ("context", context.items))
    return "\n".join(fenced(name, "\n\n".join(map(contexts.entry, items))) for name, items in blocks if items)


def fenced(name: str, text: str) -> str:
    """`text` between `<name-…>` and `</name-…>`, a tag that whoever wrote it could not know."""
    tag = f"{name}-{nonce(text)}"
    return f"<{tag}>\n{text}\n</{tag}>"


def repair(messages: Sequence[Message], reply_text: str, problem: str) -> tuple[Message, ...]:
    """The conversation so far, the reply that could not be read (cut to a sane length), and the request to mend it."""
    said = reply_text.strip()[:_REPLY_LIMIT] or "(empty)"
    why = " ".join(reveal(problem).split())[:_PROBLEM_LIMIT]
    request = templates.render("repair.user.md.j2", problem=why)
    return (*messages, Message("assistant", said), Message("user", request))


def nonce(text: str, length: int = _NONCE_LENGTH) -> str:
    """A tag that does not occur in `text`, the same for the same text: no author can write what closes the fence."""
    lowered = text.lower()
    data = text.encode("utf-8", "surrogatepass")
    salted = (hashlib.sha256(b"%d:" % salt + data if salt else data).hexdigest()[:length] for salt in count())
    return next(tag for tag in salted if tag not in lowered)


def _fitting(packs: Sequence[Pack], budget: int, concerned: Callable[[Pack], int], core: int) -> list[Pack]:
    """Those that the budget holds, in their order. What is said of every file (but the first `core`) yields to what
    is said of these files, and of those the ones about the fewest changed lines."""
    everywhere = [pack for pack in packs if pack.is_general]
    particular = sorted((pack for pack in packs if not pack.is_general), key=concerned, reverse=True)
    fitting: set[Pack] = set()
    for pack in (*everywhere[:core], *particular, *everywhere[core:]):
        if pack.tokens <= budget:
            fitting.add(pack)
            budget -= pack.tokens
    return [pack for pack in packs if pack in fitting]


@cache
def _fixed_tokens(language: str) -> int:
    system = templates.render("review.system.md.j2", packs=(), language=language, placeholder=PLACEHOLDER)
    user = templates.render("review.user.md.j2", change=fenced("change", ""), surroundings="", focus="")
    return estimate(system) + estimate(user)


def _trimmed(names: Sequence[str]) -> tuple[Note, ...]:
    if not names:
        return ()
    message = f"rule packs left out of a call to keep its prompt within the budget: {', '.join(names)}"
    return (Note(NoteCode.RULES_TRIMMED, message, {"packs": list(names)}),)


def _limits(context: Context) -> Iterator[Note]:
    for what in context.capped:
        yield Note(NoteCode.CONTEXT_CAPPED, what)
    if context.trimmed:
        message = f"guides of the repository left out of a call to keep its prompt small: {', '.join(context.trimmed)}"
        yield Note(NoteCode.GUIDES_TRIMMED, message, {"guides": list(context.trimmed)})
