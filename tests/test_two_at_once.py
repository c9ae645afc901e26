"""Two reviews of one pull request at the same moment, as processes: neither sees the other before it has spoken."""

from __future__ import annotations

import json
import os
import subprocess
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from model_server import ModelServer
from processes import Done, asking, command
from risky import TARGET, about, connection, is_review, is_summary, opened, posted, writes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from fake_github import FakeGitHub
    from hub import Hub
    from model_server import Answer

PATIENCE = 60.0
WORDS = ("review", TARGET, "--post", "--format", "json", "--quiet", "--no-cache", "--fail-on", "high")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with opened(tmp_path / "shop") as made:
        yield made


def at_once(hub: Hub, server: ModelServer, count: int = 2) -> list[Done]:
    """So many processes, until all have ended."""
    environment = {**os.environ, **connection(hub), **asking(server.url)}
    pipe = subprocess.PIPE
    begun = [
        subprocess.Popen(command(*WORDS), cwd=hub.root, env=environment, stdout=pipe, stderr=pipe, text=True)
        for _ in range(count)
    ]
    said = [process.communicate(timeout=PATIENCE) for process in begun]
    return [Done(process.returncode, *words) for process, words in zip(begun, said, strict=True)]


def meet(fake: FakeGitHub, when: Any) -> None:
    """Both arrive with it before either is heard."""
    meeting = Barrier(2, timeout=PATIENCE)
    fake.meanwhile(when, meeting.wait, times=2)


def test_what_both_say_stands_once_in_the_end(hub: Hub) -> None:
    meeting = Barrier(2, timeout=PATIENCE)

    def together(body: Any, headers: Mapping[str, str]) -> Answer:
        if not meeting.broken and "verdict" not in json.dumps(body["messages"][-1]):
            meeting.wait()
        return about(body, headers)

    with ModelServer(together) as server:
        meet(hub.fake, is_review)
        meet(hub.fake, is_summary)
        runs = at_once(hub, server)
        assert [(run.code, run.report["status"]) for run in runs] == [(1, "findings")] * 2, [run.err for run in runs]
        assert sum(is_review(each) for each in hub.fake.traffic) == 2, "both have spoken"
        assert sum(is_summary(each) for each in hub.fake.traffic) == 2
        assert posted(hub) == [("shop/part0.py", 2), ("shop/part1.py", 2)]
        pull = hub.repository.pulls[1]
        assert [len(review.comments) for review in pull.reviews] == [2, 0], "the first stays"
        assert len(pull.comments) == 1
        hub.fake.forget_traffic()
        (again,) = at_once(hub, server, 1)
    assert (again.code, again.err, writes(hub)) == (1, "", [])
    assert len(hub.fake.traffic) <= 4, hub.asked()
