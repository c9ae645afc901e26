"""A pull request and the files of its base, read from GitHub."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import hub as hubs
import pytest

from reviewer.errors import Misuse
from reviewer.github import pull
from reviewer.github.blobs import BATCH, SMALL_BATCH, Blobs
from reviewer.github.client import GitHubError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fake_github import Exchange
    from hub import Hub

CONFIG = ".github/reviewer.toml"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with hubs.opened(tmp_path / "shop") as hub:
        hub.commit({"a.py": "a\n", CONFIG: "language = 'English'\n", "logo.png": b"\x89PNG\0"}, "main")
        yield hub


def is_graphql(exchange: Exchange) -> bool:
    return exchange.is_graphql


def test_everything_a_review_wants_to_know(hub: Hub) -> None:
    head = hub.commit({"a.py": "b\nc\n", "b.py": "b\n"}, "topic")
    hub.opened(title="Böse `title`")
    read = hub.read()
    assert read == pull.PullRequest(
        repository="octo/shop", number=1, title="Böse `title`", body="", author="ada", state="open", draft=False,
        head=head, base=hub.git("rev-parse", "main"), head_ref="topic", base_ref="main", fork=False,
        changed_files=2, additions=3, deletions=1,
    )  # fmt: skip
    assert read.path == "/repos/octo/shop/pulls/1"
    assert pull.wanted_commits(read) == (read.base, head)
    hub.fake.assert_conforming()


def test_a_fork_is_one_even_when_it_was_deleted(hub: Hub) -> None:
    hub.commit({}, "topic")
    hub.opened(author="eve", fork=True)
    client = hub.client()
    assert hub.read(client).fork
    _, data = client.rest("GET", "/repos/octo/shop/pulls/1")
    data |= {"user": None, "body": None, "title": None, "state": "closed"}
    data["head"]["repo"] = None
    hub.fake.fail(lambda _: True, 200, body=data)
    read = hub.read(client)
    assert (read.fork, read.author, read.body, read.title, read.state) == (True, "ghost", "", "", "closed")


def test_a_renamed_repository_goes_by_its_present_name(hub: Hub) -> None:
    hub.commit({}, "topic")
    hub.opened()
    where = f"{hub.fake.api_url}/repos/octo/shop/pulls/1"
    hub.fake.fail(lambda it: "/old/" in it.path, 301, headers={"Location": where}, body={})
    assert pull.read(hub.client(), "octo/old", 1).repository == "octo/shop"


def test_what_is_not_there_is_the_callers_mistake(hub: Hub) -> None:
    with pytest.raises(Misuse, match=r"no pull request octo/shop#1 that this token can see"):
        hub.read()
    hub.fake.fail(lambda _: True, 401, body={"message": "Bad credentials"})
    with pytest.raises(GitHubError, match="does not accept the token"):
        hub.read()


@pytest.mark.parametrize("body", [{}, [], {"head": {"repo": None}, "base": {"repo": None}}])
def test_a_description_that_is_none_is_an_error(hub: Hub, body: Any) -> None:
    hub.fake.fail(lambda _: True, 200, body=body)
    with pytest.raises(GitHubError, match="describes octo/shop#1 without") as caught:
        hub.read()
    assert caught.value.kind == "server"


def test_the_merge_base_is_where_the_head_left(hub: Hub) -> None:
    parted = hub.git("rev-parse", "main")
    hub.commit({"b.py": "b\n"}, "topic")
    hub.commit({"c.py": "c\n"}, "main")
    hub.opened()
    client = hub.client()
    read = hub.read(client)
    assert read.base != parted
    assert pull.merge_base(client, read)[0] == parted
    assert hub.fake.traffic[-1].response["files"] == [], "no patch is sent along"
    hub.fake.assert_conforming()


def test_where_github_cannot_tell_the_merge_base_is_null(hub: Hub) -> None:
    hub.commit({}, "topic")
    hub.opened()
    client = hub.client()
    read = hub.read(client)
    for status, body in ((404, {}), (200, []), (200, {"merge_base_commit": None}), (200, {"merge_base_commit": {}})):
        hub.fake.fail(lambda it: "/compare/" in it.path, status, body=body)
        assert pull.merge_base(client, read)[0] is None
    hub.fake.fail(lambda it: "/compare/" in it.path, 403, body={})
    with pytest.raises(GitHubError):
        pull.merge_base(client, read)[0]


def test_the_base_has_the_settings_whatever_the_head_says(hub: Hub) -> None:
    hub.commit({CONFIG: "language = 'Klingon'\n", "new.toml": "x"}, "topic")
    hub.opened()
    client = hub.client()
    read = hub.read(client)
    assert pull.base_file(client, read, CONFIG) == "language = 'English'\n"
    assert pull.base_file(client, read, "new.toml") is None
    assert pull.base_file(client, read, ".github") is None, "a folder is no file"
    with pytest.raises(Misuse, match=r"logo\.png on main is binary or too large"):
        pull.base_file(client, read, "logo.png")
    assert client.requests == 5
    hub.fake.assert_conforming()


def test_settings_that_cannot_be_had_are_not_taken_for_none(hub: Hub) -> None:
    hub.commit({}, "topic")
    hub.opened()
    read = hub.read()
    hub.fake.fail(is_graphql, 403, body={"message": "Resource not accessible by integration"})
    with pytest.raises(GitHubError, match="contents: read"):
        pull.base_file(hub.client(), read, CONFIG)


def test_a_file_that_github_cuts_is_not_taken_for_a_whole_one(hub: Hub) -> None:
    hub.fake.limits.blob_text_bytes = 100
    head = hub.commit({"long.txt": "x" * 200, "short.txt": "\ufeffx", "odd.txt": b"caf\xe9" * 20}, "topic")
    hub.opened()
    blobs = Blobs(hub.client(), "octo/shop", 1)
    blobs.fetch([(head, "long.txt"), (head, "short.txt"), (head, "odd.txt"), (head, "nowhere")])
    long, short, odd = (blobs.get(head, name) for name in ("long.txt", "short.txt", "odd.txt"))
    assert long is not None
    assert long.text is None
    assert short is not None
    assert short.text == "\ufeffx"
    assert odd is not None
    assert odd.text is not None
    assert blobs.get(head, "nowhere") is None
    assert blobs.head == head


def test_names_never_become_part_of_the_query(hub: Hub) -> None:
    names = ['q"uote.py', "{brace}.py", "co:lon.py", "ünï.py", "a b$c.py", "at@{0}.py"]
    head = hub.commit({name: name for name in names}, "topic")
    hub.opened()
    blobs = Blobs(hub.client(), "octo/shop", 1)
    blobs.fetch([(head, name) for name in names])
    found = [blobs.get(head, name) for name in names]
    assert [blob and blob.text for blob in found] == names
    hub.fake.assert_conforming()


def test_a_batch_is_filled_and_nothing_is_asked_twice(hub: Hub) -> None:
    head = hub.commit({f"{number}.py": "x" for number in range(BATCH + 9)}, "topic")
    hub.opened()
    names = [(head, f"{number}.py") for number in range(BATCH + 9)]
    client = hub.client()
    blobs = Blobs(client, "octo/shop", 1)
    blobs.fetch(names[:3], names)
    assert client.requests == 1
    assert [blobs.knows(name) for name in names] == [True] * BATCH + [False] * 9
    blobs.fetch(names[:50], names)
    assert client.requests == 1
    assert blobs.head is None, "nothing was asked"
    blobs.fetch(names)
    assert client.requests == 2
    Blobs(client, "octo/shop", 1).fetch(names)
    assert client.requests == 4


def test_a_batch_that_is_too_much_is_made_smaller_once(hub: Hub) -> None:
    head = hub.commit({f"{number}.py": "x" for number in range(30)}, "topic")
    hub.opened()
    names = [(head, f"{number}.py") for number in range(30)]
    client = hub.client()
    blobs = Blobs(client, "octo/shop", 1)
    hub.fake.fail(is_graphql, 502, times=3)
    blobs.fetch(names)
    assert all(map(blobs.knows, names))
    assert client.requests == 3 + 30 // SMALL_BATCH
    hub.fake.fail(is_graphql, 502, times=99)
    with pytest.raises(GitHubError):
        blobs.fetch([(head, "other.py")])
