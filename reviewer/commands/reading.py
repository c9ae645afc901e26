"""The model a command talks to, opened from the operator's settings."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.errors import Misuse
from reviewer.fanout import Mapper, Threads, inline
from reviewer.judgement import claims
from reviewer.model.budget import Caps
from reviewer.model.choice import choose
from reviewer.model.connect import Connection, connect
from reviewer.model.dialects import flat_price
from reviewer.model.endpoint import Timing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.findings import Report
    from reviewer.model.dialects import Target, Tier
    from reviewer.settings import Operator

GRACE = 2.0
"""Seconds after the deadline in which answers under way may still say why they failed."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads, and on how many threads; nobody and none without a model."""

    connection: Connection | None = None
    provider: str = ""
    model: str = ""
    mapper: Mapper = inline

    def noted(self, report: Report) -> Report:
        """The report with what the connection has to say."""
        said = self.connection.notes() if self.connection else ()
        return replace(report, notes=(*report.notes, *said))


def identity(operator: Operator) -> str:
    """Who would read, for a digest: provider, address and model, or nobody."""
    chosen = _chosen(operator)
    return "" if chosen is None else " ".join((chosen[0].dialect.name, chosen[0].base_url, chosen[0].model))


@contextmanager
def opened(operator: Operator) -> Iterator[Reading]:
    """Chooses whom to ask and connects; sends nothing. What cannot work raises `Misuse`."""
    chosen = _chosen(operator)
    if chosen is None:
        yield Reading()
        return
    target, found = chosen
    deadline = None if operator.deadline is None else time.monotonic() + operator.deadline
    with connect(
        target,
        key=found,
        timing=Timing(timeout=operator.timeout, deadline=deadline),
        concurrency=operator.concurrency,
        caps=Caps(operator.max_calls, operator.max_tokens, operator.max_cost),
        price=_price(operator),
        cache=_cache(operator),
        worth_keeping=claims.readable,
    ) as connection:
        until = None if deadline is None else deadline + GRACE
        yield Reading(connection, target.dialect.name, target.model, Threads(connection.concurrency, until))


def _chosen(operator: Operator) -> tuple[Target, str | None] | None:
    key = operator.api_key.get_secret_value() if operator.api_key else None
    return choose(operator.provider, operator.base_url, operator.model, key, os.environ)


def _price(operator: Operator) -> tuple[Tier, ...] | None:
    if operator.price_input is None and operator.price_output is None:
        return None
    if operator.price_input is None or operator.price_output is None:
        raise Misuse("a price has two sides: set both REVIEWER_PRICE_INPUT and REVIEWER_PRICE_OUTPUT")
    return flat_price(operator.price_input, operator.price_output)


def _cache(operator: Operator) -> Path | None:
    if not operator.cache:
        return None
    if operator.cache_dir:
        return Path(operator.cache_dir).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("reviewer", appauthor=False)
