from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from reports import FULL

from reviewer.commands import delivery
from reviewer.errors import Misuse, Undelivered
from reviewer.outputs import registry

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "change.diff"


@pytest.fixture(autouse=True)
def in_a_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("written", "path", "format"),
    [
        ("report.json", "report.json", "json"),
        ("report.txt", "report.txt", "text"),
        ("json=report.txt", "report.txt", "json"),
        ("text=report", "report", "text"),
        ("./a=b.json", "a=b.json", "json"),
    ],
)
def test_the_format_is_named_or_told_by_the_suffix(written: str, path: str, format: str) -> None:  # noqa: A002
    output = delivery.parse(written)
    assert output.path == Path(path)
    assert output.render is registry.renderer(format)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("report", "its suffix names no format; write FORMAT=FILE, such as json=report"),
        ("report.xml", "its suffix names no format"),
        ("jsno=report.txt", "there is no output format 'jsno'"),
        ("no/such/report.json", "is no file in an existing folder"),
        ("json=", "is no file in an existing folder"),
        ("json=.", "is no file in an existing folder"),
    ],
)
def test_what_cannot_be_written_is_said_before_the_review(written: str, message: str) -> None:
    with pytest.raises(Misuse, match=message):
        delivery.parse(written)


def test_standard_output_and_files(capsys: pytest.CaptureFixture[str]) -> None:
    delivery.deliver(FULL, registry.renderer("text"), [delivery.parse("a.json"), delivery.parse("b.txt")])
    assert json.loads(Path("a.json").read_text())["status"] == "incomplete"
    assert capsys.readouterr().out == Path("b.txt").read_text()


def test_a_file_that_cannot_be_written_does_not_lose_the_others(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    outputs = [delivery.parse("gone/a.json"), delivery.parse("b.json")]
    gone.rmdir()
    with pytest.raises(Undelivered, match=r"could not be written to gone/a\.json: No such file or directory; write"):
        delivery.deliver(FULL, registry.renderer("text"), outputs)
    assert Path("b.json").exists()
    assert "incomplete: 1 critical" in capsys.readouterr().out


def test_a_pipe_is_written_to_and_a_link_is_followed(tmp_path: Path) -> None:
    os.mkfifo("pipe")
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(Path("pipe").read_text()))
    reader.start()
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "real.json").chmod(0o600)
    Path("link.json").symlink_to("real.json")
    delivery.deliver(FULL, registry.renderer("json"), [delivery.parse("json=pipe"), delivery.parse("link.json")])
    reader.join(5)
    assert Path("link.json").is_symlink()
    assert (tmp_path / "real.json").read_text() == read[0]
    assert (tmp_path / "real.json").stat().st_mode & 0o777 == 0o600
    assert stat.S_ISFIFO(Path("pipe").stat().st_mode)


def test_a_new_file_gets_the_permissions_of_a_new_file() -> None:
    before = os.umask(0o077)
    try:
        delivery.deliver(FULL, registry.renderer("json"), [delivery.parse("a.json")])
    finally:
        os.umask(before)
    assert Path("a.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("redirect", "variables", "code", "words"),
    [
        ("> /dev/full", {}, 3, "could not be written to standard output: No space left on device; make room, or"),
        (">&-", {}, 3, "could not be written to standard output: it is closed; leave it open, or write"),
        ("| true; exit ${PIPESTATUS[0]}", {}, 1, ""),
        ("| cat; exit ${PIPESTATUS[0]}", {"PYTHONIOENCODING": "ascii"}, 1, ""),
    ],
)
def test_trouble_with_standard_output(redirect: str, variables: dict[str, str], code: int, words: str) -> None:
    Path("x.diff").write_bytes(EXAMPLE.read_bytes())
    line = f"{sys.executable} -m reviewer review x.diff --quiet --fail-on high {redirect}"
    environ = {**os.environ, **variables}
    done = subprocess.run(["bash", "-c", line], check=False, capture_output=True, text=True, env=environ)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert done.stderr.count("\n") == bool(words)
    if variables:
        assert "findings: " in done.stdout


@pytest.mark.parametrize(
    ("variables", "colour"), [({}, False), ({"FORCE_COLOR": "1"}, True), ({"NO_COLOR": "1"}, False)]
)
def test_colour_is_for_terminals_and_those_who_ask(
    variables: dict[str, str], colour: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert delivery.look().colour is colour
