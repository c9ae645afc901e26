from __future__ import annotations

import os
import pty
import sys
from io import StringIO

import pytest

from reviewer.commands.progress import EVERY, Drawn, Lines, Silent, watcher
from reviewer.findings import Coverage
from reviewer.messages import Usage


def test_a_log_gets_few_plain_lines() -> None:
    now, stream = [0.0], StringIO()
    lines = Lines(stream, lambda: now[0])
    lines.begin(3)
    for second in range(25):
        now[0] = second
        lines.advance(Coverage(3, 1, 90, 1_000 + second), Usage(calls=2))
    lines.end()
    assert stream.getvalue().split("\n") == [
        "reviewer: reviewing 3 changed files",
        f"reviewer: {1_000 + int(EVERY):,} changed lines read, 2 calls",
        f"reviewer: {1_000 + 2 * int(EVERY):,} changed lines read, 2 calls",
        "",
    ]


@pytest.mark.parametrize(
    ("files", "said"), [(0, ""), (1, "reviewing 1 changed file\n"), (None, "reviewing the tree\n")]
)
def test_how_much_there_is_to_read(files: int | None, said: str) -> None:
    stream = StringIO()
    Lines(stream).begin(files)
    assert stream.getvalue().removeprefix("reviewer: ") == said


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    quiet = watcher(quiet=True)
    assert isinstance(quiet, Silent)
    quiet.begin(3)
    quiet.advance(Coverage(), Usage())
    quiet.end()
    assert capsys.readouterr() == ("", "")


def test_no_terminal_gets_lines() -> None:
    assert isinstance(watcher(quiet=False), Lines)


def test_a_terminal_gets_a_bar_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = pty.openpty()
    with os.fdopen(writing, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        monkeypatch.setenv("TERM", "xterm")
        bar = watcher(quiet=False)
        assert isinstance(bar, Drawn)
        bar.begin(2)
        bar.advance(Coverage(2, 1, 10, 5), Usage(calls=1))
        bar.end()
        terminal.flush()
        shown = ""
        while not shown.rstrip().endswith("\x1b[2K"):  # a terminal hands over what it has, perhaps not all
            shown += os.read(reading, 65_536).decode()
    os.close(reading)
    assert "reviewing" in shown
    assert "1 files, 5 lines, 1 calls" in shown


def test_a_bar_for_nothing_is_not_drawn() -> None:
    bar = Drawn()
    bar.begin(0)
    bar.advance(Coverage(), Usage())
    bar.end()
