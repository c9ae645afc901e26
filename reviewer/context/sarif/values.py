"""What stands where in a JSON document that anybody may have written: the kind that is wanted, or nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST = 1_000_000_000
MAX_TEXT = 8_000

_SURROGATE = re.compile("[\ud800-\udfff]")
_NOTHING: Mapping[str, object] = {}


def table(value: object) -> Mapping[str, object]:
    """An object; an empty one for anything else."""
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else _NOTHING


def rows(value: object) -> Sequence[object]:
    """An array; an empty one for anything else."""
    return value if isinstance(value, list) else ()


def text(value: object, limit: int = MAX_TEXT) -> str:
    """The first `limit` characters of a string, such as UTF-8 can hold; nothing for anything else."""
    return _SURROGATE.sub("\ufffd", value[:limit]) if isinstance(value, str) else ""


def whole(value: object) -> int | None:
    """A number from 0 to `MOST`."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST else None


def at(values: Sequence[object], index: object) -> Mapping[str, object]:
    """The object at that index; an empty one where there is none."""
    number = whole(index)
    return table(values[number]) if number is not None and number < len(values) else _NOTHING


def inside(value: object, *names: str) -> Mapping[str, object]:
    """The object within objects, by their names."""
    found = table(value)
    for name in names:
        found = table(found.get(name))
    return found
