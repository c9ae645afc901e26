from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from goldens import same
from reports import CLEAN, FULL, GONE, SQL, WHOLE_FILE

from reviewer.findings import Report, Severity, State
from reviewer.outputs.gitlab import render
from reviewer.outputs.look import Look

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize(("name", "report"), [("full", FULL), ("clean", CLEAN)])
def test_golden(name: str, report: Report) -> None:
    same(GOLDEN / f"{name}.gitlab.json", render(report, Look()))


def test_every_entry_has_what_the_widget_wants() -> None:
    entries = json.loads(render(replace(FULL, findings=(SQL, GONE, WHOLE_FILE)), Look()))
    assert [entry["fingerprint"] for entry in entries] == [SQL.fingerprint, GONE.fingerprint, WHOLE_FILE.fingerprint]
    assert [entry["location"]["lines"]["begin"] for entry in entries] == [12, 1, 1]
    assert all(set(entry) >= {"description", "check_name", "severity"} for entry in entries)


def test_each_severity_has_its_own_name_and_what_is_fixed_is_gone() -> None:
    found = tuple(replace(SQL, severity=severity) for severity in Severity)
    entries = json.loads(render(replace(FULL, findings=(*found, replace(SQL, state=State.FIXED))), Look()))
    assert [entry["severity"] for entry in entries] == ["blocker", "critical", "major", "minor"]
