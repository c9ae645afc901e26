"""A write whose answer got lost is looked for before it is made again."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from reviewer.github import waits
from reviewer.github.failures import GitHubError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MOST = 3
"""Times that one thing is written."""

T = TypeVar("T")


def once(
    write: Callable[[], T],
    stored: Callable[[], T | None],
    *,
    is_late: Callable[[], bool],
    settle: Callable[[float], bool],
) -> T:
    """What the write answers, or what is found `stored` after GitHub stumbled over it; else it is made again.

    Where nobody can tell whether it was stored, it is not repeated. `settle` waits so many seconds for what was stored
    to be seen; false where there is no time for that.
    """
    tries = 1
    pauses: Sequence[float] = waits.SETTLING
    while True:
        try:
            return write()
        except GitHubError as error:
            if error.kind != "server":
                raise
            found, is_certain = _sought(stored, settle, pauses, error)
            if found is not None:
                return found
            if tries == MOST or not is_certain or is_late():
                raise
            # It stores nothing, as was seen with patience: one more look a time is enough.
            tries, pauses = tries + 1, waits.SETTLING[:1]


def again(write: Callable[[], T], *, is_late: Callable[[], bool]) -> T:
    """For writes that may be carried out twice without anybody noticing: they are simply repeated."""
    return once(write, lambda: None, is_late=is_late, settle=lambda _: True)


def _sought(
    stored: Callable[[], T | None], settle: Callable[[float], bool], pauses: Sequence[float], error: GitHubError
) -> tuple[T | None, bool]:
    """What is there, and whether it was given the time to show."""
    for pause in pauses:
        has_waited = settle(pause)
        found = _look(stored, error)
        if found is not None or not has_waited:
            return found, has_waited
    return None, True


def _look(stored: Callable[[], T | None], error: GitHubError) -> T | None:
    try:
        return stored()
    except GitHubError as blind:
        raise error from blind
