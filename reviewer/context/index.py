"""Which files define a name: one reading of a whole repository, for a run that asks about thousands of chunks.

What is read stands in a file of this run alone, which has no name and is gone with the process: memory does not grow
with the repository, and nothing of it can be corrupt, stale or somebody else's. It holds names and paths, no code.
"""

from __future__ import annotations

import re
import sqlite3
from functools import cache
from posixpath import dirname
from threading import Lock
from typing import TYPE_CHECKING, Any

from reviewer.context.neighbourhood import ends_of, file_ends
from reviewer.syntax import lines
from reviewer.syntax.languages import dialect_of, family

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from reviewer.context.symbols import Part

MAX_SOURCE = 400_000
"""Characters of a file that is worth an index."""
MAX_NAMES = 2_000
"""Of one file."""
COMMON = 64
"""A name that more files define is looked for in those beside a file and in what it imports; elsewhere it is noise."""
MOST_NEAR = 400
"""Files near one file."""
_AT_ONCE = 500
_BATCH = 20_000
_CACHE_KIB = 8_192
_SCHEMA = f"""
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -{_CACHE_KIB};
CREATE TABLE files (file INTEGER PRIMARY KEY, path TEXT NOT NULL);
CREATE TABLE ends (word TEXT NOT NULL, file INTEGER NOT NULL);
CREATE TABLE names (family TEXT NOT NULL, name TEXT NOT NULL, file INTEGER NOT NULL);
"""
_ORDERED = """
CREATE INDEX ends_by_word ON ends (word, file);
CREATE INDEX names_by_name ON names (family, name, file);
"""
_TOO_COMMON = "SELECT family, name FROM names GROUP BY family, name HAVING COUNT(*) > ?"
_DEFINING = (
    "SELECT name, path FROM names JOIN files USING (file) WHERE family = ? AND name IN (MARKS) ORDER BY name, path"
)
_NEAR = "SELECT DISTINCT file, path FROM ends JOIN files USING (file) WHERE word IN (MARKS) ORDER BY file LIMIT ?"
_OF_THESE = "SELECT file FROM names WHERE family = ? AND name = ? AND file IN (MARKS)"


class Index:
    """Made of the files at `paths`, which `read` gives the texts of; safe for several threads.

    Where the disk is full it says so in `trouble`, and knows nothing.
    """

    def __init__(self, paths: Iterable[str], read: Callable[[str], str | None]) -> None:
        self._lock = Lock()
        self.trouble = ""
        self._common: frozenset[tuple[str, str]] = frozenset()
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        try:
            self._fill(paths, read)
        except sqlite3.Error as error:
            self._give_up(error)

    def close(self) -> None:
        """Lets go of the file, which is gone then."""
        with self._lock:
            self._database.close()

    def defining(self, parts: Sequence[Part], names: Collection[str]) -> Callable[[Part, str], Sequence[str]]:
        """The paths, in order, of the files that define each of the names, for parts of one family of languages.

        A name that many files define has only those that are near the part.
        """
        key = _key(parts[0].dialect)
        wanted = set(names)
        common = {name for name in wanted if (key, name) in self._common}
        try:
            with self._lock:
                known = self._rare(key, sorted(wanted - common))
                near = {part.path: self._common_near(key, part, common) for part in parts}
        except sqlite3.Error as error:
            self._give_up(error)
            return lambda *_: ()
        return lambda part, name: near[part.path].get(name, ()) if name in common else known.get(name, ())

    def _fill(self, paths: Iterable[str], read: Callable[[str], str | None]) -> None:
        database = self._database
        database.executescript(_SCHEMA)
        database.execute("BEGIN")
        for batch in _batches(_sources(paths, read)):
            database.executemany("INSERT INTO files VALUES (?, ?)", [(at, path) for at, path, _ in batch])
            ends = [(word, at) for at, path, _ in batch for word in {*file_ends(path), _beside(path), _here(path)}]
            database.executemany("INSERT INTO ends VALUES (?, ?)", ends)
            names = [(_key(dialect_of(path) or ""), name, at) for at, path, found in batch for name in found]
            database.executemany("INSERT INTO names VALUES (?, ?, ?)", names)
        database.execute("COMMIT")
        database.executescript(_ORDERED)
        self._common = frozenset(database.execute(_TOO_COMMON, [COMMON]))

    def _rare(self, key: str, names: Sequence[str]) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for part in _parts(names):
            for name, path in self._rows(_DEFINING, part, [key, *part]):
                found.setdefault(name, []).append(path)
        return found

    def _common_near(self, key: str, part: Part, names: Collection[str]) -> Mapping[str, Sequence[str]]:
        if not names:
            return {}
        near: dict[int, str] = {}
        for words in ([_here(part.path)], *_parts(sorted({*ends_of(part.imports), _beside(part.path)}))):
            near.update(self._rows(_NEAR, words, [*words, MOST_NEAR]))
        found: dict[str, list[str]] = {}
        for name in names:
            for files in _parts(sorted(near)):
                rows = self._rows(_OF_THESE, files, [key, name, *files])
                found.setdefault(name, []).extend(near[file] for (file,) in rows)
        return {name: sorted(paths) for name, paths in found.items()}

    def _rows(self, asked: str, marked: Sequence[object], values: Sequence[object]) -> list[Any]:
        """With a question mark for each value that is `marked`."""
        return self._database.execute(asked.replace("MARKS", ",".join("?" * len(marked))), values).fetchall()

    def _give_up(self, error: sqlite3.Error) -> None:
        self.trouble = f"where names are defined could not be looked up: {error}"


def _sources(paths: Iterable[str], read: Callable[[str], str | None]) -> Iterator[tuple[int, str, frozenset[str]]]:
    """Each file of a language whose files use each other's definitions, and the names it seems to define."""
    for at, path in enumerate(paths):
        dialect = dialect_of(path)
        text = read(path) if dialect and family(dialect) else None
        if dialect and text is not None and len(text) <= MAX_SOURCE:
            yield at, path, frozenset(_names(text, dialect))


def _names(text: str, dialect: str) -> Iterator[str]:
    found = 0
    search = _shape(dialect).search
    for row in text.split("\n"):
        match = search(row[: lines.MAX_ROW])
        if match is not None:
            yield next((name for name in match.groups() if name), "").rstrip("?!")
            found += 1
            if found >= MAX_NAMES:
                return


@cache
def _shape(dialect: str) -> re.Pattern[str]:
    """Every alternative has its own group for the name."""
    return re.compile(lines.shape(dialect).replace(lines.NAME, f"({lines.ANY})"))


@cache
def _key(dialect: str) -> str:
    return next(iter(family(dialect)), "")


def _beside(path: str) -> str:
    return f"{dirname(path)}/"


def _here(path: str) -> str:
    return f"={path}"


def _batches(found: Iterable[tuple[int, str, frozenset[str]]]) -> Iterator[list[tuple[int, str, frozenset[str]]]]:
    batch: list[tuple[int, str, frozenset[str]]] = []
    size = 0
    for each in found:
        batch.append(each)
        size += 1 + len(each[2])
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    yield batch


def _parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """As many at once as every SQLite takes."""
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]
