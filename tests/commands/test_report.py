from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from reports import FULL

from reviewer.commands import report
from reviewer.errors import Misuse
from reviewer.outputs import json as as_json
from reviewer.outputs import registry
from reviewer.outputs.look import Look

if TYPE_CHECKING:
    from pathlib import Path

WRITTEN = as_json.render(FULL, Look())


@pytest.fixture
def made(tmp_path: Path) -> Path:
    path = tmp_path / "made.json"
    path.write_text(WRITTEN)
    return path


@pytest.mark.parametrize("name", registry.FORMATS)
def test_one_report_converts_to_any_format(name: str, made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report.run([str(made), "--format", name]) == 0
    out = capsys.readouterr().out
    if name == "json":
        assert out == WRITTEN
    assert "shop/orders.py" in out


def test_several_files_at_once_and_from_standard_input(
    made: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    standard: Any = io.TextIOWrapper(io.BytesIO(made.read_bytes()))
    monkeypatch.setattr(sys, "stdin", standard)
    sarif, markdown = made.with_name("r.sarif"), made.with_name("r.md")
    assert report.run(["-", "--output", str(sarif), "--output", str(markdown)]) == 0
    assert json.loads(sarif.read_text())["version"] == "2.1.0"
    assert markdown.read_text().startswith("## Incomplete")
    assert "shop/orders.py" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is not JSON"),
        ("{}", "schema is missing"),
        ('{"schema": "other/9"}', "is not reviewer/1"),
        (None, "cannot be read"),
    ],
)
def test_what_is_no_report_is_said_in_one_line(content: str | None, message: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(Misuse, match=message):
        report.run([str(path)])
