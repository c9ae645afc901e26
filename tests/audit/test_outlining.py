"""Looking things up in other processes: what they say, and what becomes of an audit when one of them ends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from processes import git, repository

from reviewer.audit import outliners as pool
from reviewer.audit import outlining
from reviewer.audit.outliners import MAX_DEATHS, Outliners
from reviewer.change.chunks import halve
from reviewer.change.pieces import Chunk, Piece
from reviewer.context.outline import Outline, outline
from reviewer.sources import tree as trees
from reviewer.text.redact import Redactor
from reviewer.text.show import Show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.sources.tree import Tree

FILES = {
    "lib/cart.py": "class Cart:\n    def total(self, rate):\n        '''With tax.'''\n        return rate\n",
    "lib/pay.py": "def charge(amount):\n    return amount\n",
    "app/shop.py": "from lib.cart import Cart\nfrom lib.pay import charge\n\ndef sell():\n    charge(Cart().total(2))",
    "app/ünï.py": "from lib.pay import charge\n\n\ndef give():\n    charge(0)\n",
}
LOST = (pool.LOST,)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return repository(tmp_path / "shop", FILES)


@pytest.fixture
def tree(root: Path) -> Iterator[Tree]:
    with trees.opened(root, None) as found:
        yield found


def chunk(tree: Tree, *paths: str) -> Chunk:
    files = [file for file in tree.change().files if file.path in paths]
    return Chunk(tuple(Piece(file, each, each.lines, each_shown(each)) for file in files for each in file.hunks), 0)


def each_shown(hunk: object) -> tuple[str, ...]:
    return tuple(line.text for line in getattr(hunk, "lines", ()))


def here(tree: Tree, asked: Chunk) -> Outline:
    """As a review looks it up."""
    return outline(asked, tree.snapshot(), Show(Redactor(())))


def children(process: int | None = None) -> list[int]:
    """Of this process or another one: those that look things up."""
    found = []
    for task in Path(f"/proc/{process or os.getpid()}/task").iterdir():
        found += [int(each) for each in (task / "children").read_text().split()]
    return [each for each in found if "outlining" in Path(f"/proc/{each}/cmdline").read_text()]


def is_there(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(process: int) -> bool:
    """Within some seconds."""
    for _ in range(600):
        if not is_there(process):
            return True
        time.sleep(0.05)
    return False


def test_it_says_what_a_review_would_be_told(tree: Tree) -> None:
    both = chunk(tree, "app/shop.py", "app/ünï.py")
    halves = halve(both)
    assert halves is not None
    with closing(Outliners(tree, 2)) as outliners:
        outliners.begin()
        outliners.begin()
        assert len(children()) == 1 or outliners._all[0].ready
        while not all(each.ready for each in outliners._all):
            time.sleep(0.01)
        assert len(children()) == 2
        for asked in (both, *halves, chunk(tree, "lib/pay.py")):
            assert outliners.outline(asked) == here(tree, asked)
        told = outliners.outline(both)
    assert [item.where for item in told.items] == ["lib/cart.py", "lib/pay.py:1"]
    assert children() == []


def test_as_a_commit_has_it_in_a_bare_repository_too(root: Path, tmp_path: Path) -> None:
    head = git(root, "rev-parse", "HEAD")
    git(tmp_path, "clone", "-q", "--bare", str(root), "bare.git")
    (root / "lib/pay.py").write_text("def other(): pass\n")
    for place in (root, tmp_path / "bare.git"):
        with trees.opened(place, head) as tree, closing(Outliners(tree, 1)) as outliners:
            told = outliners.outline(chunk(tree, "app/ünï.py"))
        assert [item.where for item in told.items] == ["lib/pay.py:1"]


def test_in_a_plain_folder(root: Path, tmp_path: Path) -> None:
    (root / ".git").rename(tmp_path / "aside")
    with trees.folder(root) as tree, closing(Outliners(tree, 1)) as outliners:
        told = outliners.outline(chunk(tree, "app/ünï.py"))
        assert told == here(tree, chunk(tree, "app/ünï.py"))
    assert [item.where for item in told.items] == ["lib/pay.py:1"]


def test_what_has_gone_since_is_told_nothing_of(root: Path, tree: Tree) -> None:
    asked = chunk(tree, "app/ünï.py")
    (root / "app/ünï.py").unlink()
    with closing(Outliners(tree, 1)) as outliners:
        assert outliners.outline(asked) == Outline(())


def test_one_that_ends_is_started_anew(tree: Tree) -> None:
    asked = chunk(tree, "app/shop.py")
    with closing(Outliners(tree, 1)) as outliners:
        whole = outliners.outline(asked)
        for _ in range(MAX_DEATHS):
            (child,) = children()
            os.kill(child, signal.SIGKILL)
            assert gone(child)
            while outliners._all[0]._running is not None:
                time.sleep(0.01)
            told = outliners.outline(asked)
        assert told == Outline((), LOST)  # it has ended too often
        assert children() == []
    assert whole.items


def test_who_is_held_up_goes_without_and_the_others_do_not(tree: Tree) -> None:
    asked = chunk(tree, "app/shop.py")
    with closing(Outliners(tree, 1, patience=1.0)) as outliners:
        outliners.begin()
        (child,) = children()
        os.kill(child, signal.SIGSTOP)
        process = outliners._all[0]
        first, second = (process.ask(outlining.question(asked)) for _ in range(2))
        assert outliners.outline(asked) == Outline((), LOST)
        assert first.answer.result(60) == Outline((), LOST)
        assert second.answer.result(60) == here(tree, asked)


def test_whoever_was_late_with_one_does_not_end_the_next(tree: Tree) -> None:
    asked = chunk(tree, "app/shop.py")
    with closing(Outliners(tree, 1, patience=1.0)) as outliners, ThreadPoolExecutor(6) as threads:
        outliners.begin()
        (child,) = children()
        os.kill(child, signal.SIGSTOP)
        told = []
        for _ in range(6):
            told.append(threads.submit(outliners.outline, asked))
            time.sleep(0.05)
        assert {each.result(60) for each in told} <= {Outline((), LOST), here(tree, asked)}
        assert outliners._all[0]._deaths == 1
        assert outliners._all[0].ask(outlining.question(asked)).answer.result(60) == here(tree, asked)


def test_it_may_be_asked_just_when_it_ends(tree: Tree) -> None:
    asked = chunk(tree, "app/shop.py")
    with closing(Outliners(tree, 1)) as outliners, ThreadPoolExecutor(8) as threads:
        outliners.begin()
        process = outliners._all[0]
        running = process._running
        assert running is not None
        with process._lock:  # they wait for it, and then comes who listens
            told = [threads.submit(outliners.outline, asked) for _ in range(8)]
            while threads._work_queue.qsize():
                time.sleep(0.01)
            time.sleep(0.1)
            running.kill()
            while not (running.stdin and running.stdin.closed):
                time.sleep(0.01)
        found = [each.result(60) for each in told]
    assert {*found} <= {here(tree, asked), Outline((), LOST)}


def test_the_next_may_end_while_it_is_asked_again(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(Outliners(tree, 1)) as outliners:
        outliners.begin()
        (child,) = children()
        os.kill(child, signal.SIGSTOP)
        told = [outliners._all[0].ask(b"[]\n") for _ in range(10_000)]
        monkeypatch.setattr(sys, "executable", shutil.which("false"))
        os.kill(child, signal.SIGKILL)
        for each in told:
            assert each.answer.result(60) == Outline((), LOST)


def test_why_a_tree_cannot_be_opened(root: Path, tree: Tree, tmp_path: Path) -> None:
    asked = chunk(tree, "app/shop.py")
    (root / ".git").rename(tmp_path / "aside")
    with closing(Outliners(tree, 1)) as outliners:
        for _ in range(MAX_DEATHS + 1):
            told = outliners.outline(asked)
            assert told.items == ()
            assert told.capped[0].startswith(f"{pool.UNKNOWN}: git: not a git repository")


def test_an_error_of_its_own_is_named_and_not_quoted(tree: Tree) -> None:
    with closing(Outliners(tree, 1)) as outliners:
        told = outliners._all[0].ask(b"no line of secret JSON\n").answer.result(60)
        assert told == Outline((), (f"{pool.UNKNOWN}: the reviewer met an error of its own (JSONDecodeError)",))
        assert outliners.outline(chunk(tree, "app/shop.py")).items


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_what_git_reads_for_sudo_s_user_is_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for each in (root, *root.rglob("*")):
        os.chown(each, 12345, 12345)
    monkeypatch.setenv("SUDO_UID", "12345")
    with trees.opened(root, None) as tree, closing(Outliners(tree, 1)) as outliners:
        assert outliners.outline(chunk(tree, "app/shop.py")).items


def test_nothing_can_be_started(root: Path, tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(root / "nothing"))
    with closing(Outliners(tree, 1)) as outliners:
        told = outliners.outline(chunk(tree, "app/shop.py"))
    assert told == Outline((), (f"{pool.UNKNOWN}: no process could be started (No such file or directory)",))


def test_it_is_told_no_key_and_loads_nothing_from_where_we_are(
    tree: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = tmp_path / "hostile"
    for name in ("json.py", "reviewer/__init__.py", "sqlite3/__init__.py"):
        (hostile / name).parent.mkdir(parents=True, exist_ok=True)
        (hostile / name).write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    monkeypatch.chdir(hostile)
    monkeypatch.setenv("SEGMIND_API_KEY", "sg-0123456789")
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_0123456789")
    monkeypatch.setenv("GIT_TOKEN", "ghp_0123456789")
    with closing(Outliners(tree, 1)) as outliners:
        assert outliners.outline(chunk(tree, "app/shop.py")).items
        (child,) = children()
        environment = Path(f"/proc/{child}/environ").read_text()
    assert "0123456789" not in environment
    assert not (tmp_path / "ran").exists()


def test_it_ends_with_who_started_it(root: Path) -> None:
    program = (
        "import time; from pathlib import Path; from reviewer.audit.outliners import Outliners\n"
        "from reviewer.sources.tree import opened\n"
        f"made = Outliners(opened(Path({str(root)!r}), None), 1)\n"
        "made.begin(); print('begun', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "begun\n"
        (child,) = children(parent.pid)
        parent.kill()
    assert gone(child)


def test_the_lines_it_reads_and_writes(tree: Tree, tmp_path: Path) -> None:
    question = outlining.question(chunk(tree, "app/shop.py"))
    place = outlining.place(tree)
    (tmp_path / "asked").write_bytes(place + question + question)
    (tmp_path / "empty").touch()
    answers = tmp_path / "told"
    for name in ("asked", "empty"):
        with (tmp_path / name).open("rb") as asked, answers.open("ab") as told:
            outlining.main(asked, told)
    ready, first, second = answers.read_bytes().splitlines()
    assert (ready, first) == (b"ready", second)
    assert outlining.answer(first) == here(tree, chunk(tree, "app/shop.py"))


def test_as_many_as_there_are_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    for cores, count in ((None, 1), (1, 1), (2, 2), (64, pool.MOST)):
        monkeypatch.setattr(os, "cpu_count", partial(lambda cores: cores, cores))
        assert pool.workers() == count
