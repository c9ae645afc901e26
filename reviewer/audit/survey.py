"""A glance at the head of every source: what it imports, and whether a program begins in it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reviewer.syntax.imports import imports
from reviewer.syntax.languages import dialect_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from reviewer.sources.listing import Entry

MAX_FILES = 20_000
MAX_HEAD = 16_000
"""Characters: imports stand at the top."""
_NAMESAKES = 40
"""A name that more files have tells nothing."""
_FOLDERS = frozenset({"__init__", "index", "mod", "lib", "package"})
_ENTRY_NAME = re.compile(
    r"(?:.*/)?(?:__main__|main|app|application|server|cli|manage|wsgi|asgi|program|handler|lambda_function)\.\w+"
    r"|(?:.*/)?(?:Dockerfile|Makefile)|\.github/workflows/[^/]+|(?:src/)?index\.\w+|(?:.*/)?bin/[^/]+",
    re.IGNORECASE,
)
_ENTRY_TEXT = re.compile(
    r"\A#!|^if __name__ == |^(?:async )?(?:def|fn|func|fun) main\(|^(?:int|void|auto) main\(|\bstatic \w+ main\(",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Survey:
    """`dependents`: how many files import a path. `capped`: there were more files than were looked at."""

    dependents: Mapping[str, int] = field(default_factory=dict)
    entry_points: frozenset[str] = frozenset()
    capped: bool = False


def survey(entries: Iterable[Entry], read: Callable[[str], str | None]) -> Survey:
    """Looks at one file after the other; keeps paths and numbers."""
    sources = [entry for entry in entries if dialect_of(entry.path)]
    by_name: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
    for entry in sources:
        parts = _parts(entry.path)
        by_name[parts[-1]].append((parts, entry.path))
    dependents: Counter[str] = Counter()
    programs = {entry.path for entry in sources if is_entry(entry)}
    for entry in sources[:MAX_FILES]:
        head = (read(entry.path) or "")[:MAX_HEAD]
        if _begins(head):
            programs.add(entry.path)
        modules = imports(head, dialect_of(entry.path) or "", entry.path).modules
        dependents.update({path for module in modules for path in _defining(module, by_name) if path != entry.path})
    return Survey(dependents, frozenset(programs), len(sources) > MAX_FILES)


def is_entry(entry: Entry) -> bool:
    """Whether its name or its mode says that a program begins here."""
    return entry.is_program or _ENTRY_NAME.fullmatch(entry.path) is not None


def _begins(head: str) -> bool:
    """Whether a program seems to begin in the text. Few texts have the one word that nearly all shapes have."""
    return (head.startswith("#!") or "main" in head.lower()) and _ENTRY_TEXT.search(head) is not None


def _defining(module: tuple[str, ...], by_name: Mapping[str, list[tuple[tuple[str, ...], str]]]) -> list[str]:
    """The files that `a.b.c` may be: c itself, else b, of which c is a part."""
    for wanted in (module, module[:-1]):
        candidates = by_name.get(wanted[-1], ()) if wanted else ()
        found = [path for parts, path in candidates[:_NAMESAKES] if _ends_alike(parts, wanted)]
        if found and len(candidates) <= _NAMESAKES:
            return found
    return []


def _ends_alike(parts: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    common = min(len(parts), len(wanted))
    return parts[-common:] == wanted[-common:] and (common > 1 or len(wanted) == 1)


def _parts(path: str) -> tuple[str, ...]:
    """The words of a path without its suffix; `shop/__init__.py` is the folder itself."""
    folder, _, name = path.rpartition("/")
    parts = tuple(part for part in re.split(r"[/.]", folder) if part)
    stem = name.partition(".")[0] or name
    return parts if stem in _FOLDERS and parts else (*parts, stem)
