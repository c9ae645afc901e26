from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from goldens import same
from reports import CLEAN, FULL, GONE, SQL, WHOLE_FILE

from reviewer.findings import Report, State
from reviewer.outputs import rdjson, rdjsonl
from reviewer.outputs.look import Look

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize(("name", "report"), [("full", FULL), ("clean", CLEAN)])
def test_golden(name: str, report: Report) -> None:
    same(GOLDEN / f"{name}.rdjson", rdjson.render(report, Look()))
    same(GOLDEN / f"{name}.rdjsonl", rdjsonl.render(report, Look()))


def test_a_line_is_a_diagnostic_with_its_source() -> None:
    whole = json.loads(rdjson.render(FULL, Look()))
    lines = [json.loads(line) for line in rdjsonl.render(FULL, Look()).split("\n") if line]
    assert [{**each, "source": whole["source"]} for each in whole["diagnostics"]] == lines
    assert len(lines) == len(FULL.findings)


def test_places_suggestions_and_what_has_none() -> None:
    found = json.loads(rdjson.render(replace(FULL, findings=(SQL, GONE, WHOLE_FILE)), Look()))["diagnostics"]
    assert found[0]["location"]["range"] == {"start": {"line": 12}, "end": {"line": 13}}
    assert found[0]["suggestions"] == [{"range": found[0]["location"]["range"], "text": SQL.suggestion}]
    assert [each["severity"] for each in found] == ["ERROR", "WARNING", "INFO"]
    assert "range" not in found[1]["location"]  # deleted lines are in no file
    assert found[2]["related_locations"][0]["location"]["path"] == "web/app.js"


def test_what_is_fixed_is_not_said_and_no_runner_obeys_a_line() -> None:
    hostile = replace(SQL, body="##[set-output name=x]y\n::error::z")
    fixed = replace(GONE, state=State.FIXED)
    written = rdjsonl.render(replace(FULL, findings=(hostile, fixed)), Look())
    assert "##[" not in written
    assert written.count("\n") == 1
