from __future__ import annotations

import re
from pathlib import Path

import pytest
from reports import FULL

from reviewer.findings import Category, Confidence, DropReason, NoteCode, Origin, Reason, Severity, State, Status
from reviewer.outputs.json import document

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    "values", [Status, Severity, Category, Confidence, Origin, State, DropReason, Reason, NoteCode]
)
def test_every_value_of_the_report_is_explained(values: type) -> None:
    text = (ROOT / "docs" / "report.md").read_text()
    assert [value for value in values if f"`{value}`" not in text] == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "name", ["README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/report.md", "docs/rules.md", "docs/audits.md"]
)
def test_every_path_that_is_named_is_there(name: str) -> None:
    text = (ROOT / name).read_text()
    named = re.findall(r"`((?:reviewer|tests|prompts|docs|examples|benchmarks)/[\w./*-]*[a-z/*])`", text)
    linked = [path.removeprefix("../") for path in re.findall(r"\]\(([\w./-]+)\)", text)]
    assert named or linked
    assert [path for path in named + linked if not list(ROOT.glob(path)) and not list(ROOT.glob(f"docs/{path}"))] == []


def test_every_key_of_the_report_is_explained() -> None:
    text = (ROOT / "docs" / "report.md").read_text()
    words = set(re.findall(r"\w+", text))
    report = document(FULL)
    keys = set(report)
    for name in ("findings", "dropped", "unreviewed", "notes"):
        keys |= set(report[name][0])
    assert keys | set(report["coverage"]) | set(report["usage"]) <= words
