"""What an index wants to know of one file, and where it is kept from run to run."""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from reviewer.syntax import lines
from reviewer.syntax.grammars import Sort
from reviewer.syntax.imports import modules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

NAME = "index-1.sqlite"
"""Its number changes with what is kept."""
MAX_DEFINITIONS, MAX_WORDS = 2_000, 3_000
_WORD = re.compile(r"(?=[a-z\d]*[A-Z_])[A-Za-z_]\w{3,59}")
"""A word that is no word of prose: those are somebody's variables everywhere."""
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Facts:
    """Definitions (name, sort, line), the words of the file, and the modules that it imports as it writes them."""

    definitions: tuple[tuple[str, str, int], ...]
    words: frozenset[str]
    modules: tuple[str, ...]


def facts(source: str, dialect: str) -> Facts:
    """Read by its lines: an index wants every file, and parsing one takes three times as long. Never raises."""
    rows = source.split("\n")
    found = [
        (row.name, str(row.sort), row.line)
        for row in lines.defining(rows, dialect, MAX_DEFINITIONS)
        # A variable that is indented is somebody's own.
        if row.sort is not Sort.CONSTANT or not rows[row.line - 1][:1].isspace()
    ]
    words = sorted(set(_WORD.findall(source)))[:MAX_WORDS]
    return Facts(tuple(found), frozenset(words), tuple(dict.fromkeys(modules(source, dialect))))


class Kept:
    """Facts by key, and the last whole index, in one file of `folder`; null: nothing is kept.

    A file that cannot be used is set aside under another name; where that cannot be done either, nothing is kept.
    """

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / NAME if folder is not None else None
        self._db: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        if self._path is not None:
            self._db = _opened(self._path) or _anew(self._path)
        return self

    def __exit__(self, *_: object) -> None:
        if self._db is not None:
            self._db.close()

    def get(self, keys: Sequence[str]) -> dict[str, Facts]:
        """Those that are known."""
        found: dict[str, Facts] = {}
        for start in range(0, len(keys), _AT_ONCE):
            part = keys[start : start + _AT_ONCE]
            marks = ",".join("?" * len(part))
            for key, text in self._rows(f"SELECT key, facts FROM facts WHERE key IN ({marks})", part):  # noqa: S608
                known = _loaded(text)
                if known is not None:
                    found[str(key)] = known
        return found

    def put(self, found: Mapping[str, Facts]) -> None:
        """Keeps them; where that cannot be done they are made again next time."""
        self._write("INSERT OR REPLACE INTO facts VALUES (?, ?)", list(_dumped(found)))

    def whole(self, key: str) -> Any:
        """What was kept last, if under this key; null otherwise."""
        for (text,) in self._rows("SELECT content FROM whole WHERE key = ?", [key]):
            with contextlib.suppress(ValueError, RecursionError):
                return json.loads(str(text))
        return None

    def put_whole(self, key: str, content: Any) -> None:
        """Instead of what was kept last."""
        self._write("DELETE FROM whole", [()])
        self._write("INSERT INTO whole VALUES (?, ?)", [(key, json.dumps(content))])

    def _rows(self, query: str, values: Sequence[str]) -> list[tuple[object, ...]]:
        if self._db is None:
            return []
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.Error:
            self._set_aside()
            return []

    def _write(self, query: str, rows: Sequence[tuple[str, ...]]) -> None:
        if self._db is None or not rows:
            return
        try:
            with self._db:
                self._db.executemany(query, rows)
        except sqlite3.Error:
            self._set_aside()

    def _set_aside(self) -> None:
        if self._db is not None and self._path is not None:
            self._db.close()
            self._db = _anew(self._path)


def _opened(path: Path) -> sqlite3.Connection | None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(path, timeout=5)
    except (OSError, sqlite3.Error):
        return None
    try:
        database.execute("PRAGMA synchronous = OFF")  # what is lost is made again
        database.execute("CREATE TABLE IF NOT EXISTS facts (key TEXT PRIMARY KEY, facts TEXT) WITHOUT ROWID")
        database.execute("CREATE TABLE IF NOT EXISTS whole (key TEXT, content TEXT)")
    except sqlite3.Error:
        database.close()
        return None
    return database


def _anew(path: Path) -> sqlite3.Connection | None:
    """The file that could not be used gets another name, so that somebody can look at it."""
    with contextlib.suppress(OSError):
        path.replace(path.with_suffix(".broken"))
        return _opened(path)
    return None


def _dumped(found: Mapping[str, Facts]) -> Iterator[tuple[str, str]]:
    for key, each in found.items():
        content = [each.definitions, " ".join(sorted(each.words)), each.modules]
        yield key, json.dumps(content)


def _loaded(text: object) -> Facts | None:
    """Null for what nobody here has written."""
    try:
        definitions, words, imported = json.loads(str(text))
        found = tuple((str(name), str(sort), int(line)) for name, sort, line in definitions)
        return Facts(found, frozenset(str(words).split()), tuple(map(str, imported)))
    except (ValueError, TypeError, RecursionError):
        return None
