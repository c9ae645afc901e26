"""The model's replies on disk, by what was asked: the same review twice is free the second time."""

from __future__ import annotations

import hashlib
import json
import threading
from typing import TYPE_CHECKING

from reviewer.findings import Note, NoteCode
from reviewer.keptfile import KeptFile
from reviewer.model import wire
from reviewer.model.kept import listed, pack, unpack
from reviewer.model.parameters import as_body

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from reviewer.messages import Message, Reply, Tool
    from reviewer.model.dialects import Target
    from reviewer.model.kept import Kept

VERSION = 1
"""Of the key and of the table: another one is another file."""
MAX_AGE = 90 * 24 * 3600.0
MAX_BYTES = 256 * 1024 * 1024

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
        self._now, self._max_bytes = now, max_bytes
        self._lock = threading.Lock()
        self._file = KeptFile(directory / f"replies-{VERSION}.sqlite", self._prune)

    def get(self, key: str) -> Kept | None:
        """The reply kept under `key`, marked as cached and free; null where there is none."""
        asked = "SELECT value FROM replies WHERE key = ?"
        with self._lock:
            row = self._file.guarded(lambda database: database.execute(asked, (key,)).fetchone())
        return None if row is None else unpack(str(row[0]))

    def put(self, key: str, reply: Reply, dropped: Sequence[str] = ()) -> None:
        """Keeps a reply."""
        value = pack(reply, dropped)
        row = (key, value, len(value) + len(key), self._now())
        with self._lock:
            self._file.guarded(
                lambda database: database.execute("INSERT OR REPLACE INTO replies VALUES (?, ?, ?, ?)", row)
            )

    def notes(self) -> tuple[Note, ...]:
        """Why replies were not kept, if so."""
        if self._file.trouble is None:
            return ()
        said = f"replies are not kept: {self._file.trouble}; set REVIEWER_CACHE_DIR to a folder that can be written"
        return (Note(NoteCode.CACHE_UNAVAILABLE, said, {"file": self._file.name}),)

    def close(self) -> None:
        """Lets go of the file."""
        with self._lock:
            self._file.close()

    def _prune(self, database: sqlite3.Connection) -> None:
        database.executescript(_SCHEMA)
        database.execute(_TOO_OLD, (self._now() - MAX_AGE,))
        pages, free, size = (
            database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
        if (pages - free) * size > self._max_bytes:
            # No VACUUM: it would copy the file, and the pages that are free now are the next ones to be written.
            database.execute(_TOO_MANY, (self._max_bytes * 3 // 4,))


def _said(message: Message) -> list[object]:
    """A message without calls as it was before there were any: what is kept stays good."""
    told = (listed(message.tool_calls), message.tool_call_id)
    return [message.role, message.content, *(told if any(told) else ())]
