"""A chunk becomes messages: what is the same for every chunk first (providers cache prefixes), the chunk last."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import TYPE_CHECKING

from reviewer import templates
from reviewer.change import numbered
from reviewer.findings import Note, NoteCode
from reviewer.messages import Message
from reviewer.rules import packs as rules
from reviewer.text.redact import PLACEHOLDER
from reviewer.text.sanitise import reveal
from reviewer.text.tokens import estimate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reviewer.change.pieces import Chunk
    from reviewer.rules.packs import Pack

PREFIX_BUDGET = 2000
"""Tokens before the chunk, without the repository's own rules: a quarter on top of a chunk of 8 000, and cached."""

_NONCE_LENGTH = 16
_CORE = 2  # packs for every file that are left out last: general and security
_REPLY_LIMIT = 24_000  # characters: more than a whole answer; a model that ran in circles wrote the rest
_PROBLEM_LIMIT = 300


@dataclass(frozen=True, slots=True)
class Composed:
    """What to send for a chunk, and what a reader of the report should know about it."""

    messages: tuple[Message, ...]
    notes: tuple[Note, ...] = ()


def compose(chunk: Chunk, packs: Sequence[Pack], *, language: str = "English", own_budget: int = 2000) -> Composed:
    """The question about `chunk`, under those of `packs` that concern its files.

    `own_budget` is what the packs that were not shipped may cost besides `PREFIX_BUDGET`, in tokens. Packs that do
    not fit are named in a note.
    """
    applying = rules.applying(packs, {piece.file.path for piece in chunk.pieces})
    shipped = [pack for pack in applying if pack.origin == rules.SHIPPED]
    own = [pack for pack in applying if pack.origin != rules.SHIPPED]

    def concerned(pack: Pack) -> int:
        return sum(piece.changed for piece in chunk.pieces if pack.concerns(piece.file.path))

    kept = _fitting(shipped, PREFIX_BUDGET - _fixed_tokens(language), concerned, _CORE)
    kept += _fitting(own, own_budget, concerned, len(own))
    system = templates.render("review.system.md.j2", packs=kept, language=language, placeholder=PLACEHOLDER)
    change = numbered.render(chunk)
    user = templates.render("review.user.md.j2", change=change, nonce=nonce(change))
    left_out = [pack.name for pack in applying if pack not in kept]
    return Composed((Message("system", system), Message("user", user)), _trimmed(left_out))


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
    everywhere = [pack for pack in packs if not pack.paths]
    particular = sorted((pack for pack in packs if pack.paths), key=concerned, reverse=True)
    fitting: set[Pack] = set()
    for pack in (*everywhere[:core], *particular, *everywhere[core:]):
        tokens = estimate(_section(pack)) + 1
        if tokens <= budget:
            fitting.add(pack)
            budget -= tokens
    return [pack for pack in packs if pack in fitting]


def _section(pack: Pack) -> str:
    return f"\n## {pack.name}\n{pack.body}\n"


@cache
def _fixed_tokens(language: str) -> int:
    system = templates.render("review.system.md.j2", packs=(), language=language, placeholder=PLACEHOLDER)
    return estimate(system) + estimate(templates.render("review.user.md.j2", change="", nonce="0" * _NONCE_LENGTH))


def _trimmed(names: Sequence[str]) -> tuple[Note, ...]:
    if not names:
        return ()
    message = f"rule packs left out of a call to keep its prompt within the budget: {', '.join(names)}"
    return (Note(NoteCode.RULES_TRIMMED, message, {"packs": list(names)}),)
