"""The shortest way to a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pytest
from asking import KEY, Clock
from model_server import ModelServer

from reviewer.model.connect import Connection, connect
from reviewer.model.dialects import aim
from reviewer.model.endpoint import Timing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from model_server import Script


class Ask(Protocol):
    """Starts a server with this script and connects to it."""

    def __call__(
        self, script: Script, provider: str = "openai", *, model: str | None = None, **options: Any
    ) -> tuple[Connection, ModelServer]: ...


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ask(clock: Clock) -> Iterator[Ask]:
    """`options` are those of `connect` and of `Timing`; by default no time passes."""
    opened: list[Connection | ModelServer] = []

    def start(
        script: Script, provider: str = "openai", *, model: str | None = None, **options: Any
    ) -> tuple[Connection, ModelServer]:
        server = ModelServer(script)
        opened.append(server)
        times = {
            name: options.pop(name) for name in ("timeout", "deadline", "clock", "sleep", "now") if name in options
        }
        timing = Timing(**{"clock": clock, "sleep": clock.sleep, **times})
        if provider in ("segmind", "dashscope"):
            options.setdefault("key", KEY)
        connection = connect(aim(provider, f"{server.url}/v1", model), timing=timing, **options)
        opened.append(connection)
        return connection, server

    yield start
    for thing in reversed(opened):
        thing.close()
