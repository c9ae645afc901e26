"""What the definitions around and behind a chunk say, looked up in other processes: it takes as long as all else that
an audit does, and Python works on one core at a time. A source that ends such a process costs one chunk its context.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import deque
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock, Thread
from typing import IO, TYPE_CHECKING, cast

from reviewer.audit.environment import passed
from reviewer.audit.outlining import READY, answer, place, question
from reviewer.context.outline import Outline

if TYPE_CHECKING:
    from collections.abc import Callable

    from reviewer.change.pieces import Chunk
    from reviewer.sources.tree import Tree

MOST = 4
"""Processes; each reads the whole tree once."""
BACKLOG = 4
"""So many questions wait for one before another is asked, too: what neighbours use is parsed once that way."""
MAX_DEATHS = 3
PATIENCE = 600.0
"""Seconds for one chunk, the reading of the tree included: a last resort."""
UNKNOWN = "what some parts use could not be looked up"
LOST = f"{UNKNOWN}: a source ended the process that was reading it, or held it up"


def workers() -> int:
    """One for each core: the audit itself mostly waits."""
    return min(MOST, os.cpu_count() or 1)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is said of a chunk, and where the answer belongs."""

    question: bytes
    answer: Future[Outline]
    first: subprocess.Popen[bytes] | None
    """Who was asked. Whoever is asked again, because that one ended, is not to blame for the time it took."""


class Outliners:
    """`count` processes that outline chunks of a tree. Safe for many threads.

    The next one is started when the one before it has read the tree: together they would be later.
    """

    def __init__(self, tree: Tree, count: int, *, patience: float = PATIENCE) -> None:
        self._all: list[_Process] = []
        for _ in range(count):
            following = self._all[0].begin if self._all else _nothing
            self._all.insert(0, _Process(place(tree), following))
        self._patience = patience

    def begin(self) -> None:
        """Starts the first: it reads the tree while the caller does something else."""
        self._all[0].begin()

    def outline(self, chunk: Chunk) -> Outline:
        """As `context.outline` makes it, of a chunk whose every line is as the tree has it; never raises."""
        ready = (each for each in self._all if each.ready)
        process = min(ready, key=lambda each: each.waiting // BACKLOG, default=self._all[0])
        asked = process.ask(question(chunk))
        try:
            return asked.answer.result(self._patience)
        except Late:
            if asked.first is not None:
                asked.first.kill()
            return Outline((), (LOST,))

    def close(self) -> None:
        """Ends them."""
        for each in self._all:
            each.close()


class _Process:
    """One process, started anew where it ends; whoever was being answered then goes without."""

    def __init__(self, where: bytes, at_ready: Callable[[], None]) -> None:
        self.ready = False
        """Whether it has read the tree."""
        self._at_ready = at_ready
        self._place = where
        self._lock = Lock()  # of who starts it or writes to it; who reads its answers never waits for it
        self._waiting: deque[_Asked] = deque()
        self._running: subprocess.Popen[bytes] | None = None
        self._listener: Thread | None = None
        self._deaths = 0
        self._why = LOST
        """Why the last one ended."""

    @property
    def waiting(self) -> int:
        """Questions without an answer."""
        return len(self._waiting)

    def begin(self) -> None:
        """Starts it, unless it runs or has ended too often."""
        with self._lock:
            self._start()

    def ask(self, question: bytes) -> _Asked:
        """The answer comes in its turn."""
        with self._lock:
            self._start()
            asked = _Asked(question, Future(), self._running)
            self._waiting.append(asked)
            self._send(asked)
        return asked

    def close(self) -> None:
        """Ends it for good."""
        self._deaths = MAX_DEATHS
        running = self._running
        if running is not None:
            running.kill()
        if self._listener is not None:
            self._listener.join()

    def _start(self) -> None:
        if self._running is not None or self._deaths >= MAX_DEATHS:
            return
        # -P: not a module of the folder that we happen to be in.
        try:
            self._running = subprocess.Popen(
                [sys.executable, "-P", "-m", "reviewer.audit.outlining"],
                env=passed(os.environ),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                process_group=0,  # ^C is for us
            )
        except OSError as error:
            self._deaths = MAX_DEATHS
            self._why = f"{UNKNOWN}: no process could be started ({error.strerror})"
            return
        self._write(self._place)
        self._listener = Thread(target=self._listen, args=[self._running], daemon=True)
        self._listener.start()

    def _send(self, asked: _Asked) -> None:
        if self._running is None:
            self._waiting.remove(asked)
            asked.answer.set_result(Outline((), (self._why,)))
        else:
            self._write(asked.question)

    def _write(self, data: bytes) -> None:
        """Where it has ended, the one that listens comes to know of it, and may have closed the pipe by now."""
        running = cast("subprocess.Popen[bytes]", self._running)
        with suppress(OSError, ValueError):
            pipe = cast("IO[bytes]", running.stdin)
            pipe.write(data)
            pipe.flush()

    def _listen(self, running: subprocess.Popen[bytes]) -> None:
        """Hands out the answers, in the order of the questions, until there is none any more."""
        why = LOST
        for line in cast("IO[bytes]", running.stdout):
            if line == READY:
                self.ready = True
                self._at_ready()
                continue
            if not line.endswith(b"\n"):
                break
            told = answer(line)
            if isinstance(told, str):
                why = f"{UNKNOWN}: {told}"
                break
            self._waiting.popleft().answer.set_result(told)
        self.ready = False
        running.kill()
        with suppress(OSError), running:
            pass
        with self._lock:
            self._ended(why)

    def _ended(self, why: str) -> None:
        """Whoever was being answered goes without, at once; the others are asked for again."""
        self._running = None
        self._deaths += 1
        self._why = why
        if self._waiting:
            self._waiting.popleft().answer.set_result(Outline((), (why,)))
        again = list(self._waiting)
        if again:
            self._start()
        for asked in again:
            self._send(asked)


def _nothing() -> None:
    """There is no other one."""
