"""Temporary folders for git to write in: a copy of an index, a tree without the work tree's attributes."""

from __future__ import annotations

import errno
import shutil
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from reviewer.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Iterator

_FULL = (errno.ENOSPC, errno.EDQUOT)


def made() -> Path:
    """A new folder, for whoever asks to remove; raises `Misuse` where there is no room for one."""
    try:
        return Path(mkdtemp(prefix="reviewer-"))
    except OSError as error:
        raise _no_room(error) from error


@contextmanager
def folder() -> Iterator[Path]:
    """A new folder, gone afterwards; raises `Misuse` where there is no room for it, or in it."""
    place = made()
    try:
        yield place
    except OSError as error:
        check_room(error)
        raise
    finally:
        shutil.rmtree(place, ignore_errors=True)


def check_room(error: OSError) -> None:
    """Raises `Misuse` where the trouble is that the disk is full."""
    if error.errno in _FULL:
        raise _no_room(error) from error


def _no_room(error: OSError) -> Misuse:
    return Misuse(f"git needs a temporary folder: {error.strerror}; set TMPDIR to a folder with room")
