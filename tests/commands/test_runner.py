from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest

from reviewer.commands import runner
from reviewer.errors import Undelivered

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = ["::error::x", "a\n::set-env name=PATH::/tmp", "##[add-mask]a", "100%0A::x", "\x1b[31mred", "a\r\n::x"]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("speak", [runner.say, runner.notice, runner.error])
def test_whatever_is_said_is_one_line_and_one_command_at_most(
    speak: object, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(speak)
    speak(text)
    written = capsys.readouterr().out
    assert written.count("\n") == 1
    words = re.sub(r"^::(notice|error) title=reviewer::", "", written)
    assert not words.lstrip().startswith("::")
    assert "##[" not in words
    assert "\x1b" not in words
    if speak is not runner.say:
        assert "%0A" not in words


def test_the_runner_is_deaf_to_what_is_printed_meanwhile(capsys: pytest.CaptureFixture[str]) -> None:
    with runner.group("what it said\n::x::"), runner.deaf():
        sys.stdout.write("::error::from the change\n")
    lines = capsys.readouterr().out.splitlines()
    token = lines[1].removeprefix("::stop-commands::")
    assert re.fullmatch(r"[0-9a-f]{32}", token)
    assert lines == [
        "::group::what it said\\n::x::",
        f"::stop-commands::{token}",
        "::error::from the change",
        f"::{token}::",
        "::endgroup::",
    ]


def test_it_stays_deaf_when_a_bugs_traceback_follows(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ZeroDivisionError), runner.group("x"), runner.deaf():
        raise ZeroDivisionError
    assert len(capsys.readouterr().out.splitlines()) == 2


def parsed(text: str) -> dict[str, str]:
    """GITHUB_OUTPUT as the runner reads it."""
    found, lines = {}, iter(text.split("\n"))
    for line in lines:
        if line:
            name, end = line.split("<<")
            found[name] = "\n".join(iter(lines.__next__, end))
    return found


def test_an_output_is_what_it_is_whatever_is_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "outputs"
    monkeypatch.setenv("GITHUB_OUTPUT", str(file))
    runner.output("report", "a\nstatus=clean\nEOF\nb<<c")
    runner.output("findings", 1)
    runner.output("findings", 2)
    assert parsed(file.read_text()) == {"report": "a\nstatus=clean\nEOF\nb<<c", "findings": "2"}


def test_a_summary_is_added_to_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "summary.md"
    file.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))
    runner.summary("# after\n")
    assert file.read_text() == "before\n# after\n"


@pytest.mark.parametrize("before", [0, 1000, runner.MAX_SUMMARY_BYTES - 10])
def test_a_summary_that_is_too_large_is_cut_between_lines(
    before: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "summary.md"
    file.write_text("b" * before)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))
    runner.summary("é line\n" * 200_000)
    assert file.stat().st_size <= runner.MAX_SUMMARY_BYTES
    written = file.read_text()[before:]
    if before < 10_000:
        assert written.endswith("é line\n\n\n" + runner._CUT.lstrip())
        assert file.stat().st_size > runner.MAX_SUMMARY_BYTES - 100
    else:
        assert written == ""


def test_on_a_persons_own_machine_there_is_nowhere_to_write() -> None:
    runner.output("status", "clean")
    runner.summary("# a")


def test_a_full_disk_is_a_failure_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_OUTPUT", "/dev/full")
    with pytest.raises(Undelivered, match="/dev/full of GITHUB_OUTPUT cannot be written to: No space left on device"):
        runner.output("status", "clean")
