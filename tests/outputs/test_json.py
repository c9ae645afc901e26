from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from goldens import same
from reports import CLEAN, EMPTY, FULL, SQL

from reviewer.findings import (
    Category,
    Confidence,
    DropReason,
    NoteCode,
    Origin,
    Reason,
    Report,
    Severity,
    Side,
    State,
    Status,
)
from reviewer.outputs.json import render
from reviewer.outputs.look import Look

SCHEMA: dict[str, Any] = json.loads(files("reviewer.outputs").joinpath("reviewer-1.schema.json").read_text())


def test_golden() -> None:
    same(Path(__file__).parent / "golden" / "full.json", render(FULL, Look()))


@pytest.mark.parametrize("report", [FULL, CLEAN, EMPTY])
def test_every_report_fits_the_published_schema(report: Report) -> None:
    jsonschema.validate(json.loads(render(report, Look())), SCHEMA)


def test_the_schema_would_refuse_another_shape() -> None:
    document = json.loads(render(FULL, Look()))
    document["findings"][0]["severity"] = "huge"
    with pytest.raises(jsonschema.ValidationError, match="'huge' is not one of"):
        jsonschema.validate(document, SCHEMA)


def test_the_schema_lists_every_value_there_is() -> None:
    properties = SCHEMA["properties"]
    finding, drop, entry = (properties[key]["items"]["properties"] for key in ("findings", "dropped", "unreviewed"))
    assert properties["status"]["enum"] == list(Status)
    assert finding["severity"]["enum"] == list(Severity)
    assert finding["category"]["enum"] == list(Category)
    assert finding["confidence"]["enum"] == list(Confidence)
    assert finding["origin"]["enum"] == list(Origin)
    assert finding["side"]["enum"] == list(Side)
    assert finding["state"]["enum"] == list(State)
    assert drop["reason"]["enum"] == list(DropReason)
    assert entry["reason"]["enum"] == list(Reason)
    assert properties["notes"]["items"]["properties"]["code"]["enum"] == list(NoteCode)


def test_strange_text_is_still_ascii_json() -> None:
    strange = replace(SQL, title="\ud800 \u202e \x1b[2J ::error::")
    written = render(replace(FULL, findings=(strange,)), Look())
    assert written.isascii()
    assert json.loads(written)["findings"][0]["title"] == strange.title
