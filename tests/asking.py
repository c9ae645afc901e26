"""What tests of the model's room share: a question, a key, and a clock that only moves when somebody sleeps."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from reviewer.messages import Message
from reviewer.model.failures import ModelFailure

if TYPE_CHECKING:
    from reviewer.model.connect import Connection

KEY = "sk-reviewer-test-0123456789"
QUESTION = (Message("system", "Answer in JSON."), Message("user", "+ x = 1"))


@dataclass
class Clock:
    """Seconds that pass when somebody sleeps, for all threads at once."""

    at: float = 1_000.0
    slept: list[float] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self.at += seconds


def failure_of(connection: Connection) -> ModelFailure:
    """How asking the question fails."""
    with pytest.raises(ModelFailure) as caught:
        connection.complete(QUESTION)
    return caught.value
