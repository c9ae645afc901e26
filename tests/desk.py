"""`reviewer` in this process, on a fake GitHub and a fake model, with a clock for which nobody waits."""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from model_server import ModelServer
from processes import asking
from risky import TARGET, about, connection

from reviewer.commands import hub as github
from reviewer.commands import publish, review

if TYPE_CHECKING:
    from contextlib import ExitStack
    from pathlib import Path

    import pytest
    from fake_github import Pull
    from hub import Hub
    from model_server import Script


@dataclass
class Desk:
    """Whoever sits here has a work tree, a token and a model."""

    hub: Hub
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    stack: ExitStack
    err: str = ""
    out: str = ""

    def __post_init__(self) -> None:
        self.sit(self.hub.root)
        for name, value in connection(self.hub).items():
            self.monkeypatch.setenv(name, value)
        self.monkeypatch.setattr(github, "time", SimpleNamespace(monotonic=self.hub.clock, sleep=self.hub.clock.sleep))
        self.server = self.ask(about)

    @property
    def pull(self) -> Pull:
        return self.hub.repository.pulls[1]

    def sit(self, folder: Path) -> None:
        """From now on commands are typed there."""
        self.monkeypatch.chdir(folder)

    def ask(self, script: Script) -> ModelServer:
        """Another model server."""
        server = self.stack.enter_context(ModelServer(script))
        for name, value in asking(server.url).items():
            self.monkeypatch.setenv(name, value)
        return server

    def review(self, *flags: str) -> Any:
        """The report. Only the questions and the traffic of this review are kept."""
        self.code(*flags)
        return json.loads(self.out)

    def code(self, *flags: str) -> int:
        self.server.requests.clear()
        self.hub.fake.forget_traffic()
        words = ["--quiet", "--no-cache", *([] if "--format" in flags else ["--format", "json"]), *flags]
        try:
            return review.run([TARGET, *words])
        finally:
            self.out, self.err = self.capsys.readouterr()

    def publish(self, report: str | Path, *flags: str) -> int:
        try:
            return publish.run([str(report), *(() if "--pull" in flags else ("--pull", TARGET)), *flags])
        finally:
            self.out, self.err = self.capsys.readouterr()


def told(report: Any) -> str:
    """What the review says of the one before."""
    return " ".join(note["message"] for note in report["notes"] if note["code"] == "incremental")


def states(report: Any) -> list[tuple[str, str]]:
    """Path and state of every finding."""
    return sorted((finding["path"], finding["state"]) for finding in report["findings"])
