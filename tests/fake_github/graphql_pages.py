"""Pages of lists, and errors, as GraphQL has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from graphql import GraphQLError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fake_github.answers import Json

T = TypeVar("T")


def refusal(kind: str, message: str) -> GraphQLError:
    """`kind` is FORBIDDEN, NOT_FOUND, UNPROCESSABLE …"""
    return GraphQLError(message, extensions={"type": kind})


def connection(
    items: Sequence[T],
    view: Callable[[T], Json],
    name: str,
    *,
    first: int | None = None,
    last: int | None = None,
    after: str | None = None,
    before: str | None = None,
) -> Json:
    """A page of a list, by GitHub's rules: `first` or `last` must be there, and is 100 at most."""
    size = first if first is not None else last
    if size is None:
        message = f"You must provide a `first` or `last` value to properly paginate the `{name}` connection."
        raise refusal("MISSING_PAGINATION_BOUNDARIES", message)
    if not 0 < size <= 100:
        which = "first" if first is not None else "last"
        message = f"Requesting {size} records on the `{name}` connection exceeds the `{which}` limit of 100 records."
        raise refusal("EXCESSIVE_PAGINATION", message)
    start = _index(after) + 1 if after else 0
    end = _index(before) if before else len(items)
    start, end = (start, min(end, start + size)) if first is not None else (max(start, end - size), end)
    shown = items[start:end]
    page = {"hasNextPage": end < len(items), "endCursor": f"Y3Vyc29yOnYyOpK{end - 1}" if shown else None}
    return {"totalCount": len(items), "nodes": [view(item) for item in shown], "pageInfo": page}


def _index(cursor: str) -> int:
    number = cursor.removeprefix("Y3Vyc29yOnYyOpK")
    if not number.isdecimal():
        raise refusal("INVALID_CURSOR_ARGUMENTS", f"`{cursor}` does not appear to be a valid cursor.")
    return int(number)
