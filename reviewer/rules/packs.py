"""Rule packs: what an expert looks for in one language or under one aspect, and which files it concerns.

A pack is a Markdown file whose front matter is TOML between two `+++` lines. Its body is text, not a template:
workflow rules speak of `${{ … }}`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from reviewer import templates
from reviewer.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from pathspec import GitIgnoreSpec

SHIPPED = "shipped"
_FIRST = ("general", "security", "tests", "performance")  # what every file gets, then languages alphabetically
_FENCE = "+++"
_FRONT_MATTER_LIMIT = 4096  # characters; a dotted key of 40 KB keeps tomllib busy for seconds


@dataclass(frozen=True, slots=True)
class Pack:
    """Rules for the files that match `paths` (gitignore globs; none: every file). `origin`: who wrote them."""

    name: str
    title: str
    paths: tuple[str, ...]
    body: str
    origin: str = SHIPPED

    def concerns(self, path: str) -> bool:
        """Whether these rules are about the file at `path`."""
        return not self.paths or _spec(self.paths).match_file(path)


@cache
def shipped() -> tuple[Pack, ...]:
    """The packs that come with the program, in the order in which a prompt states them."""
    files = (templates.folder() / "rules").glob("*.md")
    packs = [parse(file.read_text("utf-8"), f"rules/{file.name}") for file in files]
    return tuple(sorted(packs, key=_place))


def applying(packs: Iterable[Pack], paths: Collection[str]) -> tuple[Pack, ...]:
    """Those of `packs` that concern at least one of the files, in their order."""
    return tuple(pack for pack in packs if any(map(pack.concerns, paths)))


def parse(text: str, source: str, origin: str = SHIPPED) -> Pack:
    """The pack that `text` defines; raises `Misuse` that names `source` and the line at fault."""
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[0] != _FENCE:
        raise Misuse(f"{source}:1: a rule pack starts with a line {_FENCE}, then TOML, then another {_FENCE}")
    if _FENCE not in lines[1:]:
        raise Misuse(f"{source}:{len(lines)}: the front matter has no closing {_FENCE} line")
    end = lines.index(_FENCE, 1)
    front = _front_matter("\n".join(lines[1:end]), source)
    body = "\n".join(lines[end + 1 :]).strip()
    if not body:
        raise Misuse(f"{source}:{end + 1}: the rule pack has no rules after its front matter")
    return Pack(name=front["name"], title=front["title"], paths=tuple(front["paths"]), body=body, origin=origin)


def _place(pack: Pack) -> tuple[int, str]:
    return (_FIRST.index(pack.name) if pack.name in _FIRST else len(_FIRST), pack.name)


def _front_matter(toml: str, source: str) -> dict[str, Any]:
    import tomllib

    if len(toml) > _FRONT_MATTER_LIMIT:
        raise Misuse(f"{source}:2: the front matter is longer than {_FRONT_MATTER_LIMIT} characters")
    try:
        front = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as exc:
        raise Misuse(f"{source}:{_line_of(exc, toml)}: the front matter is no TOML: {exc}") from exc
    except RecursionError as exc:
        raise Misuse(f"{source}:2: the front matter is nested too deeply") from exc
    for key, problem in _problems(front):
        line = next((n for n, row in enumerate(toml.split("\n"), 2) if row.split("=")[0].strip() == key), 1)
        raise Misuse(f"{source}:{line}: {problem}")
    return front


def _line_of(error: ValueError, toml: str) -> int:
    """The line of the file: tomllib counts from below the first `+++`, and says it in words (until Python 3.14)."""
    found = re.search(r"at line (\d+)", str(error))
    return 1 + (int(found[1]) if found else toml.count("\n") + 1)


def _problems(front: dict[str, Any]) -> Iterable[tuple[str, str]]:
    for key in front:
        if key not in {"name", "title", "paths"}:
            yield key, f"unknown key {key!r}; a rule pack has name, title and paths"
    for key in ("name", "title"):
        if not isinstance(front.get(key), str) or not front[key].strip():
            yield key, f"{key} must be a text that is not empty"
    paths = front.get("paths")
    if not isinstance(paths, list) or not all(isinstance(glob, str) for glob in paths):
        yield "paths", 'paths must be a list of globs such as ["*.py"]; an empty list means every file'
    else:
        yield from (("paths", f"{glob!r} is no glob") for glob in paths if not _is_glob(glob))


def _is_glob(glob: str) -> bool:
    try:
        return any(pattern.include is not None for pattern in _spec((glob,)).patterns)
    except (ValueError, re.error):
        return False


@cache
def _spec(paths: tuple[str, ...]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(paths)
