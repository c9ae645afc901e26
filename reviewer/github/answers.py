"""What comes back from GitHub, before anybody has made sense of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Answer:
    """What GitHub sent: header names in lower case, the body read as JSON (null where there is none)."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    data: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class Silence:
    """No usable answer. `sent`: GitHub may have got the request and carried it out."""

    sent: bool
    detail: str


def text(value: Any) -> str:
    """A text of an answer; anything else in its place raises `TypeError`."""
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} in place of a text")
    return value


def number(value: Any) -> int:
    """A whole number of an answer; anything else in its place raises `TypeError`."""
    if type(value) is not int:
        raise TypeError(f"{type(value).__name__} in place of a number")
    return value
