"""The repository's own rule packs, read from a commit, the work tree and GitHub: the same files from each."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import hub as hubs
import pytest
from processes import commit, repository
from processes import git as run_git

from reviewer.errors import Misuse
from reviewer.github.client import GitHubError
from reviewer.rules import own
from reviewer.sources import git
from reviewer.sources.pull import PullSource

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fake_github import Exchange
    from hub import Hub

F = own.FOLDER
CONFIG = ".github/reviewer.toml"
BASE: dict[str, str | bytes | None] = {
    f"{F}/money.md": "é base",
    f"{F}/big.md": "x" * (own.MAX_BYTES + 1),
    f"{F}/full.md": "x" * own.MAX_BYTES,
    f"{F}/binary.md": b"a\0b",
    f"{F}/README.md": "why",
    f"{F}/notes.txt": "no pack",
    f"{F}/deeper/x.md": "no pack",
    f"{F}/folder.md/x.md": "no pack",
    "elsewhere.md": "no pack",
    CONFIG: "",
}
AT_BASE = {
    f"{F}/binary.md": None,
    f"{F}/big.md": None,
    f"{F}/folder.md": None,
    f"{F}/full.md": "x" * own.MAX_BYTES,
    f"{F}/link.md": None,
    f"{F}/money.md": "é base",
}


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """A pull request whose head brings packs of its own, changes one and deletes another."""
    with hubs.opened(tmp_path / "shop") as hub:
        (hub.root / F).mkdir(parents=True)
        (hub.root / F / "link.md").symlink_to("../../../elsewhere.md")
        hub.commit(BASE, "main")
        hub.commit({f"{F}/money.md": "head", f"{F}/mine.md": "head", f"{F}/full.md": None, "a.py": "a\n"}, "topic")
        hub.opened()
        yield hub


def from_github(hub: Hub, *wanted: str) -> PullSource:
    client = hub.client()
    return PullSource(client, hub.read(client), wanted=wanted)


def graphql(hub: Hub) -> list[Exchange]:
    return [each for each in hub.fake.traffic if each.is_graphql]


def test_a_range_has_those_of_its_base(hub: Hub) -> None:
    with git.revisions(hub.root, "main...topic") as source:
        assert dict(source.rule_files()) == AT_BASE
    with git.revisions(hub.root, "topic") as source:
        assert dict(source.rule_files()) == AT_BASE
        assert source.head
        assert dict(source.rule_files(source.head))[f"{F}/mine.md"] == "head"


def test_a_bare_repository_has_them_too(hub: Hub, tmp_path: Path) -> None:
    run_git(tmp_path, "clone", "-q", "--bare", str(hub.root), "bare")
    with git.revisions(tmp_path / "bare", "main...topic") as source:
        assert dict(source.rule_files()) == AT_BASE


def test_the_work_tree_has_those_that_lie_there(hub: Hub) -> None:
    hub.git("checkout", "-q", "main")
    (hub.root / F / "new.md").write_text("untracked")
    expected = {**AT_BASE, f"{F}/new.md": "untracked"}
    with git.work_tree(hub.root) as source:
        assert dict(source.rule_files()) == expected
        assert [path for path, _ in source.rule_files()] == sorted(expected)
    with git.staged(hub.root) as source:
        assert dict(source.rule_files()) == expected


def test_a_folder_that_is_a_symlink_is_not_followed(hub: Hub, tmp_path: Path) -> None:
    hub.git("checkout", "-q", "main")
    (hub.root / F).rename(tmp_path / "rules")
    (hub.root / F).symlink_to(tmp_path / "rules")
    with git.work_tree(hub.root) as source:
        texts = dict(source.rule_files())
    assert set(texts.values()) == {None}
    with pytest.raises(Misuse, match="no symlink"):
        own.collect(texts.items())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list every folder")
def test_a_folder_that_may_not_be_listed_is_named(hub: Hub) -> None:
    (hub.root / F).chmod(0)
    with git.work_tree(hub.root) as source, pytest.raises(Misuse, match="cannot be read"):
        list(source.rule_files())
    (hub.root / F).chmod(0o700)


def test_no_folder_no_packs(tmp_path: Path) -> None:
    root = repository(tmp_path / "shop", {"a.py": "a\n"})
    commit(root, {"a.py": "b\n"})
    with git.work_tree(root) as source:
        assert list(source.rule_files()) == []
    with git.revisions(root, "HEAD") as source:
        assert list(source.rule_files()) == []


@pytest.mark.parametrize("wanted", [(CONFIG,), ()])
def test_a_pull_request_has_those_of_its_base(hub: Hub, wanted: tuple[str, ...]) -> None:
    source = from_github(hub, *wanted)
    source.change()
    hub.fake.forget_traffic()
    assert dict(source.rule_files()) == AT_BASE
    assert len(graphql(hub)) == (1 if wanted else 2)  # announced, the listing came along with the change
    assert dict(source.rule_files()) == AT_BASE
    assert len(graphql(hub)) == (1 if wanted else 2)
    hub.fake.assert_conforming()


def test_where_there_are_none_nothing_more_is_asked(tmp_path: Path) -> None:
    with hubs.opened(tmp_path / "shop") as hub:
        hub.commit({"a.py": "a\n", F: "a file"}, "main")
        hub.commit({"a.py": "b\n"}, "topic")
        hub.opened()
        source = from_github(hub, CONFIG)
        source.change()
        hub.fake.forget_traffic()
        assert source.rule_files() == []
        assert hub.fake.traffic == []


def test_large_and_other_files_are_not_fetched(hub: Hub) -> None:
    source = from_github(hub, CONFIG)
    source.change()
    hub.fake.forget_traffic()
    source.rule_files()
    (asked,) = graphql(hub)
    assert asked.body is not None
    fetched = {value.split(":", 1)[1] for name, value in asked.body["variables"].items() if name.startswith("e")}
    assert f"{F}/binary.md" in fetched  # money.md and full.md came along, for the change touches them
    assert not fetched & {f"{F}/big.md", f"{F}/link.md", f"{F}/README.md", f"{F}/folder.md", f"{F}/notes.txt"}


@pytest.mark.parametrize("place", ["commit", "work tree", "github"])
def test_one_too_many_is_enough_to_know(tmp_path: Path, place: str) -> None:
    with hubs.opened(tmp_path / "shop") as hub:
        hub.commit({f"{F}/p{number:03}.md": "x" for number in range(own.MAX_FILES + 20)}, "main")
        hub.commit({"a.py": "b\n"}, "topic")
        hub.opened()
        if place == "github":
            files = from_github(hub).rule_files()
        else:
            with git.work_tree(hub.root) if place == "work tree" else git.revisions(hub.root, "main..topic") as source:
                files = list(source.rule_files())
    assert len(files) == own.MAX_FILES + 1


def test_in_doubt_there_is_no_answer(hub: Hub) -> None:
    """A review without the team's rules would look like one with them."""
    source = from_github(hub, CONFIG)
    hub.fake.fail(lambda each: each.is_graphql, 500, times=100)
    with pytest.raises(GitHubError):
        source.rule_files()


def test_what_is_in_the_work_tree_for_git(hub: Hub) -> None:
    hub.git("checkout", "-q", "main")
    (hub.root / "é new.py").write_text("n")
    (hub.root / ".gitignore").write_text("*.log\n")
    (hub.root / "x.log").write_text("ignored")
    assert {"elsewhere.md", "é new.py", ".gitignore"} <= set(git.present(hub.root))
    assert "x.log" not in git.present(hub.root)
