"""A pull request of 400 files and 30 000 lines, and a GitHub and a model that fail one request in twenty."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fake_github import FakeGitHub
from fake_github.answers import SECONDARY
from hub import Hub
from model_server import Answer, ModelServer, error, reply
from processes import Done, asking, command
from risky import TARGET, about, connection

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from fake_github import Exchange, Pull

FILES, LINES = 400, 75
RISKY = range(7, FILES, 17)
"""The files with something wrong: 24, as many as one review may comment on."""
SHARE = int(os.environ.get("LOAD_SHARE", "5")) / 100
"""Of the requests, those that fail."""
WORDS = ("--post", "--format", "json", "--fail-on", "high", "--quiet")


def text(number: int) -> str:
    """A file of `LINES` lines; no two files are alike."""
    lines = [f"total_{number}_{n} = compute({number}, {n}, scale=rate_{n % 9})" for n in range(LINES)]
    if number in RISKY:
        lines[number % LINES] = f"total = risky_call({number})"
    return "".join(f"{line}\n" for line in lines)


def path(number: int) -> str:
    """Forty folders of ten files."""
    return f"area{number // 10:02}/part{number:03}.py"


EXPECTED = {path(number): number % LINES + 1 for number in RISKY}
"""Where the comments belong."""


@contextmanager
def opened(root: Path) -> Iterator[Hub]:
    """The pull request; requests are held against GitHub's own interface in the end."""
    with FakeGitHub() as fake:
        fake.limits.hourly = 100_000  # twenty runs within the hour
        made = Hub(fake, root)
        made.commit({"README.md": "# Much\n"}, "main")
        made.commit({path(number): text(number) for number in range(FILES)}, "topic")
        made.opened(author="mallory")
        yield made
        fake.assert_conforming()


@dataclass
class Weather:
    """Which requests fail, by `seed`: GitHub's by their order, the model's by what is asked and how often it was."""

    seed: int
    struck: Counter[str] = field(default_factory=Counter)
    """How often each kind of fault was met."""
    fair: bool = False

    def over(self, hub: Hub) -> None:
        """GitHub's faults, until it is healed."""
        dice = random.Random(self.seed)  # noqa: S311 - it is to be repeatable
        kinds: Mapping[str, Mapping[str, Any]] = {
            "502": {"status": 502},
            "502, stored": {"status": 502, "after_storing": True},
            "dropped": {"drop": True},
            "dropped, stored": {"drop": True, "after_storing": True},
            "outage page, stored": {"status": 200, "body": b"<html>Unicorn!</html>", "after_storing": True},
            "cut off": {"status": 200, "body": {"data": None}, "cut": True},
            "secondary limit": {"status": 403, "body": {"message": SECONDARY}, "headers": {"Retry-After": "1"}},
            "429": {"status": 429, "body": {"message": "Slowly"}, "headers": {"Retry-After": "0"}},
        }
        for kind, fault in kinds.items():
            hub.fake.fail(self._strikes(dice, kind, SHARE / len(kinds)), times=10**9, **fault)

    def _strikes(self, dice: random.Random, kind: str, share: float) -> Any:
        def strikes(_: Exchange) -> bool:
            hit = dice.random() < share
            self.struck[f"GitHub: {kind}"] += hit
            return hit

        return strikes

    def of_model(self, question: str, before: int) -> Answer | None:
        """What the model's server does instead of answering; null: nothing."""
        digest = hashlib.sha256(f"{self.seed} {before} {question}".encode()).digest()
        if self.fair or int.from_bytes(digest[:4]) / 2**32 >= SHARE:
            return None
        kinds = {
            "500": error(500),
            "503": error(503),
            "429": error(429, headers={"Retry-After": "0"}),
            "dropped": Answer(drop="before"),
            "cut off": Answer(body={"choices": [{"message": {"content": "never seen"}}]}, drop="body"),
            "nothing": Answer(body=""),
            "no JSON": reply("I think that this change is fine."),
            "too long": reply('{"findings": [{"path": "area0', finish="length"),
            "refused": error(400, "Output data may contain inappropriate content.", code="data_inspection_failed"),
        }
        kind = sorted(kinds)[digest[4] % len(kinds)]
        self.struck[f"model: {kind}"] += 1
        return kinds[kind]


class Model:
    """Answers, and remembers what it was asked and what it answered soundly."""

    def __init__(self, weather: Weather) -> None:
        self.weather = weather
        self.asked: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self._lock = threading.Lock()

    def __call__(self, body: Any, headers: Mapping[str, str]) -> Answer:
        question = json.dumps(body["messages"], sort_keys=True)
        with self._lock:
            before = self.asked[question]
            self.asked[question] += 1
            trouble = self.weather.of_model(question, before)
            self.answered[question] += trouble is None
        # Asked to repair what it said, it says what there is to say of the change.
        change = [message for message in body["messages"] if "\n## " in message["content"]]
        return trouble or about({"messages": change}, headers)


@dataclass(frozen=True)
class Run:
    """A process that ended, with what it took: seconds, seconds of the processor, MB at most."""

    done: Done
    seconds: float
    processor: float
    memory: float


def run(hub: Hub, server: ModelServer, folder: Path, *flags: str) -> Run:
    """A review without a checkout."""
    return ended(started(hub, server, folder, TARGET, *flags))


def started(hub: Hub, server: ModelServer, folder: Path, target: str, *flags: str) -> tuple[int, Path, float]:
    """Its process, the folder with what it says, and when it began."""
    folder.mkdir(parents=True)
    environment = {**os.environ, **connection(hub), **asking(server.url)}
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        begun = time.monotonic()
        process = subprocess.Popen(
            command("review", target, *WORDS, *flags), stdout=out, stderr=err, cwd=folder, env=environment
        )
    process.returncode = 0  # `ended` reaps it, which tells what it took
    return process.pid, folder, begun


def ended(process: tuple[int, Path, float]) -> Run:
    """Waits for it."""
    pid, folder, begun = process
    _, status, used = os.wait4(pid, 0)
    done = Done(os.waitstatus_to_exitcode(status), (folder / "out").read_text(), (folder / "err").read_text())
    unit = 1024 if sys.platform != "darwin" else 1024 * 1024
    return Run(done, time.monotonic() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / unit)


def places(pull: Pull) -> Counter[tuple[str, int | None]]:
    """Where our comments are."""
    return Counter((thread.path, thread.line) for thread in pull.threads for _ in thread.comments)


def assert_honest(done: Done, token: str) -> str:
    """How the run ended, in a word: complete or incomplete with an account of every line, or undelivered with a way
    out; without a traceback or the token anywhere."""
    assert done.code in (1, 3), done.err
    for place in (done.out, done.err):
        assert "Traceback" not in place
        assert token not in place
    if not done.out:
        assert (done.code, done.err.count("\n")) == (3, 1), done.err
        assert "again" in done.err
        return "not read"
    report = done.report
    lines, left = report["coverage"], sum(entry["changed_lines"] for entry in report["unreviewed"])
    assert lines["changed_lines"] == lines["reviewed_lines"] + left == FILES * LINES
    lost = [entry for entry in report["unreviewed"] if entry["class"] == "loss"]
    assert report["status"] == ("incomplete" if lost else "findings")
    undelivered = [note for note in report["notes"] if note["code"] == "not_posted"]
    assert done.code == (3 if lost or undelivered else 1)
    found = {finding["path"] for finding in report["findings"]}
    assert set(EXPECTED) - found <= {entry["path"] for entry in lost}
    return "not said" if undelivered else "incomplete" if lost else "complete"


def assert_once(pull: Pull, summaries: Sequence[int]) -> None:
    """No comment twice, and none where none belongs."""
    there = places(pull)
    assert set(there) <= set(EXPECTED.items())
    assert set(there.values()) <= {1}
    assert len(pull.comments) in summaries
