"""A real Redis on loopback, which can be killed, and stopped so that it hangs."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from typing import TYPE_CHECKING

from redis import Redis
from redis.exceptions import ConnectionError as Refused
from skipping import skipped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROGRAM = shutil.which("redis-server")
PASSWORD = "s3cret-pa55word"
PATIENCE = 30.0


class RedisServer:
    """Keeps nothing on disk. `options` are the server's own."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.port = _free_port()
        words = [
            *(PROGRAM or "redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder)),
            *("--save", "", "--appendonly", "no", "--requirepass", PASSWORD, *options),
        ]
        self._process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.client = Redis(port=self.port, password=PASSWORD)
        self._await()

    @property
    def url(self) -> str:
        """With the password."""
        return f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"

    def names(self) -> list[str]:
        """All keys there are."""
        return sorted(name.decode() for name in self.client.scan_iter())

    def hang(self) -> None:
        """Takes connections and says nothing any more."""
        self._process.send_signal(signal.SIGSTOP)

    def kill(self) -> None:
        """Goes away without a word."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Takes everything back."""
        self.client.close()
        self.kill()

    def _await(self) -> None:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                self.client.ping()
            except Refused:
                if self._process.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.02)
            else:
                return


def started(folder: Path) -> Iterator[RedisServer]:
    """For a fixture; skips where there is no such program."""
    if PROGRAM is None:
        skipped("needs redis-server (Debian: redis-server)")
    server = RedisServer(folder)
    yield server
    server.close()


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
