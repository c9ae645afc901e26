"""The machine's bad days: each row of machine.toml, as a process, and the review after it on a healthy machine."""

from __future__ import annotations

import os
import shlex
import signal
import sqlite3
import subprocess
import threading
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from processes import Done, asking, command, repository
from skipping import skipped

from faults import bad_day
from faults.bad_day import FILES
from faults.broken_server import BrokenServer
from reviewer.commands import review

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from warm import Warm

    from faults.broken_server import Act, Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One of machine.toml; README.md explains the fields."""

    name: str
    shell: str = "exec {reviewer}"
    namespace: bool = False
    needs: tuple[str, ...] = ()
    target: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    unset: tuple[str, ...] = ()
    clock: str | None = None
    seconds: int = 0
    before: str | None = None
    signal: str | None = None
    exit: int = 0
    status: str = "findings"
    note: str | None = None
    says: tuple[str, ...] = ()
    prints: str = ""
    asked: int | None = None
    again: int = 0

    @property
    def is_plain(self) -> bool:
        """Whether nothing happens before the command is reached."""
        begins = (self.shell, self.clock, self.signal) == ("exec {reviewer}", None, None)
        return begins and not self.unset and not any(name.startswith(("LC_", "PYTHON")) for name in self.variables)


def row(entry: Mapping[str, Any]) -> Row:
    """Lists are tuples here."""
    fields: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}
    return Row(**fields)


ROWS = [row(entry) for entry in bad_day.table("machine.toml")]
NAMESPACE = ("unshare", "-m") if os.getuid() == 0 else ("unshare", "-rm")


@cache
def refusal(*line: str) -> str:
    """Why this machine does not let us do it; empty where it does."""
    try:
        done = subprocess.run(line, check=False, capture_output=True, text=True)
    except FileNotFoundError as error:
        return str(error)
    return done.stderr.strip() if done.returncode else ""


# What is done to a cache that holds all three answers.


def overwritten(path: Path) -> None:
    path.write_bytes(b"\xff" * path.stat().st_size)


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])


def another_make(path: Path) -> None:
    path.unlink()
    changed(path, "CREATE TABLE replies (something, other)")


def another_version(path: Path) -> None:
    path.with_name("replies-0.sqlite").write_bytes(b"of old")
    path.with_name("replies-2.sqlite").write_bytes(b"of times to come")


def died(path: Path) -> None:
    """SQLite's companions lie about, empty, as after a kill."""
    for companion in ("-wal", "-shm", "-journal"):
        path.with_name(path.name + companion).touch()


def entry(path: Path, value: str) -> None:
    changed(path, "UPDATE replies SET value = ? WHERE key = (SELECT min(key) FROM replies)", value)


def changed(path: Path, statement: str, *values: str) -> None:
    database = sqlite3.connect(path)
    with database:
        database.execute(statement, values)
    database.close()


EVERY_DAY = {"rules_trimmed", "all_cached"}
"""Notes that say nothing of the day."""
BEFORE: Mapping[str, Callable[[Path], None]] = {
    "an entry is overwritten": lambda path: entry(path, "{not a reply}"),
    "an entry of a later version": lambda path: entry(path, '{"text": "", "finish": "paused", "dropped": []}'),
    "the file is overwritten": overwritten,
    "the file is cut off": cut_off,
    "the file is empty": lambda path: path.open("wb").close(),
    "the file is of another make": another_make,
    "the cache of another version": another_version,
    "the companions of a run that died": died,
}

CLOCKS = {
    "fixed": "time.time = lambda told=time.time: told() + {seconds}",
    "jumps": """
began = time.time()
told = time.time
time.time = lambda: told() + ({seconds} if told() > began + 0.5 else 0)
""",
}
"""For a `sitecustomize`, which every Python runs first."""


class Machine:
    """Where a row happens: a folder, perhaps with a repository in it, a cache, and a model that is well or hangs."""

    def __init__(self, folder: Path, row: Row) -> None:
        self.folder, self.row = folder, row
        self.waiting = threading.Event()
        self.server = BrokenServer(self._nothing, lambda asked: bool(row.signal) and "second/part.txt" in asked.files)
        (folder / "out").mkdir()
        self.place = folder
        if row.target == "":
            # As many as make an index of more than a page.
            self.place = repository(folder / "repository", {f"old/{n}.md": "x\n" for n in range(80)})
            bad_day.write(self.place)

    def arguments(self, *, healthy: bool = False) -> list[str]:
        """What is reviewed, the work tree or a diff, and where the reports go."""
        diff = str(bad_day.change(self.folder))
        targets = {"": [], "-": [diff if healthy else "-"], None: [diff]}
        return [*targets[self.row.target], *bad_day.outputs(self.folder)]

    def variables(self) -> dict[str, str]:
        """The row's own."""
        return {name: filled(value, {"folder": str(self.folder)}) for name, value in self.row.variables.items()}

    def start(self) -> subprocess.Popen[str]:
        """The row's shell line, in the row's environment."""
        row = self.row
        line = shlex.join(command("review", *self.arguments()))
        words = {"reviewer": line, "python": shlex.join(command()), "folder": str(self.folder)}
        environ = {**os.environ, **self.variables()}
        if row.clock:
            clock = filled(CLOCKS[row.clock], {"seconds": str(row.seconds)})
            (self.folder / "sitecustomize.py").write_text(f"import time\n{clock}\n")
            environ["PYTHONPATH"] = str(self.folder)
        for name in row.unset:
            environ.pop(name, None)
        shell = ["/bin/bash", "-c", filled(row.shell, words)]
        return subprocess.Popen(
            [*(NAMESPACE if row.namespace else ()), *shell],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            cwd=self.place,
            env=environ,
        )

    def _nothing(self, _: Asked) -> Iterator[Act]:
        """Silence."""
        self.waiting.set()
        return iter((None,))


@pytest.fixture
def machine(tmp_path: Path, row: Row, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    for line in ([*NAMESPACE, "mount", "-t", "tmpfs", "none", "/mnt"] if row.namespace else [], row.needs):
        if line and (why := refusal(*line)):
            skipped(f"{shlex.join(line)}: {why}")
    machine = Machine(tmp_path, row)
    monkeypatch.chdir(machine.place)
    with machine.server as server:
        for name, value in asking(server.url).items():
            monkeypatch.setenv(name, value)
        yield machine


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_bad_day_of_the_machine(row: Row, machine: Machine, warm: Warm, capsys: pytest.CaptureFixture[str]) -> None:
    if row.before:
        assert review.run(machine.arguments()) == 0
        capsys.readouterr()
        BEFORE[row.before](*Path(os.environ["HOME"]).rglob("replies-1.sqlite"))
        machine.server.forget()
    if row.is_plain:
        done = warm.run("review", *machine.arguments(), cwd=machine.place, variables=machine.variables())
    else:
        process = machine.start()
        if row.signal:
            assert machine.waiting.wait(60)
            process.send_signal(getattr(signal, f"SIG{row.signal}"))
        done = ended(process)
    held(row, machine, done)
    if row.asked is not None:
        assert len(machine.server.questions) == row.asked
    machine.server.heal()
    code = review.run(machine.arguments(healthy=True))
    capsys.readouterr()
    assert code == 0
    assert len(machine.server.questions) == row.again


def ended(process: subprocess.Popen[str]) -> Done:
    out, err = process.communicate(timeout=90)
    return Done(process.returncode, out, err)


def held(row: Row, machine: Machine, done: Done) -> None:
    """The exit code and the status; what was read; one line that names the cause and the way out."""
    bad_day.discreet(done.out, done.err)
    assert done.code == row.exit, done.err
    assert row.prints in done.out + done.err
    said = [line for line in done.err.split("\n") if line.startswith("reviewer: ") and "changed files" not in line]
    assert len(said) <= 1
    if row.status:
        kept = machine.folder / "report.json"
        day = bad_day.outcome(
            Done(done.code, done.out if done.out.startswith("{") else kept.read_text(), ""), machine.folder
        )
        assert (day.report["status"], day.read) == (row.status, list(FILES[:1] if row.signal else FILES))
        assert [finding["path"] for finding in day.report["findings"]] == day.read
        codes = [note["code"] for note in day.report["notes"] if note["code"] not in EVERY_DAY]
        assert codes == ([row.note] if row.note else [])
        said += [note["message"] for note in day.report["notes"]]
    assert any(all(words in line for words in row.says) for line in [*said, *([] if row.says else [""])]), said


def test_two_runs_at_once_on_one_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    machine = Machine(tmp_path, Row(name="two"))
    monkeypatch.chdir(machine.place)
    with machine.server as server:
        for name, value in asking(server.url).items():
            monkeypatch.setenv(name, value)
        both = [machine.start() for _ in range(2)]
        for process in both:
            held(machine.row, machine, ended(process))
        assert 3 <= len(server.questions) <= 6
        server.heal()
        assert review.run(machine.arguments()) == 0
        assert server.questions == []
    capsys.readouterr()


def filled(text: str, words: Mapping[str, str]) -> str:
    """With the words of this run in the braces."""
    for name, word in words.items():
        text = text.replace("{" + name + "}", word)
    return text
