"""Who watches a review: a bar on a terminal, plain lines elsewhere, nobody with --quiet."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from reviewer.findings import Coverage
    from reviewer.messages import Usage

EVERY = 10.0
"""Seconds between two plain lines: a log is read later, not watched."""


class Silent:
    """--quiet."""

    def begin(self, files: int | None) -> None:
        """Says nothing."""

    def advance(self, coverage: Coverage, usage: Usage) -> None:
        """Says nothing."""

    def end(self) -> None:
        """Says nothing."""


class Lines:
    """For logs: a line at the start and one every few seconds."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock = stream, clock
        self._said = 0.0

    def begin(self, files: int | None) -> None:
        """Says how much there is to read."""
        self._said = self._clock()
        if files != 0:
            self._say(f"reviewing {'the tree' if files is None else f'{files:,} changed file' + 's' * (files != 1)}")

    def advance(self, coverage: Coverage, usage: Usage) -> None:
        """Says how far it is, now and then."""
        if self._clock() - self._said >= EVERY:
            self._said = self._clock()
            self._say(f"{coverage.reviewed_lines:,} changed lines read, {usage.calls:,} calls")

    def end(self) -> None:
        """The report says the rest."""

    def _say(self, line: str) -> None:
        self._stream.write(f"reviewer: {line}\n")
        self._stream.flush()


class Drawn:
    """For people: a bar on stderr that is gone when the report appears."""

    def __init__(self) -> None:
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def begin(self, files: int | None) -> None:
        """Draws the bar; rich is imported here because a log does without it."""
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        if files == 0:
            return
        columns = (TextColumn("reviewing"), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task("", total=files)
        self._bar.start()

    def advance(self, coverage: Coverage, usage: Usage) -> None:
        """Moves the bar by files."""
        if self._bar is not None and self._task is not None:
            words = f"{coverage.reviewed_files} files, {coverage.reviewed_lines} lines, {usage.calls} calls"
            self._bar.update(self._task, completed=coverage.reviewed_files, description=words)

    def end(self) -> None:
        """Takes the bar away."""
        if self._bar is not None:
            self._bar.stop()


def watcher(*, quiet: bool) -> Silent | Lines | Drawn:
    """The one that fits where stderr goes."""
    if quiet:
        return Silent()
    return Drawn() if sys.stderr.isatty() else Lines(sys.stderr)
