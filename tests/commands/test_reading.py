"""How a command's model is opened."""

from __future__ import annotations

import pytest

from reviewer import settings
from reviewer.commands import reading
from reviewer.fanout import Threads


@pytest.mark.parametrize(("at_once", "threads"), [("1", 1), ("3", 3), ("4", 5), ("32", 40)])
def test_some_threads_have_the_next_question_ready(at_once: str, threads: int) -> None:
    given = {"provider": "ollama", "concurrency": at_once, "cache": "false"}
    _, operator = settings.load(given, {}, settings.REPOSITORY_FILE)
    with reading.opened(operator) as read:
        assert read.mapper == Threads(threads)
        assert read.connection is not None
        assert read.connection.concurrency == int(at_once)
