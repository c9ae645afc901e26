"""The base's files, from wherever a change comes: a head cannot bring its own guides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import hub as hubs
import pytest
from processes import commit, git, repository

from reviewer.commands import hub as commands
from reviewer.context.guides import AT_ROOT, Shelf, candidates, folders_of
from reviewer.sources import basetexts
from reviewer.sources import git as sources
from reviewer.sources.blobs import MAX_BYTES
from reviewer.sources.patch import Patch
from reviewer.sources.pull import PullSource

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fake_github import Exchange
    from hub import Hub

    from reviewer.sources.git import Repository

GUIDE = "AGENTS.md"
PATCH = Patch(b"--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-a\n+b\n", "change.diff")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The base says one thing, the topic another, the index a third and the work tree a fourth."""
    made = repository(tmp_path / "repo", {GUIDE: "base\n", "src/a.py": "a\n"})
    git(made, "checkout", "-q", "-b", "topic")
    commit(made, {GUIDE: "topic\n", "src/AGENTS.md": "new\n"})
    (made / GUIDE).write_text("index\n")
    git(made, "add", "-A")
    (made / GUIDE).write_text("work tree\n")
    return made


def read(source: Repository | Patch, root: Path | None, *names: str) -> object:
    with source, basetexts.opened(source, root) as found:
        return found and found(names or (GUIDE, "src/AGENTS.md"))


def test_a_change_is_held_against_what_the_base_says(root: Path) -> None:
    assert read(sources.revisions(root, "main...topic"), root) == {GUIDE: "base\n"}
    assert read(sources.work_tree(root), root) == {GUIDE: "base\n"}
    assert read(sources.staged(root), root) == {GUIDE: "topic\n", "src/AGENTS.md": "new\n"}
    assert read(PATCH, root) == {GUIDE: "topic\n", "src/AGENTS.md": "new\n"}


def test_a_bare_repository_has_a_base_too(root: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(root), "bare.git")
    bare = tmp_path / "bare.git"
    assert read(sources.revisions(bare, "main...topic"), None) == {GUIDE: "base\n"}


def test_where_there_is_no_base_there_are_no_guides(tmp_path: Path) -> None:
    assert read(PATCH, None) is None
    empty = repository(tmp_path / "empty", {})
    git(empty, "checkout", "-q", "--orphan", "none")
    (empty / GUIDE).write_text("work tree\n")
    assert read(PATCH, empty) is None
    assert read(sources.work_tree(empty), empty) == {}
    assert read(sources.revisions(empty, "main"), empty) == {}


def test_odd_bytes_large_files_and_links(tmp_path: Path) -> None:
    root = repository(tmp_path / "repo", {"AGENTS.md": "x" * (MAX_BYTES + 1), "docs/guide.md": "Say so.\n"})
    (root / "REVIEW.md").write_bytes(b"caf\xe9 \xff\n")
    (root / "CLAUDE.md").symlink_to("docs/guide.md")
    (root / "src").mkdir()
    (root / "src" / "AGENTS.md").symlink_to("../CLAUDE.md")
    (root / "CONTRIBUTING.md").mkdir()
    (root / "CONTRIBUTING.md" / "x").write_text("x")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "x")
    commit(root, {"src/a.py": "a\n"})
    with sources.revisions(root, "HEAD") as source, basetexts.opened(source, root) as found:
        assert found is not None
        told = Shelf(found, list).guides(["src/a.py"], 2000)
    assert {item.where: item.text for item in told.items} == {"REVIEW.md": "caf\ufffd \ufffd", "CLAUDE.md": "Say so."}
    assert told.silent == ("src/AGENTS.md",), "a chain of links is not followed"


# Of a pull request


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with hubs.opened(tmp_path / "shop") as hub:
        hub.commit({GUIDE: "old base\n", "src/a.py": "a\n"}, "main")
        hub.commit({GUIDE: "head\n", "src/a.py": "b\n", "src/AGENTS.md": "head\n"}, "topic")
        hub.commit({GUIDE: "base\n"}, "main")
        hub.opened()
        yield hub
        hub.fake.assert_conforming()


def is_graphql(exchange: Exchange) -> bool:
    return exchange.is_graphql


@pytest.mark.parametrize("checkout", [True, False])
def test_the_tip_of_the_base_counts_as_it_does_for_settings(hub: Hub, checkout: bool, tmp_path: Path) -> None:
    client = hub.client()
    request = hub.read(client)
    place = commands.source(client, request, hub.root if checkout else tmp_path)
    assert isinstance(place, PullSource) is not checkout
    with place:
        change = place.change()
        before = client.requests
        shelf = Shelf(basetexts.of_pull(place, request.base), list)
        told = shelf.guides([file.path for file in change.files], 2000)
    assert [(item.where, item.text) for item in told.items] == [(GUIDE, "base")]
    assert client.requests == before, "they came along"


def test_more_than_come_along_are_few_requests(hub: Hub, tmp_path: Path) -> None:
    folders = [f"m{number}/sub" for number in range(30)]
    hub.commit({f"{folder}/a.py": "a\n" for folder in folders} | {"m7/AGENTS.md": "seven\n"}, "main")
    hub.git("checkout", "-q", "topic")
    hub.git("merge", "-q", "--no-edit", "-X", "ours", "main")
    hub.commit({f"{folder}/a.py": "b\n" for folder in folders}, "topic")
    client = hub.client()
    request = hub.read(client)
    with commands.source(client, request, tmp_path) as place:
        assert isinstance(place, PullSource)
        paths = [file.path for file in place.change().files]
        before = client.requests
        told = Shelf(basetexts.of_pull(place, request.base), list).guides(paths, 2000)
    assert [item.where for item in told.items] == ["m7/AGENTS.md", GUIDE]
    names = len(candidates(folders_of(paths)))
    assert client.requests - before <= -(-names // 100)


def test_a_github_that_hands_out_no_files_is_named(hub: Hub) -> None:
    client = hub.client()
    request = hub.read(client)
    place = PullSource(client, request)
    hub.fake.fail(is_graphql, 403, body={"message": "Resource not accessible by integration"}, times=9)
    assert place.at_tip(AT_ROOT) is None
    assert Shelf(place.at_tip, list).guides(["a.py"], 2000).trimmed == ("those of the base, which could not be read",)
