"""Where the first inputs are, and what an input may cost: work must grow with what is read, not with its square."""

from __future__ import annotations

import json
import time
import zlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

TESTS = Path(__file__).parent.parent / "tests"
LONG = 32_768
"""Bytes that an input is grown to, then to four times as many, and to sixteen times where that was too steep."""
LEAST = 0.02
"""Seconds of processor time below which nothing is compared: they say more of the machine than of the input."""
STEEPEST = 8
"""Times the work for four times the bytes: what grows with their square makes it sixteen.

It may be more once, where a limit comes into sight that was far off (how deep Python nests), but not twice in a row.
"""
RARELY = 1_024
"""One input in so many is grown, chosen by what it is: the same one is grown each time."""


def grown(check: Callable[[bytes], object], data: bytes, *, always: bool = False) -> None:
    """Reads the input repeated until it is long, and four times as long; fails where that is too steep."""
    if not data or (not always and zlib.crc32(data) % RARELY):
        return
    times = max(1, LONG // len(data))
    for shape in (bytes.__mul__, _within):
        short, long, longest = (partial(shape, data, times * more) for more in (1, 4, 16))
        too_steep = _is_steep(check, short(), long()) and _is_steep(check, long(), longest())
        assert not too_steep, f"{len(longest())} bytes take more than their share"


def _is_steep(check: Callable[[bytes], object], short: bytes, long: bytes) -> bool:
    return _seconds(check, long) >= STEEPEST * max(_seconds(check, short), LEAST)


def _seconds(check: Callable[[bytes], object], data: bytes) -> float:
    begin = time.process_time()
    check(data)
    return time.process_time() - begin


def _within(data: bytes, times: int) -> bytes:
    """A JSON document with its texts and lists so many times as long: two documents in a row are none."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return data
    return json.dumps(_longer(document, times)).encode()


def _longer(value: Any, times: int) -> Any:
    if isinstance(value, dict):
        return {name: _longer(each, times) for name, each in value.items()}
    return value * times if isinstance(value, str | list) else value
