"""The model's replies on disk, by what was asked: the same review twice is free the second time."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from reviewer.findings import Note, NoteCode
from reviewer.model import wire
from reviewer.model.kept import listed, pack, unpack
from reviewer.model.parameters import as_body

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from reviewer.messages import Message, Reply, Tool
    from reviewer.model.dialects import Target
    from reviewer.model.kept import Kept

Result = TypeVar("Result")

VERSION = 1
"""Of the key and of the table: another one is another file."""
MAX_AGE = 90 * 24 * 3600.0
MAX_BYTES = 256 * 1024 * 1024
BUSY_SECONDS = 5.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS replies (
    key TEXT PRIMARY KEY, value TEXT NOT NULL, size INTEGER NOT NULL, created REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS replies_by_age ON replies (created, size);
"""
_TOO_OLD = "DELETE FROM replies WHERE created < ?"
# The newest three quarters of what may be kept stay, so that the next runs need not prune again.
_TOO_MANY = """
DELETE FROM replies WHERE created <= (
    SELECT created FROM (SELECT created, SUM(size) OVER (ORDER BY created DESC, key) AS total FROM replies)
    WHERE total > ? ORDER BY created DESC LIMIT 1
)
"""


def key(target: Target, messages: Sequence[Message], tools: Sequence[Tool] = ()) -> str:
    """SHA-256 over everything a reply depends on, as canonical JSON.

    The parameters are those the run sets out to send: what a server makes it drop is learnt anew by each run.
    """
    parameters = target.dialect.parameters_for(target.model)
    asked = {
        "version": VERSION,
        "dialect": target.dialect.name,
        "base_url": target.base_url,
        "model": target.model,
        "messages": list(map(_said, messages)),
        "parameters": as_body(p for p in parameters if p.goes(with_tools=bool(tools))),
        **({"tools": list(map(wire.tool, tools))} if tools else {}),
    }
    text = json.dumps(asked, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class Cache:
    """One SQLite file, for many threads and several processes. It never fails a review: it only stops helping.

    `now` gives seconds since the epoch.
    """

    def __init__(self, directory: Path, *, now: Callable[[], float], max_bytes: int = MAX_BYTES) -> None:
        self._path = directory / f"replies-{VERSION}.sqlite"
        self._now, self._max_bytes = now, max_bytes
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None
        self._trouble: str | None = None
        with self._lock:
            self._guarded(self._open)

    def get(self, key: str) -> Kept | None:
        """The reply kept under `key`, marked as cached and free; null where there is none."""
        with self._lock:
            row = self._guarded(lambda: self._select(key))
        return None if row is None else unpack(row)

    def put(self, key: str, reply: Reply, dropped: Sequence[str] = ()) -> None:
        """Keeps a reply."""
        value = pack(reply, dropped)
        with self._lock:
            self._guarded(lambda: self._insert(key, value))

    def notes(self) -> tuple[Note, ...]:
        """Why replies were not kept, if so."""
        if self._trouble is None:
            return ()
        said = f"replies are not kept: {self._trouble}; set REVIEWER_CACHE_DIR to a folder that can be written"
        return (Note(NoteCode.CACHE_UNAVAILABLE, said, {"file": self._path.name}),)

    def close(self) -> None:
        """Lets go of the file."""
        with self._lock:
            if self._database is not None:
                self._database.close()
                self._database = None

    def _guarded(self, work: Callable[[], Result]) -> Result | None:
        """`work` on the open file; a corrupt file is set aside and made anew, any other trouble ends the caching."""
        try:
            return work()
        except (sqlite3.OperationalError, OSError) as error:
            if _is_busy(error):
                return None
            self._give_up(error)
        except sqlite3.DatabaseError:
            try:
                self._set_aside()
                self._open()
            except (sqlite3.Error, OSError) as error:
                self._give_up(error)
        return None

    def _give_up(self, error: Exception) -> None:
        self._trouble = getattr(error, "strerror", None) or str(error)
        if self._database is not None:
            self._database.close()
            self._database = None

    def _open(self) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # SQLite gives its companions the rights of the file itself: replies quote private code.
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        self._database = sqlite3.connect(
            self._path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        with suppress(sqlite3.OperationalError):  # another process is opening it: one of us will have switched
            self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.executescript(_SCHEMA)
        self._prune(self._database)

    def _prune(self, database: sqlite3.Connection) -> None:
        database.execute(_TOO_OLD, (self._now() - MAX_AGE,))
        pages, free, size = (
            database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
        if (pages - free) * size > self._max_bytes:
            # No VACUUM: it would copy the file, and the pages that are free now are the next ones to be written.
            database.execute(_TOO_MANY, (self._max_bytes * 3 // 4,))

    def _set_aside(self) -> None:
        """Under one fixed name, so that corrupt files do not pile up; another process may have been faster."""
        if self._database is not None:
            self._database.close()
            self._database = None
        with suppress(FileNotFoundError):
            self._path.replace(self._path.with_suffix(".corrupt"))
        for companion in ("-wal", "-shm"):
            self._path.with_name(self._path.name + companion).unlink(missing_ok=True)

    def _select(self, key: str) -> str | None:
        if self._database is None:
            return None
        row = self._database.execute("SELECT value FROM replies WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def _insert(self, key: str, value: str) -> None:
        if self._database is not None:
            row = (key, value, len(value) + len(key), self._now())
            self._database.execute("INSERT OR REPLACE INTO replies VALUES (?, ?, ?, ?)", row)


def _said(message: Message) -> list[object]:
    """A message without calls as it was before there were any: what is kept stays good."""
    told = (listed(message.tool_calls), message.tool_call_id)
    return [message.role, message.content, *(told if any(told) else ())]


def _is_busy(error: Exception) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
