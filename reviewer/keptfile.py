"""An SQLite file that several processes keep things in. It never fails who uses it: it only stops helping."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Result = TypeVar("Result")

BUSY_SECONDS = 5.0


class KeptFile:
    """The file at `path`, which `prepare` makes tables in and sweeps each time it is opened.

    What is kept quotes private code: nobody else may read it. Many threads may use it, one at a time.
    """

    def __init__(self, path: Path, prepare: Callable[[sqlite3.Connection], None]) -> None:
        self._path, self._prepare = path, prepare
        self._database: sqlite3.Connection | None = None
        self.trouble: str | None = None
        """Why nothing is kept any more; null: it is."""
        self._attempted(self._open)

    @property
    def name(self) -> str:
        """Of the file, without its folder."""
        return self._path.name

    def guarded(self, work: Callable[[sqlite3.Connection], Result]) -> Result | None:
        """What `work` comes to; null where nothing is kept, or somebody else writes for too long.

        A corrupt file is set aside and made anew; any other trouble ends the keeping.
        """
        database = self._database
        return None if database is None else self._attempted(lambda: work(database))

    def close(self) -> None:
        """Lets go of the file."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _attempted(self, work: Callable[[], Result]) -> Result | None:
        try:
            return work()
        except (sqlite3.OperationalError, OSError) as error:
            if not _is_busy(error):
                self._give_up(error)
        except sqlite3.DatabaseError:
            try:
                self._set_aside()
                self._open()
            except (sqlite3.Error, OSError) as error:
                self._give_up(error)
        return None

    def _give_up(self, error: Exception) -> None:
        self.trouble = getattr(error, "strerror", None) or str(error)
        self.close()

    def _open(self) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # SQLite gives its companions the rights of the file itself.
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        self._database = sqlite3.connect(
            self._path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        with suppress(sqlite3.OperationalError):  # another process is opening it: one of us will have switched
            self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._prepare(self._database)

    def _set_aside(self) -> None:
        """Under one fixed name, so that corrupt files do not pile up; another process may have been faster."""
        self.close()
        with suppress(FileNotFoundError):
            self._path.replace(self._path.with_suffix(".corrupt"))
        for companion in ("-wal", "-shm"):
            self._path.with_name(self._path.name + companion).unlink(missing_ok=True)


def _is_busy(error: Exception) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
