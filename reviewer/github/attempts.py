"""A write whose answer got lost is looked for before it is made again."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from reviewer.github.failures import GitHubError

if TYPE_CHECKING:
    from collections.abc import Callable

MOST = 3
"""Times that one thing is written."""

T = TypeVar("T")


def once(
    write: Callable[[], T],
    stored: Callable[[], T | None],
    *,
    is_late: Callable[[], bool],
    settle: Callable[[], None],
) -> T:
    """What the write answers, or what is found `stored` after GitHub stumbled over it; else it is made again.

    Where nobody can tell whether it was stored, it is not repeated. `settle` waits until what was stored can be seen.
    """
    tries = 1
    while True:
        try:
            return write()
        except GitHubError as error:
            if error.kind != "server":
                raise
            settle()
            found = _look(stored, error)
            if found is not None:
                return found
            if tries == MOST or is_late():
                raise
            tries += 1


def again(write: Callable[[], T], *, is_late: Callable[[], bool]) -> T:
    """For writes that may be carried out twice without anybody noticing: they are simply repeated."""
    return once(write, lambda: None, is_late=is_late, settle=lambda: None)


def _look(stored: Callable[[], T | None], error: GitHubError) -> T | None:
    try:
        return stored()
    except GitHubError as blind:
        raise error from blind
