"""The arguments of a call as models write them: bounded, checked, and wrong in words by which they can be mended."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from reviewer.change.numbered import shown_path

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_ARGUMENTS = 4_000
MOST_TEXT = 200
"""Characters of a path, pattern, glob or symbol, and of one that is quoted in an error."""


class Wrong(Exception):
    """What the model got wrong, in words by which it can mend it."""


def read(arguments: str) -> Mapping[str, Any]:
    """The object they are; nothing stands for an empty one. Raises `Wrong`."""
    if len(arguments) > MOST_ARGUMENTS:
        raise Wrong(f"the arguments are longer than {MOST_ARGUMENTS} characters")
    value: object = None
    with suppress(ValueError, RecursionError):
        value = json.loads(arguments.strip() or "{}")
    if not isinstance(value, dict):
        raise Wrong('the arguments are no JSON object, like {"path": "src/app.py"}')
    return value


def text(given: Mapping[str, Any], name: str, default: str | None = None) -> str:
    """One short line; raises `Wrong`."""
    value = given.get(name)
    if default is not None and value in (None, ""):
        return default
    if not isinstance(value, str) or not value.strip():
        raise Wrong(f"{name} is missing: give it as text")
    if len(value) > MOST_TEXT or "\n" in value:
        raise Wrong(f"{name} must be one line of at most {MOST_TEXT} characters")
    return value


def number(given: Mapping[str, Any], name: str, default: int) -> int:
    """Also one that is written as text or with a point: models do. Raises `Wrong`."""
    value = given.get(name)
    if value is None:
        return default
    if re.fullmatch(r"-?[0-9]{1,9}(\.0)?", str(value)):
        return int(float(str(value)))
    raise Wrong(f"{name} must be the number of a line")


def quoted(said: str) -> str:
    """A stranger's word in an error."""
    return shown_path(said[:MOST_TEXT])
