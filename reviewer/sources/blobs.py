"""Files as they are in a commit, read through one `git cat-file` for all of them."""

from __future__ import annotations

import re
import subprocess
from threading import Lock
from typing import IO, TYPE_CHECKING, cast

if TYPE_CHECKING:
    from reviewer.sources.command import Git

_FOUND = re.compile(rb"[0-9a-f]+ ([a-z]+) ([0-9]+)\n")
MAX_BYTES = 2_000_000
"""A larger file is nobody's context."""


class Blobs:
    """Safe to use from several threads; starts git when first asked, `close` ends it."""

    def __init__(self, git: Git) -> None:
        self._command = git
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, commit: str, path: str) -> str | None:
        """The file's text; null where the commit has no such file, it is too large, or git has gone."""
        data = self.data(f"{commit}:{path}")
        return None if data is None else data.decode("utf-8", "replace")

    def data(self, name: str) -> bytes | None:
        """The bytes of a blob, by its id or as `commit:path`; null as above."""
        if "\n" in name or "\0" in name:
            return None  # `cat-file --batch` is asked by lines
        with self._lock:
            try:
                return self._ask(name)
            except OSError:
                self._stop()
                return None

    def close(self) -> None:
        """Ends git; a later `read` starts it again."""
        with self._lock:
            self._stop()

    def _ask(self, name: str) -> bytes | None:
        stdin, stdout = self._pipes()
        stdin.write(name.encode("utf-8", "surrogatepass") + b"\n")
        stdin.flush()
        found = _FOUND.fullmatch(stdout.readline())
        if found is None:
            return None  # missing, ambiguous, a submodule, or the end of git
        kind, length = found[1], int(found[2])
        if kind != b"blob" or length > MAX_BYTES:
            _discard(stdout, length + 1)
            return None
        return stdout.read(length + 1)[:-1]

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - no shell, and nothing of a user's among the words
                self._command.command("cat-file", "--batch"),
                cwd=self._command.root,
                env=self._command.environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                process_group=0,  # ^C is for us: what was found is reported with its code
            )
        return cast("IO[bytes]", self._process.stdin), cast("IO[bytes]", self._process.stdout)

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


def _discard(stdout: IO[bytes], size: int) -> None:
    while size > 0 and (data := stdout.read(min(size, 1 << 20))):
        size -= len(data)
