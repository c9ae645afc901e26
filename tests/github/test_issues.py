"""The one issue of ours on a GitHub on loopback: found by author and marker, each thing written once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import hub as hubs
import pytest
from publishing import to

from reviewer.github.attempts import MOST
from reviewer.github.failures import GitHubError
from reviewer.github.issues import RECENT, Edition, Found, find, publish

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fake_github import Exchange
    from hub import Hub

    from reviewer.github.client import Client

BOT = "github-actions[bot]"
MARK = "<!-- ours -->"
WORDS = f"two\n{MARK}"
OPEN = Edition("Findings", WORDS, is_open=True)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with hubs.opened(tmp_path / "shop") as hub:
        hub.commit({"a.py": "a = 1\n"}, "main")
        yield hub
        hub.fake.assert_conforming()


def is_ours(body: str) -> bool:
    return body.rstrip().endswith(MARK)


def found(client: Client) -> Found | None:
    return find(client, hubs.NAME, is_ours)


def written(hub: Hub, edition: Edition, client: Client | None = None) -> str:
    client = client or hub.client()
    return publish(client, hubs.NAME, found(client), edition, is_ours=is_ours, is_late=lambda: False)


def writes(hub: Hub) -> list[str]:
    return [line for line in hub.asked() if not line.startswith("GET") and "graphql" not in line]


def test_where_there_is_none_one_is_made_and_found_again(hub: Hub) -> None:
    assert found(hub.client()) is None
    url = written(hub, OPEN)
    again = found(hub.client())
    assert again == Found(1, url, "Findings", WORDS, is_open=True)
    assert url.endswith("/octo/shop/issues/1")


def test_the_same_again_writes_nothing(hub: Hub) -> None:
    written(hub, OPEN)
    hub.repository.issues[1].body = WORDS.replace("\n", "\r\n") + "\r\n"  # as GitHub's editor writes it
    hub.fake.forget_traffic()
    written(hub, Edition("Another title", WORDS, is_open=True))
    assert writes(hub) == []
    assert hub.repository.issues[1].title == "Findings"


def test_it_is_edited_commented_closed_and_opened(hub: Hub) -> None:
    written(hub, OPEN)
    issue = hub.repository.issues[1]
    written(hub, Edition("", f"three\n{MARK}", is_open=True, comment="one new"))
    assert (issue.body, [note.body for note in issue.notes], issue.state) == (f"three\n{MARK}", ["one new"], "open")
    written(hub, Edition("", f"none\n{MARK}", is_open=False))
    assert (issue.state, issue.state_reason) == ("closed", "completed")
    written(hub, Edition("", f"one\n{MARK}", is_open=True))
    assert (issue.state, issue.state_reason) == ("open", "reopened")
    assert found(hub.client()) == Found(
        1, issue_url(hub), "Findings", f"one\n{MARK}", is_open=True, comments=("one new",)
    )


def issue_url(hub: Hub) -> str:
    return f"{hub.fake.url}/octo/shop/issues/1"


def test_what_others_wrote_is_not_ours_whatever_it_says(hub: Hub) -> None:
    hub.repository.open_issue("mallory", "Findings", WORDS)
    hub.repository.open_issue(BOT, "Of another tool", "no marker")
    assert found(hub.client()) is None
    written(hub, OPEN)
    mine = found(hub.client())
    assert mine is not None
    assert mine.number == 3
    hub.repository.issues[3].comment("mallory", f"forged\n{MARK}")
    mine = found(hub.client())
    assert mine is not None
    assert mine.comments == ()


def test_of_several_the_oldest_counts(hub: Hub) -> None:
    for _ in range(2):
        hub.repository.open_issue(BOT, "Findings", WORDS)
    mine = found(hub.client())
    assert mine is not None
    assert mine.number == 1


def test_it_is_found_among_many(hub: Hub) -> None:
    hub.repository.open_issue(BOT, "Findings", WORDS)
    for number in range(RECENT + 120):
        hub.repository.open_issue("ada" if number < RECENT else BOT, f"Issue {number}", "words")
    hub.fake.forget_traffic()
    mine = found(hub.client())
    assert mine is not None
    assert mine.number == 1
    assert len(hub.fake.traffic) == 2
    hub.repository.issues[1].body = "edited by somebody: no marker"
    hub.fake.forget_traffic()
    assert found(hub.client()) is None
    assert len(hub.fake.traffic) == 3


@pytest.mark.parametrize("stored", [True, False])
def test_a_creation_whose_answer_got_lost_is_not_made_twice(hub: Hub, stored: bool) -> None:
    hub.fake.fail(to("/issues"), 502, after_storing=stored)
    assert written(hub, OPEN) == issue_url(hub)
    assert list(hub.repository.issues) == [1]


@pytest.mark.parametrize("stored", [True, False])
def test_a_comment_whose_answer_got_lost_is_not_made_twice(hub: Hub, stored: bool) -> None:
    written(hub, OPEN)
    hub.fake.fail(to("/comments"), 502, after_storing=stored)
    written(hub, Edition("", WORDS, is_open=True, comment=f"new\n{MARK}"))
    assert [note.body for note in hub.repository.issues[1].notes] == [f"new\n{MARK}"]


def test_an_edit_whose_answer_got_lost_is_made_again(hub: Hub) -> None:
    written(hub, OPEN)
    hub.fake.fail(to("/issues/1", "PATCH"), 502)
    written(hub, Edition("", f"three\n{MARK}", is_open=True))
    assert hub.repository.issues[1].body == f"three\n{MARK}"


def test_where_the_edit_is_lost_the_comment_is_not_said_again_by_the_next_run(hub: Hub) -> None:
    written(hub, OPEN)
    edition = Edition("", f"three\n{MARK}", is_open=True, comment="one new\nmark 1")
    hub.fake.fail(to("/issues/1", "PATCH"), 502, times=MOST)
    with pytest.raises(GitHubError):
        written(hub, edition)
    written(hub, Edition("", edition.body, is_open=True, comment="1 new, in other words\nmark 1"))
    assert len(hub.repository.issues[1].notes) == 1


@pytest.mark.parametrize("scope", ["contents", "issues"])
def test_who_may_not_write_is_told_which_permission_it_takes(hub: Hub, scope: str) -> None:
    made = hub.fake.state.add_token("other[bot]", None, {scope: "read"})
    client = hub.client(token=made.value)
    with pytest.raises(GitHubError, match="add `issues: write` to the job's"):
        written(hub, OPEN, client)
    assert hub.repository.issues == {}


def test_a_repository_that_is_not_to_be_seen_is_named(hub: Hub) -> None:
    def nobody(exchange: Exchange) -> bool:
        return exchange.is_graphql

    hub.fake.fail(nobody, 200, body={"data": {"viewer": {"login": "x"}, "repository": None}})
    with pytest.raises(GitHubError, match="octo/shop is not to be seen"):
        found(hub.client())


@pytest.mark.parametrize("there", [[], {"issues": None}, {"issues": {"nodes": [{"viewerDidAuthor": True}]}}])
def test_an_answer_of_another_shape_is_githubs_trouble(hub: Hub, there: Any) -> None:
    hub.fake.fail(lambda it: it.is_graphql, 200, times=9, body={"data": {"repository": there}})
    with pytest.raises(GitHubError, match="tells of the issues of octo/shop without what belongs there"):
        found(hub.client())
