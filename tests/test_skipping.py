"""A test that cannot be run is never green where all must be."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from skipping import VARIABLE, skipped

ROOT = Path(__file__).parent.parent


def test_it_is_skipped_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(pytest.skip.Exception, match="needs a moon"):
        skipped("needs a moon")


def test_where_all_must_run_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "1")
    with pytest.raises(pytest.fail.Exception, match=f"{VARIABLE} is set.*needs a moon"):
        skipped("needs a moon")


def test_what_a_machine_lacks_is_said_in_one_place() -> None:
    ways = re.compile(r"pytest\.(?:skip|importorskip)\(")
    found = [path.name for path in ROOT.glob("tests/**/*.py") if ways.search(path.read_text("utf-8"))]
    assert found == ["skipping.py"]


@pytest.mark.parametrize("name", ["ci.yml", "release.yml"])
def test_all_must_run_on_the_hosted_runners(name: str) -> None:
    steps: list[Any] = YAML(typ="safe").load(ROOT / ".github" / "workflows" / name)["jobs"]["check"]["steps"]
    (before, run) = (
        next(n for n, step in enumerate(steps) if step.get("run") == f".ci/{it}") for it in ("hosted", "run")
    )
    assert before < run
    assert steps[run]["env"] == {VARIABLE: "1"}
