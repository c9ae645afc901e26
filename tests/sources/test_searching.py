"""Snapshots on real repositories: what they tell, and what they never reach."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from changed import hunk, modified

from reviewer.change.change import FileChange, Kind
from reviewer.context.definitions import remembered
from reviewer.context.snapshot import Hit, Nothing
from reviewer.sources import git as sources
from reviewer.sources import snapshots
from reviewer.sources.around import Around
from reviewer.sources.command import Git
from reviewer.sources.grep import MAX_WORDS, Limits
from reviewer.sources.snapshots import GitSnapshot
from reviewer.syntax.lines import shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.context.snapshot import Snapshot
    from reviewer.sources.git import Repository


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two commits; the second one's files are checked out."""
    root = tmp_path / "shop"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    (root / "lib").mkdir()
    (root / "lib" / "cart.py").write_text("def total(cart):\n    return 1\n")
    (root / "app.py").write_text("x = 1\n")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "x")
    (root / "app.py").write_text("from lib.cart import total\n\ntotal(1)\r\n")
    (root / "ünï.py").write_text("total(2)\n")
    (root / "logo.py").write_bytes(b"total\0")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "y")
    return root


def git(root: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=root, check=True, capture_output=True, text=True).stdout.strip()


OPEN: list[Repository] = []


@pytest.fixture(autouse=True)
def every_git_is_ended() -> Iterator[None]:
    yield
    while OPEN:
        OPEN.pop().close()


def committed(root: Path, limits: Limits | None = None) -> GitSnapshot:
    repository = sources.revisions(root, "HEAD")
    OPEN.append(repository)
    if limits is None:
        return repository.snapshot()
    return GitSnapshot(repository.git, repository.head, lambda _: None, limits)


def places(snapshot: Snapshot, *words: str) -> list[tuple[str, int]]:
    return [(hit.path, hit.line) for hit in snapshot.grep(words)]


def test_whole_words_are_found_in_a_commit(root: Path) -> None:
    snapshot = committed(root)
    assert places(snapshot, "total") == [("app.py", 1), ("app.py", 3), ("lib/cart.py", 1), ("ünï.py", 1)]
    assert places(snapshot, "tota") == places(snapshot) == []
    assert snapshot.grep(["total"])[1] == Hit("app.py", 3, "total(1)")
    assert list(snapshot.paths()) == ["app.py", "lib/cart.py", "logo.py", "ünï.py"]
    assert snapshot.read("lib/cart.py") == "def total(cart):\n    return 1\n"
    assert snapshot.read("logo.py") is snapshot.read("nowhere.py") is snapshot.read("lib") is None
    assert snapshot.capped == ()


def test_definitions_are_found_by_their_shape_in_files_of_a_language(root: Path) -> None:
    snapshot = committed(root)
    found = snapshot.grep(["total"], shape("python"), [".py"])
    assert [(hit.path, hit.line) for hit in found] == [("lib/cart.py", 1)]
    assert snapshot.grep(["total"], shape("python"), [".go"]) == ()


def test_a_commit_does_not_see_the_work_tree(root: Path) -> None:
    (root / "lib" / "cart.py").write_text("nothing\n")
    assert ("lib/cart.py", 1) in places(committed(root), "total")


def test_a_bare_repository_is_searched_too(root: Path, tmp_path: Path) -> None:
    git(root, "clone", "-q", "--bare", ".", str(tmp_path / "bare"))
    assert ("lib/cart.py", 1) in places(committed(tmp_path / "bare"), "total")


@pytest.mark.parametrize("word", ["--help", "-e", "$(id)", "total)|(x", "a\nb", "a\0b", "", "[", "\\", "ü", ":(glob)x"])
def test_a_hostile_word_is_a_word(root: Path, word: str) -> None:
    assert places(committed(root), word) == []
    assert places(committed(root), word, "total") == places(committed(root), "total")


def with_git(script: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another git on the PATH: `script` comes first, $word each of its words in turn."""
    real = Path(git(folder.parent, "--exec-path")) / "git"
    place = folder / "bin"
    place.mkdir()
    (place / "git").write_text(f'#!/bin/sh\nfor word; do {script}; done\nexec "{real}" "$@"\n')
    (place / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{place}:/usr/bin:/bin")


def test_git_without_perl_s_expressions_finds_the_same(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = places(committed(root), "total")
    snapshot = committed(root)
    with_git('[ "$word" = -P ] && exit 128', tmp_path, monkeypatch)
    assert places(snapshot, "total") == expected
    assert [hit.path for hit in snapshot.grep(["total"], shape("python"), [".py"])] == ["lib/cart.py"]


def test_a_search_that_takes_too_long_is_stopped(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = committed(root, Limits(seconds=0.2))
    with_git('[ "$word" = grep ] && exec sleep 60', tmp_path, monkeypatch)
    assert places(snapshot, "total") == []
    assert snapshot.capped == ("a search of the repository was stopped after 0.2 s",)


def test_where_git_is_gone_nothing_is_found(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = committed(root)
    monkeypatch.setenv("PATH", "/nowhere")
    assert places(snapshot, "total") == []
    assert snapshot.paths() == ()
    assert snapshot.capped == ("git could not be started to search the repository",)


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(hits=2), "a search found more than 2 lines: the others were left out"),
        (Limits(output=60), "a search found more than 1 MiB: the rest was left out"),
    ],
)
def test_each_bound_that_is_hit_is_told(root: Path, limits: Limits, said: str) -> None:
    snapshot = committed(root, limits)
    assert len(places(snapshot, "total")) <= 2
    assert snapshot.capped == (said,)


def test_more_words_than_are_looked_for_are_told(root: Path) -> None:
    snapshot = committed(root)
    snapshot.grep([f"w{n}" for n in range(MAX_WORDS + 1)])
    assert snapshot.capped == (f"a search was for {MAX_WORDS + 1} words: only {MAX_WORDS} were looked for",)


def test_more_files_than_are_looked_at_are_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "MAX_PATHS", 1)
    snapshot = committed(root)
    assert len(snapshot.paths()) == len(snapshot.paths()) == 1
    assert snapshot.capped == ("only 1 of the repository's 4 files were looked at",)


def test_the_work_tree_with_its_untracked_files(root: Path) -> None:
    (root / "new.py").write_text("total(3)\n")
    (root / ".gitignore").write_text("ignored.py\n")
    (root / "ignored.py").write_text("total(4)\n")
    with sources.work_tree(root) as repository:
        snapshot = repository.snapshot()
        assert ("new.py", 1) in places(snapshot, "total")
        assert "ignored.py" not in {path for path, _ in places(snapshot, "total")}
        assert snapshot.read("new.py") == "total(3)\n"
        assert {"new.py", "app.py"} <= set(snapshot.paths())


def test_nothing_is_reached_through_a_symlink(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "cart.py").write_text("def total_secret(): pass\n")
    (root / "lib" / "cart.py").unlink()
    (root / "lib").rmdir()
    (root / "lib").symlink_to(outside)  # a folder that git tracks files in
    (root / "link.py").symlink_to(outside / "cart.py")
    with sources.work_tree(root) as repository:
        snapshot = repository.snapshot()
        assert places(snapshot, "total_secret") == []
        assert snapshot.read("lib/cart.py") is snapshot.read("link.py") is None


def test_a_diff_is_believed_as_far_as_the_files_around_it_agree(root: Path) -> None:
    tree = GitSnapshot(Git(root), None, lambda path: (root / path).read_text() if (root / path).is_file() else None)
    good = modified("app.py", hunk(" from lib.cart import total\n \n+total(1)"))
    other = modified("ünï.py", hunk("+total(3)"))
    gone = FileChange("gone.py", Kind.DELETED)
    snapshot = Around(tree, [good, other, gone])
    assert [path for path, _ in places(snapshot, "total")] == ["app.py", "app.py", "lib/cart.py"]
    assert snapshot.read("ünï.py") is None
    assert snapshot.read("app.py") is not None
    assert "app.py" in snapshot.paths()
    assert snapshot.capped == ("1 changed file(s) differ from the diff: they were not looked at for definitions",)
    assert Around(tree, [good]).capped == ()


def test_a_repository_that_is_another_one_tells_nothing(root: Path) -> None:
    tree = GitSnapshot(Git(root), None, lambda path: (root / path).read_text() if (root / path).is_file() else None)
    snapshot = Around(tree, [modified("ünï.py", hunk("+total(3)")), FileChange("app.py", Kind.DELETED)])
    assert (places(snapshot, "total"), snapshot.read("app.py"), list(snapshot.paths())) == ([], None, ["ünï.py"])
    assert snapshot.capped == (
        "the repository around the diff does not hold what it changes: no definition was looked up",
    )


def test_without_a_repository_there_is_nothing() -> None:
    snapshot: Snapshot = Nothing()
    assert (snapshot.grep(["x"]), snapshot.read("x"), snapshot.paths(), snapshot.capped) == ((), None, (), ())


def test_a_snapshot_with_a_memory_is_one(root: Path) -> None:
    assert [each.name for each in remembered(committed(root)).definitions("lib/cart.py")] == ["total"]
