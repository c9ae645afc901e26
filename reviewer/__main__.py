"""`python -m reviewer` and the `reviewer` command."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from io import TextIOWrapper

from reviewer.cli import run


class Patient(TextIOWrapper):
    """Standard error: that nobody can read it (it is full, or its reader gone) ends no review."""

    def write(self, text: str, /) -> int:
        """Says that all of it was written."""
        with suppress(OSError):
            return super().write(text)
        return len(text)

    def flush(self) -> None:
        """As far as that can be."""
        with suppress(OSError):
            super().flush()


def main() -> None:
    """Exits with the code the README's table explains."""
    _open_streams()
    code = run(sys.argv[1:])
    if threading.active_count() > 1:  # an interrupt or a deadline left requests behind: do not wait for their answers
        try:
            for stream in (sys.stdout, sys.stderr):
                if stream is not None:  # it was closed by whoever started us
                    with suppress(OSError):
                        stream.flush()
        finally:
            os._exit(code)
    sys.exit(code)


def _open_streams() -> None:
    """Where whoever started us closed a stream, no connection or database must get its number: a child may write there.

    Standard output stays closed for us: a report that goes nowhere is a failure.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    encoding = "utf-8" if sys.stderr is None else sys.stderr.encoding
    sys.stderr = Patient(os.fdopen(2, "wb", closefd=False), encoding, "backslashreplace", line_buffering=True)


if __name__ == "__main__":
    main()
