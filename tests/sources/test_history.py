from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from processes import commit, git, repository

from reviewer.sources import history as histories
from reviewer.sources.command import Git
from reviewer.sources.history import history

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2025-10-12T00:00:00+00:00")
    root = repository(tmp_path / "shop", {"old.py": "1\n", "often.py": "1\n", os.fsdecode(b"odd\xff\n.py"): "1\n"})
    for n in range(3):
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"2026-01-1{n}T00:00:00+00:00")
        commit(root, {"often.py": f"{n}\n" * 2, f"new{n}.py": "n\n"})
    return root


def test_a_change_counts_half_after_ninety_days(shop: Path) -> None:
    found = history(Git(shop), git(shop, "rev-parse", "HEAD"))
    assert set(found.heat) == {"old.py", "often.py", "odd\\xff\n.py", "new0.py", "new1.py", "new2.py"}
    assert found.heat["new2.py"] == 1.0
    assert found.heat["old.py"] == pytest.approx(0.5 ** (92 / 90))
    assert 3.4 < found.heat["often.py"] < 3.5
    assert not found.capped


def test_a_commit_of_everything_says_nothing_of_any(shop: Path) -> None:
    commit(shop, {f"many{n}.py": "x\n" for n in range(histories.MAX_FILES + 1)})
    assert "many1.py" not in history(Git(shop), git(shop, "rev-parse", "HEAD")).heat


def test_what_is_too_much_is_cut_and_said(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = git(shop, "rev-parse", "HEAD")
    monkeypatch.setattr(histories, "MAX_COMMITS", 2)
    assert (set(history(Git(shop), head).heat), history(Git(shop), head).capped) == (
        {"often.py", "new1.py", "new2.py"},
        True,
    )
    monkeypatch.setattr(histories, "MAX_OUTPUT", 40)
    assert set(history(Git(shop), head).heat) == {"often.py", "new2.py"}


def test_where_git_knows_nothing_there_is_nothing(tmp_path: Path) -> None:
    assert history(Git(tmp_path), "0" * 40) == histories.History()
    assert history(Git(tmp_path / "no"), "0" * 40) == histories.History()
