"""Files that a user names: read within bounds, written as a whole or not at all."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from reviewer.errors import Misuse


def read(written: str, limit: int, what: str) -> bytes:
    """At most `limit` bytes of a file, or of standard input (`-`), which is to hold `what`; raises `Misuse`."""
    try:
        if written != "-":
            with Path(written).open("rb") as file:
                return file.read(limit)
        if sys.stdin is None:
            raise Misuse(f"standard input is closed: pipe {what} into it, or name a file")
        return sys.stdin.buffer.read(limit)
    except OSError as error:
        raise Misuse(f"{called(written)} cannot be read: {error.strerror}") from error


def called(written: str) -> str:
    """What messages call it."""
    return "standard input" if written == "-" else written


def replace(path: Path, page: str) -> None:
    """The file is whole or as it was, with the permissions it has, or those a new file gets; raises `OSError`."""
    try:
        mode = path.stat().st_mode & 0o7777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        mode = 0o666 & ~mask
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
        half = Path(file.name)
        try:
            file.write(page)
            file.flush()
            half.chmod(mode)
            half.replace(path)
        except OSError:
            half.unlink(missing_ok=True)
            raise
