"""What an audit has read so far, on disk: an interrupted one goes on where it was, the next one reads what is new."""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from reviewer.conversation import Answer
from reviewer.errors import Misuse
from reviewer.examination import Examined
from reviewer.findings import Note, NoteCode, Report, Status, Unreviewed
from reviewer.keptfile import KeptFile
from reviewer.memory import Part
from reviewer.messages import Usage
from reviewer.outputs import json as written
from reviewer.outputs import reading

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from pathlib import Path

VERSION = 1
"""Of the tables: another one is another file."""
MAX_AGE = 90 * 24 * 3600.0
"""Seconds after which what no run came across any more is forgotten."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS chunks (
    number INTEGER PRIMARY KEY, digest TEXT NOT NULL, id TEXT NOT NULL, members TEXT NOT NULL,
    secrets INTEGER NOT NULL, checks TEXT, model TEXT, used REAL NOT NULL, UNIQUE (digest, id)
);
CREATE TABLE IF NOT EXISTS files (
    digest TEXT NOT NULL, path TEXT NOT NULL, blob TEXT NOT NULL, lines INTEGER NOT NULL, left_out TEXT NOT NULL,
    used REAL NOT NULL, PRIMARY KEY (digest, path, blob)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Member:
    """Lines `first`…`last` of a file in a chunk, cut from `hunk_first`…`hunk_last` (1-based, inclusive)."""

    path: str
    blob: str
    first: int
    last: int
    hunk_first: int
    hunk_last: int


@dataclass(frozen=True, slots=True)
class Packed:
    """A chunk as it was packed; `around` names the guides of its files. Results are there once it was read."""

    members: tuple[Member, ...]
    around: str
    secrets: int = 0
    results: Mapping[Part, Examined] | None = None

    @property
    def id(self) -> str:
        """32 hex of SHA-256 of what it is made of."""
        return hashlib.sha256(_members(self).encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Known:
    """A file that was packed: how many lines it has, and what of it is in no chunk, and why."""

    path: str
    blob: str
    lines: int
    left_out: tuple[Unreviewed, ...] = ()


class Journal:
    """One SQLite file for all audits; what another `digest` decided is none of this one's. It never fails an audit.

    A bundle of chunks is entered before any of them is read, so that what is packed is packed once.
    """

    def __init__(self, directory: Path, digest: str, *, now: Callable[[], float]) -> None:
        self._digest, self._now = digest, now
        self._file = KeptFile(directory / f"audits-{VERSION}.sqlite", self._prepare)

    def files(self) -> Iterator[Known]:
        """Every file that was packed under this digest; those of other trees too."""
        for path, blob, lines, left_out in self._all("SELECT path, blob, lines, left_out FROM files WHERE digest = ?"):
            with suppress(Misuse):
                yield Known(path, blob, lines, _read(left_out).unreviewed if left_out else ())

    def chunks(self) -> Iterator[Packed]:
        """Every chunk that was packed under this digest, in the order in which they were."""
        asked = "SELECT members, secrets, checks, model FROM chunks WHERE digest = ? ORDER BY number"
        for members, secrets, checks, model in self._all(asked):
            found = _packed(members, secrets)
            if found is not None:
                yield replace(found, results=_results(checks, model))

    def enter(self, chunks: Iterable[Packed], files: Iterable[Known]) -> None:
        """All of it or nothing."""
        now, digest = self._now(), self._digest
        packed = [(digest, each.id, _members(each), each.secrets, now) for each in chunks]
        known = [(digest, each.path, each.blob, each.lines, _left_out(each), now) for each in files]

        def enter(database: sqlite3.Connection) -> None:
            with _all_or_nothing(database):
                database.executemany(
                    "INSERT OR IGNORE INTO chunks (digest, id, members, secrets, used) VALUES (?, ?, ?, ?, ?)", packed
                )
                database.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)", known)

        self._file.guarded(enter)

    def done(self, chunk: Packed, part: Part, result: Examined) -> None:
        """What came of an entered chunk."""
        column = "checks" if part is Part.CHECKS else "model"
        value = _examined(result)
        asked = f"UPDATE chunks SET {column} = ? WHERE digest = ? AND id = ?"  # noqa: S608 - one of two words
        self._file.guarded(lambda database: database.execute(asked, (value, self._digest, chunk.id)))

    def used(self, chunks: Collection[Packed], files: Collection[Known]) -> None:
        """What this run came across stays."""
        now = self._now()

        def touch(database: sqlite3.Connection) -> None:
            with _all_or_nothing(database):
                database.executemany(
                    "UPDATE chunks SET used = ? WHERE digest = ? AND id = ?",
                    [(now, self._digest, each.id) for each in chunks],
                )
                database.executemany(
                    "UPDATE files SET used = ? WHERE digest = ? AND path = ? AND blob = ?",
                    [(now, self._digest, each.path, each.blob) for each in files],
                )

        self._file.guarded(touch)

    def notes(self) -> tuple[Note, ...]:
        """Why nothing is kept, if so."""
        why = self._file.trouble
        if why is None:
            return ()
        said = f"how far the audit is, is not kept: {why}; set REVIEWER_CACHE_DIR to a folder that can be written"
        return (Note(NoteCode.CACHE_UNAVAILABLE, said, {"file": self._file.name}),)

    def close(self) -> None:
        """Lets go of the file."""
        self._file.close()

    def _prepare(self, database: sqlite3.Connection) -> None:
        database.executescript(_SCHEMA)
        for table in ("chunks", "files"):
            database.execute(f"DELETE FROM {table} WHERE used < ?", (self._now() - MAX_AGE,))  # noqa: S608

    def _all(self, asked: str) -> list[Any]:
        return self._file.guarded(lambda database: database.execute(asked, (self._digest,)).fetchall()) or []


@contextmanager
def _all_or_nothing(database: sqlite3.Connection) -> Iterator[None]:
    with database:
        database.execute("BEGIN IMMEDIATE")
        yield


def _members(packed: Packed) -> str:
    rows = [[each.path, each.blob, each.first, each.last, each.hunk_first, each.hunk_last] for each in packed.members]
    return json.dumps([packed.around, rows], separators=(",", ":"))


def _packed(members: str, secrets: int) -> Packed | None:
    try:
        around, rows = json.loads(members)
        return Packed(tuple(Member(*row) for row in rows), around, secrets)
    except (ValueError, TypeError):
        return None


def _results(checks: str | None, model: str | None) -> dict[Part, Examined] | None:
    """Null where one of the two has not read the chunk."""
    if checks is None or model is None:
        return None
    try:
        return {Part.CHECKS: _understood(checks), Part.MODEL: _understood(model)}
    except (ValueError, TypeError, Misuse):
        return None


def _examined(result: Examined) -> str:
    """As the JSON of a report, in which no id may stand twice: the ids stand beside it."""
    numbered = [replace(each, fingerprint=f"{at:016x}") for at, each in enumerate(result.findings)]
    ids = [each.fingerprint for each in result.findings]
    usage = result.answer.usage
    asked = usage.calls + usage.cached_calls
    page = _written(findings=tuple(numbered), dropped=result.dropped, notes=result.answer.notes)
    return json.dumps([ids, asked, page])


def _understood(value: str) -> Examined:
    ids, asked, page = json.loads(value)
    if not (isinstance(asked, int) and isinstance(page, str) and all(isinstance(each, str) for each in ids)):
        raise TypeError(value[:40])
    report = _read(page)
    findings = tuple(replace(each, fingerprint=name) for each, name in zip(report.findings, ids, strict=True))
    return Examined(findings, report.dropped, Answer(notes=report.notes, usage=Usage(cached_calls=asked)))


def _left_out(known: Known) -> str:
    return _written(unreviewed=known.left_out) if known.left_out else ""


def _written(**parts: Any) -> str:
    return json.dumps(written.document(Report(Status.CLEAN, **parts)))


def _read(page: str) -> Report:
    return reading.read(page.encode(), "the journal")
