"""A small shop on a fake GitHub: two branches, one pull request, and somebody who asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fake_github import FakeGitHub, Pull, Repository
from fake_github.shop import BOT, NUMBERS, Asker, Clock, Work

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def github(clock: Clock) -> Iterator[FakeGitHub]:
    with FakeGitHub(now=clock) as github:
        yield github
        assert github.problems(requests=False) == []  # whatever the fake answers is of GitHub's form


@pytest.fixture
def work(tmp_path: Path) -> Work:
    root = tmp_path / "shop"
    root.mkdir()
    work = Work(root)
    work.git("init", "--quiet", "--initial-branch=main")
    work.commit({"numbers.txt": NUMBERS, "gone.txt": "a\nb\n", "README.md": "# Shop\n"}, "Begin")
    work.git("checkout", "--quiet", "-b", "feature")
    changed = NUMBERS.replace("line 10\n", "line ten\nline ten and a half\n").replace("line 40\n", "")
    work.commit({"numbers.txt": changed, "new.py": "x = 1\ny = 2\n", "gone.txt": None}, "Change numbers")
    return work


@pytest.fixture
def repo(github: FakeGitHub, work: Work) -> Repository:
    return github.repository("octo/shop", work.root, collaborators={"alice": "write"})


@pytest.fixture
def pull(repo: Repository) -> Pull:
    return repo.open_pull(base="main", head="feature", author="mallory")


@pytest.fixture
def bot(github: FakeGitHub, pull: Pull) -> Asker:
    """What a workflow's token may do with `pull-requests: write` and `checks: write`."""
    del pull
    return Asker(github, github.token(BOT, contents="read", pull_requests="write", checks="write"))
