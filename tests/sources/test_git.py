"""Real git, in folders of our own."""

from __future__ import annotations

import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from reviewer.change.change import FileChange, Kind
from reviewer.errors import Misuse
from reviewer.findings import Reason, Side, Unreviewed
from reviewer.sources import git
from reviewer.sources.blobs import MAX_BYTES
from reviewer.sources.command import Git

if TYPE_CHECKING:
    from pathlib import Path


class Repo:
    """A repository on `main`, and the few things a test does to one."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *words: str, check: bool = True) -> str:
        command = ["git", "-c", "protocol.file.allow=always", *words]
        return subprocess.run(command, cwd=self.root, check=check, capture_output=True, text=True).stdout.strip()

    def write(self, **files: str | bytes | None) -> None:
        """`a__b.py`: one keyword a file; null deletes it."""
        self.put({name.replace("__", "/"): text for name, text in files.items()})

    def put(self, files: dict[str, str | bytes | None]) -> None:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                path.unlink()
            else:
                path.write_bytes(text.encode() if isinstance(text, str) else text)

    def commit(self, files: dict[str, str | bytes | None] | None = None) -> str:
        self.put(files or {})
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "x")
        return self.git("rev-parse", "HEAD")

    def branch(self, name: str) -> None:
        self.git("checkout", "-q", "-b", name)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")


def files(source: git.Repository) -> dict[str, FileChange]:
    with source:
        change = source.change()
        assert change.broken == ()
        return {file.path: file for file in change.files}


def added(file: FileChange) -> list[str]:
    return [line.text for line in file.lines() if line.marker == "+"]


# The work tree


def test_the_work_tree_is_all_that_the_default_branch_has_not(repo: Repo) -> None:
    base = repo.commit({"a.py": "a\n", "b.py": "b\n", "c.py": "c\n", ".gitignore": "*.log\n"})
    repo.branch("topic")
    repo.commit({"a.py": "committed\n"})
    repo.put({"b.py": "staged\n"})
    repo.git("add", "b.py")
    repo.put({"c.py": "unstaged\n", "new dir/é.py": "untracked\n", "x.log": "ignored\n"})

    source = git.work_tree(repo.root)

    assert (source.base, source.head) == (base, None)
    assert {path: added(file) for path, file in files(source).items()} == {
        "a.py": ["committed"],
        "b.py": ["staged"],
        "c.py": ["unstaged"],
        "new dir/é.py": ["untracked"],
    }


@pytest.mark.parametrize("name", ["plain", 'a:b "c" \\d', "é"])
def test_untracked_files_leave_nothing_in_the_repository(name: str, tmp_path: Path) -> None:
    repo = Repo(tmp_path / name)
    repo.commit({"a.py": "a\n"})
    repo.put({"new.py": "n\n"})
    objects = repo.git("count-objects", "-v")
    assert list(files(git.work_tree(repo.root))) == ["new.py"]
    assert repo.git("count-objects", "-v") == objects


def test_the_users_index_is_not_touched(repo: Repo) -> None:
    repo.commit({"a.py": "a\n"})
    repo.put({"a.py": "b\n", "new.py": "n\n"})
    index = repo.root / ".git" / "index"
    before, status = index.read_bytes(), repo.git("status", "--porcelain")
    before = index.read_bytes()

    assert set(files(git.work_tree(repo.root))) == {"a.py", "new.py"}

    assert index.read_bytes() == before
    assert repo.git("status", "--porcelain") == status
    assert list(index.parent.glob("index*")) == [index]


def test_on_the_default_branch_only_what_is_not_committed(repo: Repo) -> None:
    repo.commit({"a.py": "a\n"})
    repo.put({"a.py": "b\n"})

    assert set(files(git.work_tree(repo.root))) == {"a.py"}
    repo.commit()
    assert files(git.work_tree(repo.root)) == {}


def test_a_repository_without_a_commit_is_all_new(repo: Repo) -> None:
    repo.put({"a.py": "a\n"})

    assert {path: file.kind for path, file in files(git.work_tree(repo.root)).items()} == {"a.py": Kind.ADDED}


def test_a_repository_inside_another_is_not_ours_and_is_named(repo: Repo) -> None:
    repo.commit({"a.py": "a\n", ".gitignore": "ignored\n"})
    Repo(repo.root / "nested").put({"x.py": "x\n"})
    Repo(repo.root / "lib" / "é").commit({"x.py": "x\n"})
    Repo(repo.root / "ignored").commit({"x.py": "x\n"})
    repo.put({"b.py": "b\n"})

    with git.work_tree(repo.root) as source:
        change = source.change()
    assert {file.path for file in change.files} == {"b.py"}
    assert change.broken == tuple(
        Unreviewed(path, Reason.IGNORED, "a repository of its own, not tracked here") for path in ("lib/é", "nested")
    )


def test_names_that_look_like_pathspecs(repo: Repo) -> None:
    repo.commit()
    repo.put({":(top)x.py": "x\n", "*.py": "x\n", "-n": "x\n"})

    assert set(files(git.work_tree(repo.root))) == {":(top)x.py", "*.py", "-n"}


@pytest.mark.parametrize(
    ("references", "expected"),
    [
        (["refs/heads/main", "refs/heads/master"], "main"),
        (["refs/heads/master"], "master"),
        (["refs/remotes/origin/main", "refs/remotes/origin/master"], "main"),
        (["refs/remotes/origin/master"], "master"),
        (["refs/remotes/origin/HEAD", "refs/heads/main"], "HEAD"),
    ],
)
def test_the_default_branch(repo: Repo, references: list[str], expected: str) -> None:
    first = repo.commit({"a.py": "a\n"})
    repo.branch("topic")
    for reference in references:
        base = first if reference.endswith(expected) else repo.commit()
        repo.git("update-ref", reference, base)
    if "refs/heads/main" not in references:
        repo.git("branch", "-D", "main")
    repo.commit()

    assert git.work_tree(repo.root).base == first


def test_no_default_branch_is_misuse_that_says_what_to_do(repo: Repo) -> None:
    repo.commit()
    repo.git("branch", "-m", "trunk")

    with pytest.raises(Misuse, match=r"no origin/HEAD, main or master .* HEAD~3\.\."):
        git.work_tree(repo.root)


def test_branches_without_a_common_ancestor(repo: Repo) -> None:
    repo.commit()
    repo.git("checkout", "-q", "--orphan", "other")
    repo.commit({"a.py": "a\n"})

    with pytest.raises(Misuse, match=r"HEAD and main have no common ancestor: .* main\.\.HEAD"):
        git.work_tree(repo.root)


# Revisions


def test_ranges(repo: Repo) -> None:
    fork = repo.commit({"a.py": "a\n"})
    repo.branch("topic")
    topic = repo.commit({"b.py": "b\n"})
    repo.git("checkout", "-q", "main")
    main = repo.commit({"c.py": "c\n"})

    def ends(spec: str) -> tuple[str, str | None, set[str]]:
        source = git.revisions(repo.root, spec)
        return source.base, source.head, set(files(source))

    assert ends("main...topic") == (fork, topic, {"b.py"})
    assert ends("main..topic") == (main, topic, {"b.py", "c.py"})
    assert ends("topic..") == (topic, main, {"b.py", "c.py"})
    assert ends("..topic") == (main, topic, {"b.py", "c.py"})
    assert ends("topic...") == (fork, main, {"c.py"})
    assert ends("HEAD~1..") == (fork, main, {"c.py"})
    assert ends("topic") == (fork, topic, {"b.py"})
    assert ends(main[:10]) == (fork, main, {"c.py"})


def test_revisions_of_a_bare_repository(repo: Repo, tmp_path: Path) -> None:
    base = repo.commit({".gitattributes": "*.gen linguist-generated\n", "a.py": "a\n"})
    head = repo.commit({"a.py": "b\n"})
    bare = tmp_path / "bare.git"
    repo.git("clone", "-q", "--bare", str(repo.root), str(bare))

    for place in (bare, bare / "refs", repo.root / ".git"):
        assert git.toplevel(place) is None
        assert git.has_history(place)
        for spec in ("HEAD~1..HEAD", "HEAD~1...main", "HEAD"):
            with git.revisions(place, spec) as source:
                change = source.change()
                assert (change.base, change.head) == (base, head)
                assert [added(file) for file in change.files] == [["b"]]
                assert source.read("a.py", Side.OLD) == "a\n"
                assert source.attributes(["x.gen"]) == {"x.gen": {Reason.GENERATED: True}}


def test_a_root_commit_is_all_new(repo: Repo) -> None:
    root = repo.commit({"a.py": "a\n"})
    repo.commit({"b.py": "b\n"})

    source = git.revisions(repo.root, root)
    with source:
        assert {path: file.kind for path, file in files(source).items()} == {"a.py": Kind.ADDED}
        assert source.read("a.py", Side.OLD) is None


def test_a_merge_is_seen_from_its_first_parent(repo: Repo) -> None:
    repo.commit({"a.py": "a\n"})
    repo.branch("topic")
    repo.commit({"b.py": "b\n"})
    repo.git("checkout", "-q", "main")
    repo.commit({"c.py": "c\n"})
    repo.git("merge", "-q", "--no-edit", "topic")

    assert set(files(git.revisions(repo.root, "HEAD"))) == {"b.py"}


@pytest.mark.parametrize(
    ("spec", "named"),
    [
        ("nope", "'nope'"),
        ("main..nope", "'nope'"),
        ("nope...main", "'nope'"),
        ("--output=x", "'--output=x'"),
        ("--help..main", "'--help'"),
        ("-", "'-'"),
        ("HEAD:a.py", "'HEAD:a.py'"),
        ("HEAD^7", "'HEAD^7'"),
        ("a\0b", r"'a\x00b'"),
    ],
)
def test_an_unknown_revision_is_named_and_never_an_option(repo: Repo, spec: str, named: str) -> None:
    repo.commit({"a.py": "a\n"})

    with pytest.raises(Misuse, match=re.escape(f"git knows no commit {named} here")):
        git.revisions(repo.root, spec)
    assert not (repo.root / "x").exists()


def test_a_shallow_clone_says_how_to_deepen_it(repo: Repo, tmp_path: Path) -> None:
    fork = repo.commit({"a.py": "a\n"})
    repo.branch("topic")
    repo.commit({"b.py": "b\n"})
    repo.git("checkout", "-q", "main")
    repo.commit({"c.py": "c\n"})
    url = f"file://{repo.root}"
    clone = Repo(tmp_path / "clone")
    clone.git("fetch", "-q", "--depth=1", url, "main:refs/remotes/origin/main", "topic:refs/remotes/origin/topic")
    clone.git("checkout", "-q", "origin/topic")

    for spec in ("HEAD", "origin/main...HEAD", fork):
        with pytest.raises(Misuse, match=r"shallow.*git fetch --unshallow"):
            git.revisions(clone.root, spec)
    with pytest.raises(Misuse, match=r"where HEAD and origin/main part.*fetch-depth: 0"):
        git.work_tree(clone.root)
    assert set(files(git.revisions(clone.root, "origin/main..HEAD"))) == {"b.py", "c.py"}


# Nobody's configuration, environment or attributes change the diff


def test_configuration_does_not_change_the_diff(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(f"{number}\n" for number in range(40))
    repo.commit({"a.py": text, "old.py": text * 2, "sub/b.py": "b\n"})
    repo.commit({"a.py": text.replace("3\n", "drei\n"), "old.py": None, "new.py": text * 2, "sub/b.py": "\nB\n"})
    plain = files(git.revisions(repo.root, "HEAD"))
    assert plain["new.py"].kind is Kind.RENAMED
    (repo.root / "order").write_text("sub/*\n")
    (repo.root / ".git" / "hooks" / "post-index-change").write_text("#!/bin/sh\ntouch ran\n")
    (repo.root / ".git" / "hooks" / "post-index-change").chmod(0o755)
    for name, value in {
        "diff.noprefix": "true",
        "diff.mnemonicPrefix": "true",
        "diff.orderFile": "order",
        "diff.interHunkContext": "50",
        "diff.context": "0",
        "diff.renames": "false",
        "diff.renameLimit": "1",
        "diff.external": "touch ran",
        "diff.algorithm": "patience",
        "diff.suppressBlankEmpty": "true",
        "diff.relative": "true",
        "diff.submodule": "log",
        "diff.colorMoved": "zebra",
        "color.ui": "always",
        "core.pager": "touch ran",
        "core.quotePath": "false",
        "core.fsmonitor": "touch ran",
    }.items():
        repo.git("config", name, value)
    monkeypatch.setenv("GIT_DIFF_OPTS", "--unified=0")
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "touch ran")
    monkeypatch.setenv("GIT_GLOB_PATHSPECS", "1")

    assert files(git.revisions(repo.root, "HEAD")) == plain
    repo.put({"a.py": "\n"})
    assert set(files(git.work_tree(repo.root))) == {"a.py", "order"}
    assert not (repo.root / "ran").exists()


def test_textconv_and_filters_of_a_diff_driver_are_not_run(repo: Repo) -> None:
    repo.commit({".gitattributes": "*.x diff=conv\n", "a.x": "a\n"})
    repo.git("config", "diff.conv.textconv", "echo converted; touch ran; true")
    repo.git("config", "diff.conv.command", "touch ran; true")
    repo.commit({"a.x": "b\n"})

    assert added(files(git.revisions(repo.root, "HEAD"))["a.x"]) == ["b"]
    assert not (repo.root / "ran").exists()


def test_a_change_does_not_hide_a_file_by_calling_it_binary(repo: Repo) -> None:
    repo.commit({"a.py": "a\n", "b.dat": "b\n", ".gitattributes": "*.dat -diff\n"})
    repo.commit({"a.py": "evil\n", "b.dat": "c\n", ".gitattributes": "*.py -diff\n*.dat -diff\n"})

    changed = files(git.revisions(repo.root, "HEAD"))

    assert added(changed["a.py"]) == ["evil"]
    assert changed["b.dat"].binary, "the base may say so"


# Attributes


def test_attributes_are_those_of_the_base(repo: Repo) -> None:
    repo.commit({".gitattributes": "gen/** linguist-generated\n", "lib/.gitattributes": "* linguist-vendored=true\n"})
    repo.commit({".gitattributes": "* linguist-generated\n", "lib/.gitattributes": None})
    repo.put({".gitattributes": "*.py linguist-vendored\n"})

    with git.revisions(repo.root, "HEAD") as source:
        assert source.attributes(["gen/é x.py", "lib/y.py", "src/z.py", "/etc/x", "../x", ""]) == {
            "gen/é x.py": {Reason.GENERATED: True},
            "lib/y.py": {Reason.VENDORED: True},
        }
        assert source.attributes([]) == {}
    with git.work_tree(repo.root) as source:
        assert source.attributes(["src/z.py"]) == {"src/z.py": {Reason.GENERATED: True}}


def test_attributes_can_say_no(repo: Repo) -> None:
    repo.commit({".gitattributes": "a_pb2.py linguist-generated=false\nvendor/** -linguist-vendored\nx text\n"})

    with git.work_tree(repo.root) as source:
        assert source.attributes(["a_pb2.py", "vendor/a/b.go", "x"]) == {
            "a_pb2.py": {Reason.GENERATED: False},
            "vendor/a/b.go": {Reason.VENDORED: False},
        }


def test_without_attributes_nothing_is_said(repo: Repo) -> None:
    repo.commit({"a.py": "a\n"})

    with git.work_tree(repo.root) as source:
        assert source.attributes(["a.py"]) == {}


def test_no_filter_that_attributes_name_is_run(repo: Repo, tmp_path: Path) -> None:
    canary, trap = tmp_path / "canary", tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\necho ran >> {canary}\ncat\n")
    trap.chmod(0o755)
    repo.commit(
        {".gitattributes": "*.gen linguist-generated\n* filter=evil diff=evil\n", "lib/.gitattributes": "x y\n"}
    )
    repo.commit({"a.py": "a\n"})
    for name, value in {"filter.evil.smudge": trap, "diff.evil.textconv": trap, "filter.evil.required": "true"}.items():
        repo.git("config", name, str(value))

    with git.revisions(repo.root, "HEAD") as source:
        assert [file.path for file in source.change().files] == ["a.py"]
        assert source.attributes(["x.gen"]) == {"x.gen": {Reason.GENERATED: True}}
    assert not canary.exists()


def test_attributes_for_a_diff_from_elsewhere(repo: Repo) -> None:
    assert git.attributes(repo.root) is None
    repo.commit({".gitattributes": "*.gen linguist-generated\n"})

    attributes = git.attributes(repo.root)

    assert attributes is not None
    with attributes:
        assert attributes(["x.gen"]) == {"x.gen": {Reason.GENERATED: True}}


def test_nothing_is_left_behind(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    repo.commit({".gitattributes": "*.gen linguist-generated\n"})
    repo.commit({"a.gen": "a\n"})

    with git.revisions(repo.root, "HEAD") as source:
        assert [file.path for file in source.change().files] == ["a.gen"]
        assert source.attributes(["a.gen"])
        assert list(place.iterdir())
    assert not list(place.iterdir())
    files(git.work_tree(repo.root))
    assert not list(place.iterdir())


# Reading


def test_read_both_sides(repo: Repo) -> None:
    repo.commit({"a b/é.py": "old\n", "gone.py": "g\n", "latin.txt": b"caf\xe9\n"})
    repo.commit({"a b/é.py": "new\n", "gone.py": None})
    repo.put({"a b/é.py": "work tree\n"})

    with git.revisions(repo.root, "HEAD") as source:
        assert source.read("a b/é.py", Side.OLD) == "old\n"
        assert source.read("a b/é.py", Side.NEW) == "new\n"
        assert source.read("gone.py", Side.OLD) == "g\n"
        assert source.read("gone.py", Side.NEW) is None
        assert source.read("latin.txt", Side.NEW) == "caf\ufffd\n"
        for path in ("a b", "no\nsuch", "no\0such", "", "\ud800"):
            assert source.read(path, Side.NEW) is None
        assert source.read("a b/é.py", Side.NEW) == "new\n", "it goes on after what it does not have"
    with git.work_tree(repo.root) as source:
        assert source.read("a b/é.py", Side.OLD) == "new\n"
        assert source.read("a b/é.py", Side.NEW) == "work tree\n"


def test_too_large_to_read(repo: Repo) -> None:
    repo.commit({"big.txt": "x" * (MAX_BYTES + 1), "most.txt": "x" * MAX_BYTES})
    repo.commit()

    for source in (git.revisions(repo.root, "HEAD"), git.work_tree(repo.root)):
        with source:
            for side in Side:
                assert source.read("big.txt", side) is None
                assert source.read("most.txt", side) == "x" * MAX_BYTES


def test_the_work_tree_is_never_left(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"dir/a.py": "a\n"})
    (tmp_path / "secret").write_text("s\n")
    (repo.root / "link").symlink_to(tmp_path / "secret")
    (repo.root / "inside").symlink_to("dir")
    os.mkfifo(repo.root / "pipe")

    with git.work_tree(repo.root) as source:
        assert source.read("dir/a.py", Side.NEW) == "a\n"
        bad = ["link", "inside/a.py", "../secret", str(tmp_path / "secret"), "pipe", "dir", "", ".git/config", "x\0"]
        assert [source.read(path, Side.NEW) for path in bad] == [None] * len(bad)


def test_a_submodule_is_no_file(repo: Repo, tmp_path: Path) -> None:
    library = Repo(tmp_path / "library")
    library.commit({"x.py": "x\n"})
    repo.commit()
    repo.git("submodule", "add", "-q", str(library.root), "lib")
    repo.commit()

    with git.revisions(repo.root, "HEAD") as source:
        (_, module) = source.change().files
        assert (module.path, module.new_mode) == ("lib", "160000")
        assert source.read("lib", Side.NEW) is None
        assert source.read(".gitmodules", Side.NEW) is not None


def test_many_threads_read_at_once(repo: Repo) -> None:
    repo.commit({f"{number}.txt": f"{number}\n" * 1_000 for number in range(20)})

    with git.work_tree(repo.root) as source, ThreadPoolExecutor(8) as pool:
        names = [f"{number % 20}.txt" for number in range(200)]
        texts = pool.map(lambda name: source.read(name, Side.OLD), names)
        assert [text and text.split("\n")[0] + ".txt" for text in texts] == names


def test_a_git_that_died_is_started_again(repo: Repo) -> None:
    repo.commit({"a.py": "a\n"})

    with git.work_tree(repo.root) as source:
        assert source.read("a.py", Side.OLD) == "a\n"
        process = source.blobs._process
        assert process is not None
        process.kill()
        process.wait()
        assert source.read("a.py", Side.OLD) is None
        assert source.read("a.py", Side.OLD) == "a\n"
        source.close()
        assert source.read("a.py", Side.OLD) == "a\n"


# Where there is no repository, and no git


def test_the_top_folder(repo: Repo, tmp_path: Path) -> None:
    (repo.root / "a" / "b").mkdir(parents=True)

    assert git.toplevel(repo.root / "a" / "b") == repo.root
    assert git.toplevel(tmp_path) is None
    assert not git.has_history(tmp_path)
    assert git.toplevel(repo.root / ".git") is None


def test_a_repository_git_refuses_is_misuse_with_its_words(repo: Repo) -> None:
    (repo.root / ".git" / "config").write_text("[core\n")

    with pytest.raises(Misuse, match="git: bad config line 1"):
        git.toplevel(repo.root)


def test_what_git_cannot_do_is_misuse_with_its_words(repo: Repo) -> None:
    with pytest.raises(Misuse, match=r"git: Not a valid object name nope"):
        Git(repo.root).run("cat-file", "-t", "nope")


def test_without_git_it_says_so(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repo.root))

    with pytest.raises(Misuse, match="git is not installed"):
        git.toplevel(repo.root)


def test_a_folder_that_is_gone_is_not_taken_for_a_missing_git(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        git.toplevel(tmp_path / "gone")


def test_inside_a_hook_and_in_a_linked_work_tree(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit({".gitattributes": "*.gen linguist-generated\n"})
    repo.git("worktree", "add", "-q", "-b", "topic", str(tmp_path / "linked"))
    linked = tmp_path / "linked"
    (linked / "a.py").write_text("a\n")

    with git.work_tree(linked) as source:
        assert [file.path for file in source.change().files] == ["a.py"]
        assert source.attributes(["x.gen"])

    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    repo.put({"b.py": "b\n"})
    with git.work_tree(repo.root) as source:
        assert [file.path for file in source.change().files] == ["b.py"]
        assert source.attributes(["x.gen"])
        assert source.read(".gitattributes", Side.OLD)
