"""Which files of a repository are likely to define what a change uses, told by their names alone."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from reviewer.change.change import Kind
from reviewer.context.neighbourhood import Ends, distance, parts_of
from reviewer.context.ranking import is_test
from reviewer.syntax import noise, words
from reviewer.syntax.imports import imports
from reviewer.syntax.languages import dialect_of, family, suffixes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reviewer.change.change import FileChange

MAX_SIZE = 150_000
"""Bytes of a file that is worth fetching."""
MAX_CHANGED = 200
"""Changed files that are looked at."""
_IMPORTED, _NAMED, _BESIDE, _NEAR, _TEST = 4.0, 3.0, 1.0, 0.5, 0.1


def likely(sizes: Mapping[str, int], changed: Iterable[FileChange], *, most: int, most_bytes: int) -> list[str]:
    """Paths of `sizes` (bytes each), the likeliest first: imported, called like what is used, or near."""
    files = [file for file in changed if file.kind is not Kind.DELETED][:MAX_CHANGED]
    known = {file.path for file in files}
    ends: set[str] = set()
    named: set[str] = set()
    modules: list[tuple[str, ...]] = []
    for file in files:
        dialect = dialect_of(file.path)
        if dialect is not None and family(dialect):
            ends.update(suffixes(family(dialect)))
            lines = [line.text for line in file.lines() if line.new is not None]
            source = noise.code("\n".join(lines), dialect)
            named.update(
                _plain(word.name) for word in words.used(source.split("\n"), range(1, len(lines) + 1), dialect)
            )
            modules += imports("\n".join(lines), dialect, file.path).modules
    folders = {posixpath.dirname(path) for path in known}
    imported = Ends(modules)
    scored = []
    for path, size in sizes.items():
        if path not in known and size <= MAX_SIZE and path.endswith(tuple(ends)):
            score = _score(path, imported, named, folders)
            if score:
                scored.append((-score, path))
    chosen, left = [], most_bytes
    for _, path in sorted(scored)[:most]:
        left -= sizes[path]
        if left < 0:
            break
        chosen.append(path)
    return chosen


def _score(path: str, imported: Ends, named: set[str], folders: set[str]) -> float:
    parts = parts_of(path)
    score = _IMPORTED * imported.fit(parts) + _NAMED * (_plain(parts[-1]) in named)
    folder = posixpath.dirname(path)
    if folder in folders:
        score += _BESIDE
    elif any(distance(f"{folder}/", f"{near}/") == 1 for near in folders):
        score += _NEAR
    return score * (_TEST if is_test(path) else 1.0)


def _plain(name: str) -> str:
    """`cart_service`, `cart-service` and `CartService` are called alike."""
    return re.sub(r"[\W_]+", "", name).lower()
