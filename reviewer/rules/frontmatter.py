"""A pack's file, taken apart: the TOML between its two `+++` lines, checked key by key, and the rules below it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from reviewer.errors import Misuse
from reviewer.findings import Severity
from reviewer.rules.globs import is_glob
from reviewer.syntax.languages import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

FENCE = "+++"
MAX_LENGTH = 4096
"""Characters of front matter; a dotted key of 40 KB keeps tomllib busy for seconds."""
MAX_TITLE = 100
KEYS = ("name", "title", "paths", "languages", "severity", "enabled")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?")


def split(text: str, source: str) -> tuple[dict[str, Any], str]:
    """Front matter, checked, and body; raises `Misuse` that names `source` and the line at fault."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    if lines[0].rstrip() == "---":
        raise Misuse(
            f"{source}:1: the front matter is TOML between two lines {FENCE}, not YAML between ---:"
            f' write {FENCE}, then name = "…"'
        )
    if lines[0] != FENCE:
        raise Misuse(f"{source}:1: a rule pack starts with a line {FENCE}, then TOML, then another {FENCE}")
    if FENCE not in lines[1:]:
        raise Misuse(f"{source}:{len(lines)}: the front matter has no closing {FENCE} line")
    end = lines.index(FENCE, 1)
    front = _read("\n".join(lines[1:end]), source)
    body = "\n".join(lines[end + 1 :]).strip()
    if not body and front.get("enabled", True):
        raise Misuse(f"{source}:{end + 1}: the rule pack has no rules after its front matter")
    return front, body


def line_of(key: str, text: str) -> int:
    """The line of a file in which its front matter sets `key`; the first where it does not."""
    return next((n for n, row in enumerate(text.split("\n"), 1) if row.split("=")[0].strip() == key), 1)


def _read(toml: str, source: str) -> dict[str, Any]:
    import tomllib

    if len(toml) > MAX_LENGTH:
        raise Misuse(f"{source}:2: the front matter is longer than {MAX_LENGTH} characters")
    try:
        front = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as exc:
        raise Misuse(f"{source}:{_line_of_error(exc, toml)}: the front matter is no TOML: {exc}") from exc
    except RecursionError as exc:
        raise Misuse(f"{source}:2: the front matter is nested too deeply") from exc
    for key, problem in _problems(front):
        raise Misuse(f"{source}:{line_of(key, FENCE + chr(10) + toml)}: {problem}")
    return front


def _line_of_error(error: ValueError, toml: str) -> int:
    """The line of the file: tomllib counts from below the first `+++`, and says it in words (until Python 3.14)."""
    found = re.search(r"at line (\d+)", str(error))
    return 1 + (int(found[1]) if found else toml.count("\n") + 1)


def _problems(front: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in front:
        if key not in KEYS:
            yield key, f"unknown key {key[:60]!r}; a rule pack has {', '.join(KEYS[:-1])} and {KEYS[-1]}"
    name, title = front.get("name"), front.get("title", "…")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        yield "name", "name must be lower-case letters, digits and hyphens between them, 50 at most"
    if not isinstance(title, str) or not title.strip() or "\n" in title or len(title) > MAX_TITLE:
        yield "title", f"title must be a text of one line that is not empty, {MAX_TITLE} characters at most"
    yield from _list_problems("paths", front.get("paths", []))
    yield from _list_problems("languages", front.get("languages", []))
    if front.get("severity", Severity.LOW) not in list(Severity):
        yield "severity", "severity, the most a finding by these rules may be, must be critical, high, medium or low"
    if not isinstance(front.get("enabled", True), bool):
        yield "enabled", "enabled must be true or false, without quotes"


def _list_problems(key: str, value: object) -> Iterable[tuple[str, str]]:
    example = {"paths": 'globs such as ["*.py"]', "languages": 'names such as ["python"]'}[key]
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        yield key, f"{key} must be a list of {example}; without paths and languages a pack is about every file"
        return
    for item in value:
        if key == "paths" and not is_glob(item):
            yield key, f"{item!r} is no glob"
        if key == "languages" and item not in LANGUAGES:
            yield key, f"{item[:60]!r} is no language that is known; {_hint(item)}"


def _hint(language: str) -> str:
    import difflib

    near = difflib.get_close_matches(language, LANGUAGES, n=1)
    return f"did you mean {near[0]}?" if near else f"choose from {', '.join(sorted(LANGUAGES))}"
