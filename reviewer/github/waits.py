"""How long to wait before asking GitHub again: as long as it says, else a minute and doubling."""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reviewer.github.answers import Answer

BETWEEN_WRITES = 1.0
"""Seconds, as GitHub's guide to its secondary limits asks for."""
SETTLING = (2.0, 4.0, 8.0)
"""Seconds before each look for what was written: a read may be answered by a copy that lags behind."""
UNNAMED = 60.0
"""The first wait where a limit names none."""
MOST_WAITS = 6
"""Times that one request is asked to wait before it is given up."""
PATIENCE = 900.0
"""Seconds that one request waits at most where there is no deadline: the first four unnamed waits."""
MOST_TROUBLES = 2
"""Times that a read is repeated after a 5xx or a dropped connection."""

_LIMIT = re.compile(r"rate limit|abuse detection|wait a few minutes|retry your request again later", re.IGNORECASE)


def throttled(answer: Answer, *, graphql: bool) -> bool:
    """Whether this is a limit rather than a refusal: GitHub says 403 to both, and 200 where GraphQL was asked."""
    if answer.status == 200:
        return graphql and _in_graphql(answer.data)
    if answer.status not in (403, 429):
        return False
    message = str(answer.data.get("message", "")) if isinstance(answer.data, dict) else ""
    return (
        answer.status == 429
        or "retry-after" in answer.headers
        or answer.headers.get("x-ratelimit-remaining") == "0"
        or _LIMIT.search(message) is not None
    )


def after_limit(headers: Mapping[str, str], waited_before: int) -> float:
    """Seconds until the limit is over, after so many waits that were not enough."""
    named = _retry_after(headers)
    if named is None and headers.get("x-ratelimit-remaining") == "0":
        named = _until_reset(headers)
    return UNNAMED * 2**waited_before if named is None else named


def after_trouble(repeated_before: int) -> float:
    """Seconds to give a server that stumbles."""
    return float(2**repeated_before)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}", value):
        return float(value)
    moment, now = _moment(value), _moment(headers.get("date", ""))
    return None if moment is None or now is None else max(0.0, moment - now)


def _until_reset(headers: Mapping[str, str]) -> float | None:
    """The reset is a time of GitHub's clock, and so is the answer's date: ours may be wrong."""
    value, now = headers.get("x-ratelimit-reset", "").strip(), _moment(headers.get("date", ""))
    if now is None or not re.fullmatch(r"\d{1,12}(\.\d{1,9})?", value):
        return None
    return max(0.0, float(value) - now) + 1  # nobody knows when within that second


def _moment(date: str) -> float | None:
    try:
        parsed = parsedate_to_datetime(date)
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _in_graphql(data: Any) -> bool:
    errors = data.get("errors") if isinstance(data, dict) else None
    return isinstance(errors, list) and any(
        isinstance(error, dict) and error.get("type") == "RATE_LIMITED" for error in errors
    )
