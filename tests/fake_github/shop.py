"""A small shop for tests: a work tree of real git, a clock that stands still, and somebody who asks."""

from __future__ import annotations

import json
import subprocess
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from fake_github import FakeGitHub

NUMBERS = "".join(f"line {n}\n" for n in range(1, 61))
BOT = "github-actions[bot]"


@dataclass
class Clock:
    """Stands still until somebody moves it."""

    time: float = 1_767_000_000.0

    def __call__(self) -> float:
        return self.time


@dataclass
class Work:
    """A work tree of real git."""

    root: Path

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", "-C", str(self.root), *arguments], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, files: Mapping[str, str | bytes | None], message: str = "Change") -> str:
        """Writes (null: removes) files on the branch at hand."""
        for name, content in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                path.unlink()
            else:
                path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any
    headers: Mapping[str, str]


@dataclass
class Asker:
    """Plain urllib with a token."""

    github: FakeGitHub
    token: str | None

    def __call__(self, method: str, path: str, body: Any = None, accept: str = "application/json") -> Reply:
        address = self.github.graphql_url if path == "/graphql" else self.github.api_url + path
        return self.at(method, address, body, accept)

    def at(self, method: str, address: str, body: Any = None, accept: str = "application/json") -> Reply:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Accept": accept, "Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(address, data, headers, method=method)  # noqa: S310 - loopback
        try:
            with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
                return _reply(response.status, response.read(), dict(response.headers))
        except urllib.error.HTTPError as error:
            with error:
                return _reply(error.code, error.read(), dict(error.headers))

    def graphql(self, query: str, **variables: Any) -> Any:
        return self("POST", "/graphql", {"query": query, "variables": variables}).body

    def review(self, *comments: Mapping[str, Any], body: str = "Look", **more: Any) -> Reply:
        given = {"body": body, "event": "COMMENT", "comments": list(comments), **more}
        return self("POST", "/repos/octo/shop/pulls/1/reviews", given)


def _reply(status: int, content: bytes, headers: Mapping[str, str]) -> Reply:
    is_json = "json" in headers.get("Content-Type", "")
    return Reply(status, json.loads(content) if content and is_json else content, headers)
