"""A commit is searched in the work tree where that holds the same, and nobody can tell the difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from processes import commit, git, repository

from reviewer.context.snapshot import WORD
from reviewer.sources import git as local
from reviewer.sources import snapshots
from reviewer.sources.command import Git
from reviewer.sources.grep import Limits, grep

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILES = {f"src/m{n}.py": f"def needle{n}():\n    return needle({n})\n" for n in range(6)}
WORDS = {"needle", *(f"needle{n}" for n in range(9))}


def clean(_: Path) -> None:
    """Nothing was touched."""


def edited(root: Path) -> None:
    (root / "src/m0.py").write_text("needle = 1\nneedle()\n")


def staged(root: Path) -> None:
    (root / "src/new.py").write_text("needle()\n")
    git(root, "add", "-A")


def untracked(root: Path) -> None:
    (root / "src/other.py").write_text("needle()\n")


def deleted(root: Path) -> None:
    (root / "src/m1.py").unlink()


def renamed(root: Path) -> None:
    git(root, "mv", "src/m2.py", "src/moved.py")


def linked(root: Path) -> None:
    outside = root.parent / "outside"
    outside.mkdir()
    for n in range(6):
        (outside / f"m{n}.py").write_text("needle()\nneedle()\n")
        (root / f"src/m{n}.py").unlink()
    (root / "src").rmdir()
    (root / "src").symlink_to(outside)


def another_branch(root: Path) -> None:
    git(root, "checkout", "-q", "-b", "other")
    commit(root, {"src/m3.py": "needle3 = needle\n", "src/m9.py": "needle()\n"})


@pytest.mark.parametrize(
    "touch",
    [clean, edited, staged, untracked, deleted, renamed, linked, another_branch],
    ids=lambda each: each.__name__,
)
def test_the_work_tree_stands_for_the_commit(touch: Callable[[Path], None], tmp_path: Path) -> None:
    root = repository(tmp_path / "shop", FILES)
    head = git(root, "rev-parse", "HEAD")
    touch(root)
    with local.revisions(root, head) as source:
        for suffixes in ((), (".py",), (".js",)):
            found = source.snapshot().grep(WORDS, WORD, suffixes)
            expected = grep(Git(root), head, WORDS, WORD, suffixes, Limits()).hits
            assert list(found) == sorted(expected, key=lambda hit: (hit.path, hit.line))
        assert len(source.snapshot().grep(WORDS)) == 12


def test_too_many_differences_and_no_work_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = repository(tmp_path / "shop", FILES)
    bare = tmp_path / "shop.git"
    git(root, "clone", "-q", "--bare", str(root), str(bare))
    for n in range(3):
        (root / f"src/m{n}.py").write_text("gone\n")
    monkeypatch.setattr(snapshots, "MOST_OTHERS", 2)
    for place in (root, bare):
        with local.revisions(place, "HEAD") as source:
            assert len(source.snapshot().grep(WORDS)) == 12
