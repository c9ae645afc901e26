"""A change that calls `risky_call`, and a model that dislikes every call of it."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from fake_github import FakeGitHub
from hub import Hub
from model_server import Answer, reply

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from fake_github import Exchange

BASE = {f"shop/part{n}.py": f"def part{n}():\n    return {n}\n" for n in range(4)}
TARGET = "octo/shop#1"


def bad(n: int, more: str = "") -> str:
    """What is wrong with it stands on line 2."""
    return f"def part{n}():\n    total = risky_call({n})\n    return total\n{more}"


@contextmanager
def opened(root: Path, *, fork: bool = False) -> Iterator[Hub]:
    """A pull request with two bad files; in the end the traffic is held against GitHub's own interface."""
    with FakeGitHub() as fake:
        made = Hub(fake, root)
        made.commit(BASE, "main")
        made.commit({"shop/part0.py": bad(0), "shop/part1.py": bad(1)}, "topic")
        made.opened(author="mallory", fork=fork)
        yield made
        if fake.traffic:
            fake.assert_conforming()


def about(body: Any, _: Mapping[str, str]) -> Answer:
    """The model: a finding a call, on the line of the call."""
    text = body["messages"][-1]["content"]
    if "verdict" in text:
        return reply("{}")
    found, path = [], ""
    for line in text.split("\n"):
        header = re.match(r"## (\S+)", line)
        path = header[1] if header else path
        call = re.match(r"\d+\+(.*risky_call.*)", line)
        if call:
            title = f"{call[1].strip()} may fail"
            found.append(
                {"path": path, "quote": call[1], "title": title, "body": "With 0 it raises.", "severity": "high"}
            )
    return reply(json.dumps({"findings": found}))


def connection(hub: Hub, token: str | None = None) -> dict[str, str]:
    """The environment that speaks with this GitHub."""
    return {
        "GITHUB_API_URL": hub.fake.api_url,
        "GITHUB_GRAPHQL_URL": hub.fake.graphql_url,
        "GITHUB_SERVER_URL": hub.fake.url,
        "GITHUB_TOKEN": token or hub.token,
    }


def read_only(hub: Hub) -> str:
    """The token of a fork's run."""
    return hub.fake.token("github-actions[bot]", contents="read", pull_requests="read")


def posted(hub: Hub) -> list[tuple[str, int | None]]:
    """Where our comments are, one entry each."""
    return sorted((thread.path, thread.line) for thread in hub.repository.pulls[1].threads)


def writes(hub: Hub) -> list[str]:
    """What was written since the traffic was forgotten."""
    return [f"{each.method} {each.path}" for each in hub.fake.traffic if each.is_write]


def is_review(each: Exchange) -> bool:
    """For the fake's faults: a review is posted."""
    return each.method == "POST" and each.path.endswith("/reviews")


def is_summary(each: Exchange) -> bool:
    """For the fake's faults: the summary is posted."""
    return each.method == "POST" and each.path.endswith("/issues/1/comments")
