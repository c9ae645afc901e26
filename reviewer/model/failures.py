"""How a question to the model can fail, and the breaker that stops asking when asking is pointless."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from reviewer.errors import ReviewerError
from reviewer.messages import Usage

if TYPE_CHECKING:
    from reviewer.findings import Reason


OTHERWISE = "read it yourself, or ask another model with REVIEWER_MODEL or REVIEWER_PROVIDER"
"""The way out where a model, or somebody before it, does not want to read a part of the change."""


class ModelFailure(ReviewerError):
    """No reply. The message is one line that says what to do.

    `fatal`: every further call will fail too. `splittable`: a smaller request may succeed.
    `billed`: the provider may charge for it although nothing came of it. `spent`: what earlier requests of the same
    conversation used.
    """

    def __init__(
        self, reason: Reason, message: str, *, fatal: bool = False, splittable: bool = False, billed: bool = False
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.fatal = fatal
        self.splittable = splittable
        self.billed = billed
        self.spent = Usage()


class Unreachable(ModelFailure):
    """The server could not be reached, or hung up before it said a word."""


GONE_AFTER = 3
"""Calls in a row, each retried, that end in `Unreachable` before the server counts as gone."""


class Breaker:
    """Remembers the failure after which no call can succeed, so that a hundred chunks do not each find out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: ModelFailure | None = None
        self._unreachable = 0

    def check(self) -> None:
        """Raises what every further call would raise; nothing while there is hope."""
        with self._lock:
            last = self._last
        if last is not None:
            # A fresh exception: one object raised in many threads would collect all their tracebacks.
            raise ModelFailure(last.reason, str(last), fatal=True)

    def succeeded(self) -> None:
        """The server answered."""
        with self._lock:
            self._unreachable = 0

    def failed(self, failure: ModelFailure) -> None:
        """A call ended, after its retries, in `failure`."""
        with self._lock:
            self._unreachable = self._unreachable + 1 if isinstance(failure, Unreachable) else 0
            if self._last is not None:
                return
            if failure.fatal:
                self._last = failure
            elif self._unreachable >= GONE_AFTER:
                self._last = ModelFailure(
                    failure.reason, f"the server went away ({GONE_AFTER} calls in a row): {failure}", fatal=True
                )
