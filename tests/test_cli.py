from __future__ import annotations

import os
import subprocess
import sys

import pytest

from reviewer import __version__, cli
from reviewer.errors import Terminated


def reviewer(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "reviewer", *arguments],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **more},
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"], ["help"]])
def test_help_is_for_newcomers(arguments: list[str]) -> None:
    done = reviewer(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    for word in ("usage:", "review", "git diff | reviewer review -", "SEGMIND_API_KEY", "exit codes"):
        assert word in done.stdout


def test_version() -> None:
    assert reviewer("--version").stdout == f"reviewer {__version__}\n"


def test_the_start_page_imports_nothing_heavy() -> None:
    heavy = {"pydantic", "httpx", "rich", "jinja2"}
    code = f"import sys, reviewer.cli as c; c.run(['--help']); print(sorted(set(sys.modules) & {heavy}))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.endswith("[]\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["reviwe"], "there is no command 'reviwe'"),
        (["review", "--fail-on"], "--fail-on: expected one argument"),
        (["review", "--fial-on", "high"], "unrecognized arguments: --fial-on (see reviewer review --help)"),
        (["review", "--format", "yaml"], "there is no output format 'yaml' in this version: choose text or json"),
        (["review", "missing.diff"], "there is no file missing.diff"),
    ],
)
def test_a_mistake_is_one_line_and_exit_2(arguments: list[str], message: str) -> None:
    done = reviewer(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.startswith("reviewer: ")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_a_bug_keeps_its_traceback_and_exits_70(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(cli.COMMANDS, "no_such_module", "a bug")
    assert cli.run(["no_such_module"]) == 70
    written = capsys.readouterr().err
    assert "ModuleNotFoundError" in written
    assert "this is a bug in reviewer" in written


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt, 130), (Terminated, 143)])
def test_an_interrupt_before_the_review(
    error: type[BaseException], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(_: object) -> int:
        raise error

    monkeypatch.setattr(cli, "_dispatch", stop)
    assert cli.run([]) == code
    assert "before there was anything to report" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = f"{sys.executable} -m reviewer review --help | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], check=True, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("0\n", "")
