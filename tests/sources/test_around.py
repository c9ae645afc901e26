"""The work tree around a diff: what it tells of files that it does not hold as the diff says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from changed import added, hunk, modified
from processes import repository

from reviewer.change.change import FileChange, Kind
from reviewer.sources import git
from reviewer.sources.around import Around

if TYPE_CHECKING:
    from pathlib import Path

CART = modified("src/cart.py", hunk("-total = 0\n+total = 1"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return repository(tmp_path / "shop", {"src/cart.py": "total = 1\n", "src/tax.py": "rate = 2\n"})


def test_the_files_that_the_diff_adds_are_files(root: Path) -> None:
    around = Around(git.tree(root), [CART, added("src/fee.py", "fee = 1")])
    assert around.paths() == ("src/cart.py", "src/fee.py", "src/tax.py")


def test_of_another_repository_only_the_files_of_the_diff_are_known(root: Path) -> None:
    gone = FileChange("src/old.py", Kind.DELETED, (hunk("-x = 1"),))
    around = Around(git.tree(root), [added("lib/fee.py", "fee = 1"), added("lib/a.py", "a = 1")])
    assert around.paths() == ("lib/a.py", "lib/fee.py")
    assert "does not hold what it changes" in around.capped[0]
    assert "src/old.py" not in Around(git.tree(root), [CART, gone]).paths()


def test_nothing_is_said_of_a_binary_file(root: Path) -> None:
    (root / "logo.png").write_bytes(b"\x89PNG\0\0")
    logo = FileChange("logo.png", Kind.ADDED, binary=True)
    assert Around(git.tree(root), [CART, logo]).capped == ()
    assert "does not hold" in Around(git.tree(root), [added("lib/fee.py", "fee = 1"), logo]).capped[0]
