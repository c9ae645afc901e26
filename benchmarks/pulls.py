"""A pull request from process start to the last write, and the same again, on the tests' fake GitHub.

That GitHub is ours: it is as fast as this machine, holds every request against GitHub's interface description while it
answers, and knows no distance. What is measured is how often it is asked and what reviewer itself takes, not GitHub.
The model is a loopback server without latency that finds something in FOUND of the files.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from fake_github import FakeGitHub
from hub import Hub
from model_server import ModelServer
from processes import asking
from risky import TARGET, about, connection

if TYPE_CHECKING:
    from collections.abc import Iterator

RUNS = 3
FILES, FOUND = 30, 5
BETWEEN_WRITES = 1.0
"""Seconds that GitHub asks for between two writes."""
HEAD = (
    "size",
    "GitHub requests",
    "wall s",
    "of it mandatory waits between writes",
    "second run: requests, model calls, wall s",
)


@dataclass(frozen=True)
class Run:
    """One `reviewer review --post`, as the fakes saw it."""

    requests: int
    writes: int
    calls: int
    wall: float


def rows() -> Iterator[tuple[object, ...]]:
    """A row with a checkout and one without: medians over RUNS pull requests."""
    for checkout in (True, False):
        pairs = [_twice(checkout=checkout) for _ in range(RUNS)]
        first, second = pairs[0]
        yield (
            f"{FILES} files, {'with a checkout' if checkout else 'without a checkout'}",
            first.requests,
            f"{statistics.median(run.wall for run, _ in pairs):.2f}",
            f"{(first.writes - 1) * BETWEEN_WRITES:.0f}",
            f"{second.requests}, {second.calls}, {statistics.median(run.wall for _, run in pairs):.2f}",
        )


def _twice(*, checkout: bool) -> tuple[Run, Run]:
    """A fresh pull request, reviewed and reviewed again."""
    with tempfile.TemporaryDirectory() as folder, FakeGitHub() as fake, ModelServer(about) as model:
        hub = _opened(fake, Path(folder) / "shop")
        place = hub.root if checkout else Path(folder)
        return _run(hub, model, place), _run(hub, model, place)


def _opened(fake: FakeGitHub, root: Path) -> Hub:
    hub = Hub(fake, root)
    for name, value in (("user.name", "bench"), ("user.email", "bench@localhost"), ("commit.gpgsign", "false")):
        hub.git("config", name, value)
    hub.commit({_path(n): _text(n, "return total") for n in range(FILES)}, "main")
    hub.commit(
        {_path(n): _text(n, f"return {'risky_call' if n < FOUND else 'round'}(total)") for n in range(FILES)}, "topic"
    )
    hub.opened()
    return hub


def _path(n: int) -> str:
    return f"shop/part{n}.py"


def _text(n: int, last: str) -> str:
    lines = "".join(f"    total += price({n}, {m})\n" for m in range(40))
    return f"def part{n}():\n    total = {n}\n{lines}    {last}\n"


def _run(hub: Hub, model: ModelServer, place: Path) -> Run:
    hub.fake.forget_traffic()
    model.requests.clear()
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("REVIEWER_", "GITHUB_"))}
    variables: dict[str, Any] = {**environ, **connection(hub), **asking(model.url)}
    command = [sys.executable, "-m", "reviewer", "review", TARGET, "--post", "--quiet", "--no-cache"]
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=place, env=variables)
    wall = time.perf_counter() - began
    traffic = hub.fake.traffic
    return Run(len(traffic), sum(each.is_write for each in traffic), len(model.requests), wall)
