from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from reports import CLEAN, EMPTY, FULL, SQL

from reviewer.commands import merge
from reviewer.errors import Misuse
from reviewer.findings import Status
from reviewer.outputs import json as as_json
from reviewer.outputs.look import Look

if TYPE_CHECKING:
    from pathlib import Path

    from reviewer.findings import Report


def written(folder: Path, *reports: Report) -> list[str]:
    paths = []
    for number, report in enumerate(reports):
        path = folder / f"{number}.json"
        path.write_text(as_json.render(report, Look()))
        paths.append(str(path))
    return paths


def test_the_whole_is_delivered_and_decides(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = replace(CLEAN, status=Status.FINDINGS, findings=(SQL,))
    parts = written(tmp_path, CLEAN, found)
    assert merge.run([*parts, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["coverage"]["files"] == 2
    assert merge.run([*parts, "--fail-on", "high", "--output", str(tmp_path / "all.sarif")]) == 1
    assert json.loads((tmp_path / "all.sarif").read_text())["runs"][0]["results"]
    assert merge.run(written(tmp_path, FULL)) == 3
    assert merge.run([*written(tmp_path, FULL), "--allow-incomplete", "--fail-on", "critical"]) == 1


@pytest.mark.parametrize("words", [[], ["no-such.json"], ["x.json", "--fail-on", "hihg"]])
def test_wrong_usage_is_one_line(words: list[str]) -> None:
    with pytest.raises(Misuse):
        merge.run(words)


def test_one_that_is_there_twice_is_not_counted_twice(tmp_path: Path) -> None:
    (one,) = written(tmp_path, CLEAN)
    with pytest.raises(Misuse, match="the same report is there twice"):
        merge.run([one, one])
    (nothing,) = written(tmp_path, EMPTY)
    assert merge.run([nothing, nothing]) == 0
