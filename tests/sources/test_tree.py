"""Real files, real git, nothing else."""

from __future__ import annotations

import os
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from processes import commit, git, repository

from reviewer.change.change import FileChange, Kind
from reviewer.errors import Misuse
from reviewer.findings import Reason, Side, Unreviewed
from reviewer.sources import tree
from reviewer.sources.blobs import MAX_BYTES

if TYPE_CHECKING:
    from pathlib import Path

    from reviewer.sources.tree import Tree


def files(found: Tree) -> dict[str, FileChange | Unreviewed]:
    with found:
        opened = {entry.path: found.opened(entry) for entry in found.listing.entries}
        for each in opened.values():
            if isinstance(each, FileChange):
                each.changed_lines()
        return opened


def others(found: Tree) -> dict[str, str]:
    assert all(each.reason is Reason.IGNORED for each in found.listing.others)
    return {each.path: each.detail for each in found.listing.others}


def test_every_line_counts_as_added(tmp_path: Path) -> None:
    root = repository(tmp_path / "shop", {"a.py": "one\r\n\ntwo", "b/c.py": "x\n", "empty": "", "blank": "\n"})
    with tree.opened(root, None) as found:
        change = found.change()
        read = {file.path: file for file in change.files}
        assert list(read) == ["a.py", "b/c.py", "blank", "empty"]
        assert {file.kind for file in read.values()} == {Kind.ADDED}
        lines = [(line.marker, line.old, line.new, line.text, line.ends_file) for line in read["a.py"].lines()]
        assert lines == [("+", None, 1, "one\r", False), ("+", None, 2, "", False), ("+", None, 3, "two", True)]
        assert [line.text for line in read["blank"].lines()] == [""]
        assert (len(read["empty"].hunks), len(read["a.py"].hunks), read["a.py"].size) == (0, 1, 9)
        assert change.head == git(root, "rev-parse", "HEAD")
        assert found.read("b/c.py", Side.NEW) == "x\n"
        assert (found.read("b/c.py", Side.OLD), found.read("no", Side.NEW)) == (None, None)


def test_the_work_tree_is_as_it_is_now_and_a_commit_as_it_was(tmp_path: Path) -> None:
    root = repository(tmp_path / "shop", {"a.py": "old\n", "gone.py": "x\n", ".gitignore": "*.log\n"})
    (root / "a.py").write_text("new\n")
    (root / "gone.py").unlink()
    (root / "untracked.py").write_text("u\n")
    (root / "noise.log").write_text("l\n")
    with tree.opened(root, None) as now, tree.opened(root, "HEAD") as then:
        assert [each.path for each in now.listing.entries] == [".gitignore", "a.py", "untracked.py"]
        assert [each.path for each in then.listing.entries] == [".gitignore", "a.py", "gone.py"]
        assert (now.read("a.py", Side.NEW), then.read("a.py", Side.NEW)) == ("new\n", "old\n")
        assert now.head is None
        assert {each.blob for each in now.listing.entries} & {each.blob for each in then.listing.entries}
    commit(root, {})
    with tree.opened(root, None) as clean, tree.opened(root, "HEAD") as then:
        assert [(each.path, each.blob) for each in clean.listing.entries] == [
            (each.path, each.blob) for each in then.listing.entries
        ]
        assert clean.head == git(root, "rev-parse", "HEAD")


def test_what_is_staged_and_not_committed_is_nobodys_commit(tmp_path: Path) -> None:
    root = repository(tmp_path / "shop", {"a.py": "old\n"})
    (root / "a.py").write_text("new\n")
    git(root, "add", "-A")
    with tree.opened(root, None) as found:
        assert found.head is None


def test_a_repository_without_a_commit(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "home").rmdir()
    (tmp_path / "a.py").write_text("x\n")
    with tree.opened(tmp_path, None) as found:
        assert [each.path for each in found.listing.entries] == ["a.py"]
        assert (found.attributes, found.head) == (None, None)


def test_links_modules_and_nested_repositories_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.py").write_text("password = 1\n")
    root = repository(tmp_path / "shop", {"a.py": "x\n"})
    (root / "out.py").symlink_to(outside / "secret.py")
    (root / "folder").symlink_to(outside)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "links")
    repository(root / "module", {"m.py": "m\n"})
    git(root, "-c", "advice.addEmbeddedRepo=false", "add", "module")
    git(root, "commit", "-q", "-m", "module")
    repository(root / "nested", {"n.py": "n\n"})
    link = "a symbolic link: what it points to is not followed"
    with tree.opened(root, None) as now, tree.opened(root, "HEAD") as then:
        assert [each.path for each in now.listing.entries] == ["a.py"]
        tracked = {"folder": link, "module": "a repository of its own", "out.py": link}
        assert others(now) == {**tracked, "nested": "a repository of its own"}
        assert others(then) == tracked


def test_a_folder_that_became_a_link_is_not_entered(tmp_path: Path) -> None:
    root = repository(tmp_path / "shop", {"lib/a.py": "x\n", "b.py": "x\n"})
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.py").write_text("password = 1\n")
    (root / "lib" / "a.py").unlink()
    (root / "lib").rmdir()
    (root / "lib").symlink_to(tmp_path / "outside")
    with tree.opened(root, None) as found:
        entries = {entry.path: entry for entry in found.listing.entries}
        assert found.read("lib/a.py", Side.NEW) is None
        if "lib/a.py" in entries:
            opened = found.opened(entries["lib/a.py"])
            assert isinstance(opened, Unreviewed)
            assert "symbolic link" in opened.detail


@pytest.mark.parametrize("kind", ["work tree", "commit", "folder"])
def test_what_cannot_be_read_is_named_and_never_fatal(tmp_path: Path, kind: str) -> None:
    root = tmp_path / "shop"
    contents = {
        "binary.bin": b"\0\1\2",
        "latin1.py": "# caf\xe9\n".encode("latin-1"),
        "utf16.py": "x = 1\n".encode("utf-16"),
        "huge.py": b"x" * (MAX_BYTES + 1),
        "fine.py": b"x = '\xc3\xa9'\n",
    }
    root.mkdir()
    for name, content in contents.items():
        (root / name).write_bytes(content)
    if kind != "folder":
        git(root, "init", "-q")
        git(root, "add", "-A")
        git(root, "commit", "-q", "-m", "x")
    found = tree.folder(root) if kind == "folder" else tree.opened(root, "HEAD" if kind == "commit" else None)
    opened = files(found)
    told = {path: (each.reason, each.detail) for path, each in opened.items() if isinstance(each, Unreviewed)}
    assert told == {
        "huge.py": (Reason.TOO_LARGE, "1954 KiB: a file of more than 2000 KB is not opened"),
        "latin1.py": (Reason.BINARY, "no UTF-8 text: convert it to have it read"),
    }
    assert [path for path, each in opened.items() if isinstance(each, FileChange) and each.binary] == [
        "binary.bin",
        "utf16.py",
    ]
    with found:
        assert found.read("huge.py", Side.NEW) is None
        for file in found.change().files:
            file.changed_lines()


def test_a_plain_folder_is_walked_but_for_repositories_and_odd_things(tmp_path: Path) -> None:
    root = tmp_path / "plain"
    (root / "deep" / "er").mkdir(parents=True)
    (root / "deep" / "er" / "a.py").write_text("x\n")
    (root / "z.sh").write_text("#!/bin/sh\n")
    (root / "z.sh").chmod(0o755)
    os.mkfifo(root / "pipe")
    (root / "up").symlink_to(tmp_path)
    repository(root / "deep" / "repo", {"n.py": "n\n"})
    (root / os.fsdecode(b"odd\xff.py")).write_text("odd\n")
    found = tree.folder(root)
    assert [each.path for each in found.listing.entries] == ["deep/er/a.py", "odd\\xff.py", "z.sh"]
    assert others(found) == {
        "deep/repo": "a repository of its own",
        "pipe": "no regular file",
        "up": "a symbolic link: what it points to is not followed",
    }
    opened = files(found)
    assert (found.attributes, found.head) == (None, None)
    assert found.guides(["z.sh", "no.md"]) == {"z.sh": "#!/bin/sh\n"}
    odd, program = opened["odd\\xff.py"], opened["z.sh"]
    assert isinstance(odd, FileChange)
    assert isinstance(program, FileChange)
    assert ([line.text for line in odd.lines()], program.new_mode) == (["odd"], "100755")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission_is_a_loss_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "plain" / "locked").mkdir(parents=True)
    (tmp_path / "plain" / "a.py").write_text("x\n")
    (tmp_path / "plain" / "a.py").chmod(0)
    (tmp_path / "plain" / "locked").chmod(0)
    found = tree.folder(tmp_path / "plain")
    (tmp_path / "plain" / "locked").chmod(0o755)
    assert {(each.path, each.reason) for each in found.listing.others} == {
        ("a.py", Reason.UNPARSABLE),
        ("locked", Reason.UNPARSABLE),
    }


def test_a_file_that_goes_or_grows_while_it_is_looked_at(tmp_path: Path) -> None:
    for name in ("goes.py", "grows.py", "stays.py"):
        (tmp_path / name).write_text("x\n")
    found = tree.folder(tmp_path)
    entries = {entry.path: entry for entry in found.listing.entries}
    stays = found.opened(entries["stays.py"])
    (tmp_path / "goes.py").unlink()
    (tmp_path / "stays.py").unlink()
    (tmp_path / "grows.py").write_bytes(b"x" * (MAX_BYTES + 1))
    told = [found.opened(entries[name]) for name in ("goes.py", "grows.py")]
    assert [(each.reason, each.detail) for each in told if isinstance(each, Unreviewed)] == [
        (Reason.UNPARSABLE, "cannot be read: No such file or directory"),
        (Reason.UNPARSABLE, "cannot be read: it grew while it was looked at"),
    ]
    assert isinstance(stays, FileChange)
    assert stays.changed_lines() == 1  # it was looked at a moment ago
    assert found.hunks("goes.py") == ()


def test_a_folder_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="cannot be read"):
        tree.folder(tmp_path / "no")


def test_lines_are_not_kept(tmp_path: Path) -> None:
    text = "".join(f"value_{n} = {n} * 1000 + 1\n" for n in range(2_000))
    for n in range(60):
        (tmp_path / f"m{n}.py").write_text(text)
    found = tree.folder(tmp_path)
    tracemalloc.start()
    try:
        kept = []
        for file in found.change().files:
            assert file.changed_lines() == 2_000
            kept.append(file)
        assert tracemalloc.get_traced_memory()[1] < 30_000_000  # all 120 000 lines take twice that
    finally:
        tracemalloc.stop()
    assert kept[0].changed_lines() == 2_000
