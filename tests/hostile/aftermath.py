"""Everything that left the process: what is on GitHub, in the log, in the files, in the cache, at the model."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zlib
from base64 import urlsafe_b64decode
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hub as hubs
import pytest
from fake_github import FakeGitHub
from hub import Hub
from model_server import ModelServer

from hostile import stage
from hostile.canaries import API_KEY, CLOUD_VARIABLE, OTHER_VARIABLE, TOKEN_VARIABLE, Canary
from hostile.obedient import Obedient
from reviewer.outputs import reading, registry
from reviewer.outputs.look import Look

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fake_github import Exchange
    from model_server import Request, Script

EVENT = Path(__file__).parents[1] / "events" / "pull_request.opened.json"
HOME = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_CONFIG_NOSYSTEM": "1",
}
MARKER = re.compile(r"<!-- reviewer:1 ([\w-]+={0,2}) -->")
KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")


@dataclass(frozen=True)
class Aftermath:
    """What a run left behind. `files`: what it wrote, by name; `cache`: the bytes of the cache's files."""

    code: int
    log: str
    traffic: tuple[Exchange, ...]
    asked: tuple[Request, ...]
    files: Mapping[str, str]
    cache: bytes
    token: Canary
    hub: Hub
    rendered: Mapping[str, str] = field(default_factory=dict)

    @property
    def report(self) -> Any:
        return json.loads(self.files["report"])

    @property
    def bodies(self) -> dict[str, str]:
        """Every text that was written to GitHub, by what it is; Markdown all of them."""
        return dict(_bodies(self.traffic))

    def channels(self) -> Iterator[tuple[str, str]]:
        """Everything, by name; what is packed is unpacked, what is escaped is read as its reader would."""
        yield "log", self.log
        yield from self.files.items()
        yield from self.rendered.items()
        yield "cache", self.cache.decode("utf-8", "replace")
        for number, each in enumerate(self.traffic):
            yield f"github {number} {each.method} {each.path}", f"{each.raw_path}\n{_plain(each.body)}"
        for number, request in enumerate(self.asked):
            yield f"model {number}", _plain(request.body)
        for name, body in self.bodies.items():
            yield f"state in {name}", _unpacked(body)


@contextmanager
def at_github(
    folder: Path, *, steered: bool = True, fork: bool = False, files: Mapping[str, str] | None = None
) -> Iterator[Hub]:
    """The stage on a fake GitHub; `files` are on its base instead of those of the same names."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**HOME, "HOME": str(folder)}.items():
            patch.setenv(name, value)
        with FakeGitHub() as fake:
            made = Hub(fake, folder / "shop")
            stage.opened(made, steered=steered, fork=fork, files=files or {})
            yield made


def acted(
    hub: Hub,
    folder: Path,
    script: Script | None = None,
    *,
    token: str | None = None,
    cwd: Path | None = None,
    **more: str,
) -> Aftermath:
    """`reviewer action` on the pull request, the way a runner starts it; `more` are variables."""
    event = json.loads(EVENT.read_text())
    pull = hub.repository.pulls[1]
    theirs = event["pull_request"]
    theirs |= {"number": 1, "title": pull.title, "body": pull.body, "state": "open", "draft": False}
    theirs["head"] |= {"sha": pull.head_sha, "ref": pull.head}
    theirs["base"] |= {"sha": pull.base_sha, "ref": pull.base}
    for side, there in (("head", pull.head_repository), ("base", pull.repository)):
        theirs[side]["repo"] |= {"full_name": there.full_name}
    event |= {"number": 1}
    event["repository"]["full_name"] = hubs.NAME
    event["sender"]["login"] = "mallory"
    folder.mkdir()
    (folder / "event.json").write_text(json.dumps(event))
    (folder / "workspace").mkdir()
    variables = {
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(folder / "event.json"),
        "GITHUB_OUTPUT": str(folder / "outputs"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        "GITHUB_REPOSITORY": hubs.NAME,
        "GITHUB_WORKSPACE": str(folder / "workspace"),
        "RUNNER_TEMP": str(folder),
        **more,
    }
    return ran(["action"], hub, folder, script, cwd or folder / "workspace", variables, token=token)


def ran(
    words: list[str],
    hub: Hub,
    folder: Path,
    script: Script | None,
    cwd: Path,
    variables: Mapping[str, str],
    *,
    token: str | None = None,
) -> Aftermath:
    """A process with secrets in its environment and an obedient model at its other end."""
    cache = folder / "cache"
    with ModelServer(script or Obedient()) as server:
        hub.fake.forget_traffic()
        done = subprocess.run(
            [sys.executable, "-m", "reviewer", *words],
            check=False,
            capture_output=True,
            cwd=cwd,
            env={
                **{name: os.environ[name] for name in KEPT if name in os.environ},
                "HOME": str(folder),
                "GITHUB_API_URL": hub.fake.api_url,
                "GITHUB_GRAPHQL_URL": hub.fake.graphql_url,
                "GITHUB_SERVER_URL": hub.fake.url,
                "GITHUB_TOKEN": token or hub.token,
                "DEPLOY_TOKEN": TOKEN_VARIABLE.value,
                "AWS_SECRET_ACCESS_KEY": CLOUD_VARIABLE.value,
                "DATABASE_PASSWORD": OTHER_VARIABLE.value,
                "REVIEWER_PROVIDER": "openai",
                "REVIEWER_BASE_URL": f"{server.url}/v1",
                "REVIEWER_API_KEY": API_KEY.value,
                "REVIEWER_VERIFY": "false",
                "REVIEWER_CACHE_DIR": str(cache),
                **variables,
            },
        )
        asked = tuple(server.requests)
    files = {name: path.read_text() for name in ("outputs", "summary") if (path := folder / name).exists()} | {
        f"file {path.name}": path.read_text() for path in (folder / "made").glob("*")
    }
    report = next(folder.glob("reviewer-*/report.json"), folder / "made" / "report.json")
    if report.exists():
        files["report"] = report.read_text()
    return Aftermath(
        done.returncode,
        f"{done.stdout.decode()}\n{done.stderr.decode()}",
        tuple(hub.fake.traffic),
        asked,
        files,
        b"".join(path.read_bytes() for path in sorted(cache.glob("*"))),
        Canary("the GitHub token", token or hub.token),
        hub,
        dict(_rendered(files.get("report"))),
    )


def _rendered(report: str | None) -> Iterator[tuple[str, str]]:
    """The report in every format there is."""
    if report is not None:
        value = reading.read(report.encode())
        for name in registry.FORMATS:
            yield f"as {name}", registry.renderer(name)(value, Look())


def _bodies(traffic: tuple[Exchange, ...]) -> Iterator[tuple[str, str]]:
    for number, each in enumerate(traffic):
        if not each.is_write or not isinstance(each.body, dict):
            continue
        found = {"body": each.body.get("body"), "summary": (each.body.get("output") or {}).get("summary")}
        for place, comment in enumerate(each.body.get("comments") or ()):
            found[f"comment {place}"] = comment["body"]
        yield from ((f"{number} {each.path} {name}", text) for name, text in found.items() if text)


def _plain(value: Any) -> str:
    """A JSON value as its strings, escapes undone."""
    return json.dumps(value, ensure_ascii=False, indent=0).replace("\\n", "\n").replace('\\"', '"')


def _unpacked(body: str) -> str:
    """What our marker remembers."""
    return "\n".join(zlib.decompress(urlsafe_b64decode(data)).decode() for data in MARKER.findall(body))
