"""What commits say they do, by git."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from processes import commit, git, repository

from reviewer.sources import git as sources
from reviewer.sources.subjects import MOST, subjects

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return repository(tmp_path / "repo", {"a.py": "a\n"})


def of(root: Path, spec: str) -> tuple[str, ...]:
    with sources.revisions(root, spec) as found:
        return subjects(found)


def test_subjects_of_a_range_and_of_one_commit(root: Path) -> None:
    git(root, "checkout", "-q", "-b", "topic")
    commit(root, {"a.py": "b\n"}, "Use cents\n\nThey were floats.")
    commit(root, {"a.py": "c\n"}, "A subject\nof two lines")
    assert of(root, "main...topic") == of(root, "main..topic") == ("Use cents", "A subject of two lines")
    assert of(root, "HEAD") == ("A subject of two lines",)
    assert of(root, "main") == ("a change",), "a root has no parent"
    assert of(root, "topic..main") == ()


def test_neither_the_work_tree_nor_the_index_has_subjects(root: Path) -> None:
    git(root, "checkout", "-q", "-b", "topic")
    commit(root, {"a.py": "b\n"}, "Use cents")
    for source in (sources.work_tree(root), sources.staged(root)):
        with source:
            assert subjects(source) == ()


def test_the_newest_are_told_without_merges(root: Path) -> None:
    git(root, "checkout", "-q", "-b", "topic")
    for number in range(MOST + 5):
        git(root, "commit", "-q", "--allow-empty", "-m", f"Step {number}")
    git(root, "checkout", "-q", "-b", "side", "main")
    commit(root, {"b.py": "b\n"}, "Beside it")
    git(root, "checkout", "-q", "topic")
    git(root, "merge", "-q", "--no-edit", "side")
    found = of(root, "main...topic")
    assert len(found) == MOST
    assert f"Step {MOST + 4}" in found[-2:]
    assert not [subject for subject in found if subject.startswith("Merge")]


@pytest.mark.parametrize("key", ["log.showSignature", "log.mailmap"])
def test_nobodys_configuration_counts(root: Path, key: str) -> None:
    git(root, "config", key, "true")
    git(root, "config", "i18n.logOutputEncoding", "latin1")
    git(root, "config", "format.pretty", "full")
    commit(root, {"a.py": "b\n"}, "Grüße")
    assert of(root, "HEAD") == ("Grüße",)


def test_a_subject_may_be_anything(root: Path) -> None:
    head = git(root, "rev-parse", "HEAD")
    tree = git(root, "rev-parse", "HEAD^{tree}")
    who = b"A <a@example.com> 1767000000 +0000"
    message = b"caf\xe9 \xff\x1b[2J " + b"x" * 3_000_000
    raw = b"tree %b\nparent %b\nauthor %b\ncommitter %b\n\n%b\n" % (tree.encode(), head.encode(), who, who, message)
    made = root / "commit"
    made.write_bytes(raw)
    odd = git(root, "hash-object", "-t", "commit", "-w", str(made))
    (subject,) = of(root, f"main..{odd}")
    assert len(subject) <= 320
    assert subject.startswith("caf")
