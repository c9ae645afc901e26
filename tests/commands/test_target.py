"""What a TARGET can be, and the one line for what it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from processes import commit, git, repository, reviewer

if TYPE_CHECKING:
    from pathlib import Path

    from processes import Done

REVIEW = ("review", "--no-model", "--quiet", "--format", "json")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """Two commits, of which the second one leaves a debugger call."""
    root = repository(tmp_path / "work", {"a.py": "x = 1\n", "docs/a.md": "# A\n"})
    commit(root, {"a.py": "x = 1\nbreakpoint()\n"})
    return root


@pytest.fixture
def bare(work: Path, tmp_path: Path) -> Path:
    git(work, "clone", "-q", "--bare", str(work), str(tmp_path / "bare.git"))
    return tmp_path / "bare.git"


def rules(done: Done) -> list[str]:
    assert done.code == 0 or done.code == 1, done.err
    return [finding["rule"] for finding in done.report["findings"]]


def refusal(done: Done) -> str:
    """The only line that was said."""
    assert (done.code, done.out) == (2, "")
    (line,) = done.err.splitlines()
    return line.removeprefix("reviewer: ")


@pytest.mark.parametrize("target", ["HEAD~1..HEAD", "HEAD~1...main", "HEAD"])
def test_a_bare_repository_has_revisions(bare: Path, target: str) -> None:
    assert rules(reviewer(*REVIEW, target, cwd=bare)) == ["python.breakpoint"]


def test_a_bare_repository_has_no_work_tree(bare: Path) -> None:
    example = "name what to review, for example `reviewer review HEAD~3..HEAD`"
    assert refusal(reviewer(*REVIEW, cwd=bare)) == f"this repository has no work tree: {example}"
    assert refusal(reviewer(*REVIEW, "--staged", cwd=bare)) == "--staged needs a git work tree, and there is none here"
    unknown = "there is no file nope, and as a revision: nope: git knows no commit 'nope' here"
    assert refusal(reviewer(*REVIEW, "nope", cwd=bare)) == unknown


def test_outside_of_a_repository(tmp_path: Path) -> None:
    without = "there is no git repository here: name a diff file, or - for standard input"
    assert refusal(reviewer(*REVIEW, cwd=tmp_path)) == without
    unknown = "there is no file HEAD, and no git repository here in which it could be a range"
    assert refusal(reviewer(*REVIEW, "HEAD", cwd=tmp_path)) == unknown


@pytest.mark.parametrize("folder", [".", "docs", "docs/"])
def test_a_folder_is_no_target(work: Path, folder: str) -> None:
    said = f"{folder} is a folder: leave TARGET out to review the work tree"
    assert refusal(reviewer(*REVIEW, folder, cwd=work)) == said


def test_a_folder_may_have_a_branch_s_name(work: Path) -> None:
    git(work, "branch", "docs")
    assert rules(reviewer(*REVIEW, "docs", cwd=work)) == ["python.breakpoint"]


def test_an_empty_target_is_not_the_work_tree(work: Path) -> None:
    said = "TARGET is empty: name what to review, or leave it out to review the work tree"
    assert refusal(reviewer(*REVIEW, "", cwd=work)) == said


def test_a_repository_in_the_work_tree_is_named_and_spoils_nothing(work: Path) -> None:
    repository(work / "nested", {"b.py": "breakpoint()\n"})
    done = reviewer(*REVIEW, cwd=work)
    assert rules(done) == []
    assert done.report["status"] == "clean"
    (entry,) = done.report["unreviewed"]
    assert (entry["path"], entry["reason"]) == ("nested", "ignored")


def test_without_git_a_diff_is_still_a_target(work: Path, tmp_path: Path) -> None:
    (tmp_path / "a.diff").write_text(git(work, "diff", "HEAD~1", "HEAD") + "\n")
    no_git = {"PATH": str(tmp_path)}
    assert rules(reviewer(*REVIEW, tmp_path / "a.diff", cwd=work, variables=no_git)) == ["python.breakpoint"]
    missing = "git is not installed or not on the PATH: install it, or give a diff file instead"
    assert refusal(reviewer(*REVIEW, "HEAD", cwd=work, variables=no_git)) == f"there is no file HEAD, and {missing}"
