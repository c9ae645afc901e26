"""A job of a workflow on the fake GitHub, whose steps run the action as the runner does."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from processes import asking, command
from risky import connection

from reviewer import action
from reviewer.settings import PREFIX, Operator, Policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hub import Hub
    from model_server import ModelServer

EVENTS = Path(__file__).parent / "events"
SETTINGS = {f"{PREFIX}{name.upper()}": "" for name in (*Policy.model_fields, *Operator.model_fields)}
OWN = {**dict.fromkeys(action.OWN, ""), action.POST: "true", action.FULL: "false"}


@dataclass(frozen=True)
class Outcome:
    """What the runner sees of a step. The log is both streams."""

    code: int
    log: str
    outputs: Mapping[str, str]
    summary: str

    @property
    def obeyed(self) -> list[str]:
        """The commands that the runner carries out."""
        return list(_obeyed(self.log))

    @property
    def annotations(self) -> list[str]:
        """Those on lines of files."""
        return [line for line in self.obeyed if " file=" in line]

    @property
    def report(self) -> Any:
        return json.loads(Path(self.outputs["report"]).read_text())

    @property
    def notes(self) -> list[str]:
        return [note["code"] for note in self.report["notes"]]


def _obeyed(log: str) -> Iterator[str]:
    """As the runner reads a log: `::name …::` at the start of a line, `##[name]` anywhere; deaf until its word."""
    word = None
    for line in log.splitlines():
        new = re.match(r"\s*::([^: ][^:]*)::", line)
        if word is not None:
            word = None if new and new[1] == word else word
        elif line.startswith("::stop-commands::"):
            word = line.removeprefix("::stop-commands::")
        elif new or re.search(r"##\[\w", line):
            yield line


class Job:
    """A job of a workflow: steps in an empty workspace, with a token; `server` is whom its key is for."""

    def __init__(self, hub: Hub, folder: Path) -> None:
        self.hub, self.folder, self.steps = hub, folder, 0
        self.workspace = folder / "workspace"
        self.workspace.mkdir()

    def pull(self, action: str, **changes: Any) -> dict[str, Any]:
        """GitHub's own event, about this pull request as it is now."""
        event: dict[str, Any] = json.loads((EVENTS / f"pull_request.{action}.json").read_text())
        pull = self.hub.repository.pulls[1]
        theirs = event["pull_request"]
        theirs |= {"number": 1, "title": pull.title, "state": pull.state, "draft": pull.draft, **changes}
        theirs["head"] |= {"sha": pull.head_sha, "ref": pull.head}
        theirs["base"] |= {"sha": pull.base_sha, "ref": pull.base}
        theirs["head"]["repo"] |= {"full_name": pull.head_repository.full_name}
        theirs["base"]["repo"] |= {"full_name": "octo/shop"}
        event["number"] = 1
        event["repository"]["full_name"] = "octo/shop"
        event["sender"]["login"] = "mallory"
        return event

    def other(self, name: str, **changes: Any) -> dict[str, Any]:
        event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
        event["repository"]["full_name"] = "octo/shop"
        return {**event, **changes}

    def step(
        self,
        name: str,
        event: dict[str, Any] | str,
        server: ModelServer | None = None,
        *,
        token: str | None = None,
        checkout: bool = False,
        **variables: str,
    ) -> Outcome:
        """`checkout`: the workspace is the work tree of the head."""
        self.steps += 1
        temp = self.folder / f"step{self.steps}"
        temp.mkdir()
        (temp / "event.json").write_text(event if isinstance(event, str) else json.dumps(event))
        given = {
            **connection(self.hub),
            **SETTINGS,
            **OWN,
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": name,
            "GITHUB_EVENT_PATH": str(temp / "event.json"),
            "GITHUB_OUTPUT": str(temp / "outputs"),
            "GITHUB_STEP_SUMMARY": str(temp / "summary"),
            "GITHUB_REPOSITORY": "octo/shop",
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_TEMP": str(temp),
            "REVIEWER_GITHUB_TOKEN": token or self.hub.token,
            "REVIEWER_FAIL_ON": "high",
            "REVIEWER_CACHE": "false",
            **(asking(server.url) if server else {}),
            **variables,
        }
        del given["GITHUB_TOKEN"]
        done = subprocess.run(
            command("action"),
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.hub.root if checkout else self.workspace,
            env={**os.environ, **given},
        )
        told = (temp / "outputs").read_text()
        summary = temp / "summary"
        return Outcome(
            done.returncode,
            done.stdout,
            {name: value for name, _, value in re.findall(r"(?m)^([\w-]+)<<(\w+)\n(.*)\n\2$", told)},
            summary.read_text() if summary.exists() else "",
        )
