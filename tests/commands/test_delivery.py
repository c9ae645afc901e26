from __future__ import annotations

import json
from pathlib import Path

import pytest
from reports import FULL

from reviewer.commands import delivery
from reviewer.errors import Misuse, Undelivered
from reviewer.outputs import registry


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
        ("report.sarif", "there is no output format 'sarif' in this version"),
        ("report.md", "there is no output format 'markdown'"),
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
    with pytest.raises(Undelivered, match=r"gone/a\.json could not be written: No such file"):
        delivery.deliver(FULL, registry.renderer("text"), outputs)
    assert Path("b.json").exists()
    assert "incomplete: 1 critical" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("variables", "colour"), [({}, False), ({"FORCE_COLOR": "1"}, True), ({"NO_COLOR": "1"}, False)]
)
def test_colour_is_for_terminals_and_those_who_ask(
    variables: dict[str, str], colour: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert delivery.look().colour is colour
