"""^C and SIGTERM, held back while something must not be left half done."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

from reviewer.errors import Terminated

_pending: list[type[KeyboardInterrupt]] = []
_holds: list[object] = []


def install() -> None:
    """SIGINT raises `KeyboardInterrupt` and SIGTERM `Terminated` in the main thread: at once, or when it may."""
    signal.signal(signal.SIGINT, _on_signal)
    signal.signal(signal.SIGTERM, _on_signal)


@contextmanager
def held() -> Iterator[None]:
    """Inside, a signal waits; it is raised on the way out (a generator interrupted in its middle is lost)."""
    _holds.append(None)
    try:
        yield
    finally:
        _holds.pop()
    if _pending and not _holds:
        raise _pending.pop()


def _on_signal(number: int, _frame: FrameType | None) -> None:
    kind = Terminated if number == signal.SIGTERM else KeyboardInterrupt
    if not _holds:
        raise kind
    _pending[:] = [kind]
