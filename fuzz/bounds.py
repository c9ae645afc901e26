"""Where the first inputs are, and what an input may cost: work must grow with what is read, not with its square."""

from __future__ import annotations

import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

TESTS = Path(__file__).parent.parent / "tests"
LONG = 262_144
"""Bytes that an input is grown to."""
SECONDS = 8.0
"""Of processor time for them: many times what they take, and far below what the square of their number would."""
RARELY = 1_024
"""One input in so many is grown, chosen by what it is: the same one is grown each time."""


def grown(check: Callable[[bytes], object], data: bytes, *, always: bool = False) -> None:
    """Reads the input repeated until it is long; fails where that takes too long."""
    if not data or (not always and zlib.crc32(data) % RARELY):
        return
    long = data * (LONG // len(data))
    begin = time.process_time()
    check(long)
    taken = time.process_time() - begin
    assert taken < SECONDS, f"{len(long)} bytes took {taken:.1f} s"
