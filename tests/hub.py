"""A repository with one pull request on the fake GitHub, a client to read it with, and a clock nobody waits for."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fake_github import FakeGitHub

from reviewer.github import pull
from reviewer.github.client import Client, connect

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from fake_github import Exchange, Pull, Repository

    from reviewer.github.pull import PullRequest

NAME = "octo/shop"


class Clock:
    """Time that passes when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 5000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Hub:
    """`main` is the base and `topic` the head, both in one repository at `root`."""

    def __init__(self, fake: FakeGitHub, root: Path) -> None:
        self.fake, self.root, self.clock = fake, root, Clock()
        root.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")
        self.repository: Repository = fake.repository(NAME, root)
        self.token = fake.token(
            "github-actions[bot]", contents="read", pull_requests="write", issues="write", checks="write"
        )
        self.clients: list[Client] = []

    def git(self, *words: str) -> str:
        return subprocess.run(["git", *words], cwd=self.root, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, files: Mapping[str, str | bytes | None], branch: str | None = None) -> str:
        """On `branch` (made where it does not exist); null deletes a file."""
        if branch and branch != self.git("branch", "--show-current"):
            exists = self.git("branch", "--list", branch)
            self.git("checkout", "-q", *([branch] if exists else ["-b", branch]))
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                path.unlink()
            else:
                path.write_bytes(text.encode() if isinstance(text, str) else text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "x")
        return self.git("rev-parse", "HEAD")

    def opened(self, *, author: str = "ada", fork: bool = False, title: str = "A change") -> Pull:
        return self.repository.open_pull(base="main", head="topic", author=author, fork=fork, title=title)

    def client(self, *, token: str | None = None, deadline: float | None = None) -> Client:
        made = connect(
            token or self.token,
            api_url=self.fake.api_url,
            graphql_url=self.fake.graphql_url,
            deadline=deadline,
            clock=self.clock,
            sleep=self.clock.sleep,
        )
        self.clients.append(made)
        return made

    def read(self, client: Client | None = None) -> PullRequest:
        return pull.read(client or self.client(), NAME, 1)

    def asked(self) -> list[str]:
        """What the traffic was, a line each."""
        return [_line(exchange) for exchange in self.fake.traffic]


def _line(exchange: Exchange) -> str:
    query = "&".join(f"{name}={value}" for name, value in sorted(exchange.query.items()))
    return f"{exchange.method} {exchange.path}{'?' if query else ''}{query}"


@contextmanager
def opened(root: Path) -> Iterator[Hub]:
    """A hub whose clients hang up in the end."""
    with FakeGitHub() as fake:
        hub = Hub(fake, root)
        yield hub
        for client in hub.clients:
            client.close()
