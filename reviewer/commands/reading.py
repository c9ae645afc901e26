"""The model a command talks to, opened from the operator's settings."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.errors import Misuse
from reviewer.fanout import Mapper, Threads, inline
from reviewer.findings import Note, NoteCode
from reviewer.judgement import claims, verify
from reviewer.model.budget import Caps
from reviewer.model.choice import choose, require_tools
from reviewer.model.connect import Connection, connect
from reviewer.model.dialects import aim, flat_price
from reviewer.model.endpoint import Timing
from reviewer.model.rate import Rate
from reviewer.model.shared import Shared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.model.dialects import Target, Tier
    from reviewer.settings import Operator

AHEAD = 4
"""One thread in so many more than requests at once: it has the next question ready when a request ends."""
GRACE = 2.0
"""Seconds after the deadline in which answers under way may still say why they failed."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads, who judges what was read, and on how many threads; nobody and none without a model."""

    connection: Connection | None = None
    judge: Connection | None = None
    provider: str = ""
    name: str = ""
    mapper: Mapper = inline
    before: tuple[Note, ...] = ()

    def notes(self) -> tuple[Note, ...]:
        """What there was to say `before`, and what the connections have to say, each thing once."""
        said = (note for each in (self.connection, self.judge) if each is not None for note in each.notes())
        return tuple({(note.code, note.message): note for note in (*self.before, *said)}.values())


def identity(operator: Operator) -> str:
    """Who would read, and how, for a digest: provider, address and models, or nobody."""
    target = chosen(operator)
    if target is None:
        return ""
    further = [f"judge {operator.judge_model}"] if operator.judge_model else []
    further += [f"{operator.passes} passes"] if operator.passes > 1 else []
    further += ["tools"] if operator.tools else []
    return " ".join((target.dialect.name, target.base_url, target.model, *further))


@contextmanager
def opened(operator: Operator) -> Iterator[Reading]:
    """Chooses whom to ask and connects; sends nothing. What cannot work raises `Misuse`."""
    found = _chosen(operator)
    if found is None:
        yield Reading()
        return
    target, key = found
    if operator.tools:
        require_tools(target)
    deadline = None if operator.deadline is None else time.monotonic() + operator.deadline
    with ExitStack() as stack:
        connection = stack.enter_context(
            connect(
                target,
                key=key,
                timing=Timing(timeout=operator.timeout, deadline=deadline),
                concurrency=operator.concurrency,
                caps=caps(operator),
                price=price(operator),
                cache=cache_folder(operator),
                worth_keeping=_readable,
                rate=Rate(operator.requests_per_minute) if operator.requests_per_minute else None,
                shared=shared(operator),
            )
        )
        judge = connection
        if operator.judge_model:
            judge = stack.enter_context(connection.beside(aim(target.dialect.name, None, operator.judge_model).model))
        until = None if deadline is None else deadline + GRACE
        threads = Threads(connection.concurrency + connection.concurrency // AHEAD, until)
        yield Reading(connection, judge, target.dialect.name, target.model, threads, homeless(operator))


def chosen(operator: Operator) -> Target | None:
    """Whom the operator's settings name; null: nobody. What cannot work raises `Misuse`."""
    found = _chosen(operator)
    return None if found is None else found[0]


def caps(operator: Operator) -> Caps:
    """What the run may spend."""
    return Caps(operator.max_calls, operator.max_tokens, operator.max_cost)


def price(operator: Operator) -> tuple[Tier, ...] | None:
    """The operator's own price; null where none is set."""
    if operator.price_input is None and operator.price_output is None:
        return None
    if operator.price_input is None or operator.price_output is None:
        raise Misuse("a price has two sides: set both REVIEWER_PRICE_INPUT and REVIEWER_PRICE_OUTPUT")
    return flat_price(operator.price_input, operator.price_output)


def shared(operator: Operator) -> Shared | None:
    """The Redis that runners share, not yet asked; null: none. An address that is none raises `Misuse`."""
    return None if operator.redis_url is None else Shared(operator.redis_url.get_secret_value())


def _chosen(operator: Operator) -> tuple[Target, str | None] | None:
    key = operator.api_key.get_secret_value() if operator.api_key else None
    return choose(operator.provider, operator.base_url, operator.model, key, os.environ)


def _readable(text: str) -> bool:
    """Whether a reply answers one of our questions, and so is worth keeping."""
    return claims.readable(text) or verify.readable(text)


def cache_folder(operator: Operator) -> Path | None:
    """Where replies are kept; null: nowhere. A home folder that there is not raises `Misuse` where it was asked for."""
    if not operator.cache:
        return None
    if operator.cache_dir:
        try:
            return Path(operator.cache_dir).expanduser()
        except RuntimeError:
            said = f"REVIEWER_CACHE_DIR={operator.cache_dir}: there is no such home folder: name a folder"
            raise Misuse(said) from None
    from platformdirs import user_cache_path

    try:
        return user_cache_path("reviewer", appauthor=False)
    except RuntimeError:  # no HOME, and a user whom this machine does not know, as in a container
        return None


def homeless(operator: Operator) -> tuple[Note, ...]:
    """That replies were to be kept, and there is no folder for them."""
    if not operator.cache or cache_folder(operator) is not None:
        return ()
    said = "replies are not kept: there is no home folder; set REVIEWER_CACHE_DIR to a folder that can be written"
    return (Note(NoteCode.CACHE_UNAVAILABLE, said),)
