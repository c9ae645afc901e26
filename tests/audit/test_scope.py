from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from entries import entry
from processes import commit, git, repository

from reviewer.audit.scope import Scope, changed_since
from reviewer.errors import Misuse
from reviewer.sources.command import Git

if TYPE_CHECKING:
    from pathlib import Path

FILES = [entry(path) for path in ("README.md", "src/a.py", "src/b.ts", "src/vendor/c.py", "srcs/d.py")]


@pytest.mark.parametrize(
    ("scope", "taken"),
    [
        (Scope(), [each.path for each in FILES]),
        (Scope(folder="src"), ["src/a.py", "src/b.ts", "src/vendor/c.py"]),
        (Scope(include=("*.py",)), ["src/a.py", "src/vendor/c.py", "srcs/d.py"]),
        (Scope(include=("*.py",), exclude=("vendor/",)), ["src/a.py", "srcs/d.py"]),
        (Scope(include=("src/**", "!*.ts")), ["src/a.py", "src/vendor/c.py"]),
        (Scope(changed=frozenset({"src/a.py", "gone.py"}), since="main"), ["src/a.py"]),
        (Scope(changed=frozenset(), since="main"), []),
    ],
)
def test_the_files_of_a_scope_and_a_word_about_it(scope: Scope, taken: list[str]) -> None:
    assert [each.path for each in scope.within(FILES)] == taken
    notes = scope.notes(len(taken), len(FILES))
    assert bool(notes) is (scope != Scope())
    if notes:
        assert f"{len(taken)} of 5 files" in notes[0].message


def test_a_glob_that_is_none_is_named() -> None:
    with pytest.raises(Misuse, match="--exclude"):
        Scope(exclude=("!",)).within(FILES)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three commits, of 1, 10 and 20 January."""
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-01-01T12:00:00+00:00")
    root = repository(tmp_path / "shop", {"a.py": "a\n", "b.py": "b\n", "c.py": "c\n"})
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-01-10T12:00:00+00:00")
    commit(root, {"b.py": "bb\n"})
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-01-20T12:00:00+00:00")
    commit(root, {"c.py": "cc\n", os.fsdecode(b"odd\xff.py"): "o\n"})
    return root


@pytest.mark.parametrize(
    ("since", "changed"),
    [
        ("HEAD", set()),
        ("HEAD~1", {"c.py", "odd\\xff.py"}),
        ("2026-01-05", {"b.py", "c.py", "odd\\xff.py"}),
        ("2026-01-15T00:00:00Z", {"c.py", "odd\\xff.py"}),
        ("2025-12-31", {"a.py", "b.py", "c.py", "odd\\xff.py"}),
        ("500 months ago", {"a.py", "b.py", "c.py", "odd\\xff.py"}),
        ("1 hour ago", set()),
    ],
)
def test_what_changed_since_a_revision_or_a_date(shop: Path, since: str, changed: set[str]) -> None:
    head = git(shop, "rev-parse", "HEAD")
    assert changed_since(Git(shop), since, head) == changed
    (shop / "a.py").write_text("now\n")
    (shop / "new.py").write_text("new\n")
    assert changed_since(Git(shop), since, None) == {*changed, "a.py", "new.py"}


@pytest.mark.parametrize("since", ["yesterday-ish", "--output=/tmp/x", "", "v9", "2026-1-1", "5 parsecs ago"])
def test_what_is_neither_is_a_mistake(shop: Path, since: str) -> None:
    with pytest.raises(Misuse, match="name a revision"):
        changed_since(Git(shop), since, None)


def test_a_clone_that_is_too_shallow_is_told_how_to_get_the_rest(shop: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{shop}", "shallow")
    for since in ("2026-01-05", "HEAD~1"):
        with pytest.raises(Misuse, match="fetch-depth: 0"):
            changed_since(Git(tmp_path / "shallow"), since, None)


def test_a_repository_without_a_commit_is_new_as_a_whole(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "a.py").write_text("a\n")
    assert changed_since(Git(tmp_path), "2026-01-05", None) == {"a.py"}
