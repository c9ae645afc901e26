"""Threads about code that is gone: resolved where GitHub lets us, else our own comment says so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import publishing
import pytest
from conversations import finding
from publishing import LINES, PATH, text, to

from reviewer.errors import Undelivered
from reviewer.github.closing import close

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fake_github import Exchange
    from publishing import Desk

ONE, TWO, THREE = finding(1), finding(2), finding(3)
RESOLVED = ("FORBIDDEN", "Resource not accessible by integration")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Findings 1 and 2 have comments, and their code is gone; 3 stands."""
    with publishing.opened(tmp_path / "shop") as desk:
        desk.review(ONE, TWO, THREE)
        desk.hub.commit({PATH: text(LINES, first=3)}, "topic")
        yield desk


def may_resolve(desk: Desk) -> str:
    """A token that does."""
    return desk.hub.fake.token("github-actions[bot]", contents="write", pull_requests="write", checks="write")


def mutation(exchange: Exchange) -> bool:
    return exchange.is_mutation


def refusal(kind: str, words: str) -> dict[str, object]:
    return {"data": {"resolveReviewThread": None}, "errors": [{"type": kind, "message": words}]}


def resolved(desk: Desk) -> list[bool]:
    return [thread.resolved_by is not None for thread in desk.pull.threads]


def marked(desk: Desk) -> list[bool]:
    return [thread.comments[0].body.startswith("**Fixed in ") for thread in desk.pull.threads]


def test_resolved_where_github_lets_us(desk: Desk) -> None:
    published = desk.review(THREE, token=may_resolve(desk))
    assert resolved(desk) == [True, True, False]
    assert marked(desk) == [False] * 3
    assert published.notes == ()
    desk.hub.fake.assert_conforming()
    desk.review(THREE)
    assert desk.writes == []


def test_edited_where_it_does_not(desk: Desk) -> None:
    published = desk.review(THREE)
    assert resolved(desk) == [False] * 3
    assert marked(desk) == [True, True, False]
    assert published.notes == ()
    desk.hub.fake.assert_conforming()
    desk.review(THREE)
    assert desk.writes == []


def test_edited_where_it_said_that_we_may_and_then_refuses(desk: Desk) -> None:
    desk.hub.fake.fail(mutation, 200, times=9, body=refusal(*RESOLVED))
    desk.review(THREE, token=may_resolve(desk))
    assert sum(write == "POST /graphql" for write in desk.writes) == 1  # the other would be refused as well
    assert marked(desk) == [True, True, False]


def test_what_is_gone_meanwhile_is_skipped(desk: Desk) -> None:
    token = may_resolve(desk)
    published = desk.review(THREE, token=token, meanwhile=desk.pull.threads[0].comments[0].delete)
    assert resolved(desk) == [True, False]
    assert published.notes == ()


def test_a_comment_that_is_gone_meanwhile_is_skipped(desk: Desk) -> None:
    published = desk.review(THREE, meanwhile=desk.pull.threads[0].comments[0].delete)
    assert marked(desk) == [True, False]
    assert published.notes == ()


def test_a_stumbling_server_is_asked_again(desk: Desk) -> None:
    desk.hub.fake.fail(mutation, after_storing=True)
    desk.review(THREE, token=may_resolve(desk))
    assert resolved(desk) == [True, True, False]
    assert marked(desk) == [False] * 3


def test_an_edit_that_does_not_get_through_is_noted(desk: Desk) -> None:
    desk.hub.fake.fail(lambda exchange: "/pulls/comments/" in exchange.path, times=3)
    published = desk.review(THREE)
    assert marked(desk) == [False, True, False]
    assert [note.split(" (")[0] for note in published.notes] == ["a comment on fixed code could not be marked as such"]


def test_a_token_that_may_write_nothing_stops_there(desk: Desk) -> None:
    token = desk.hub.fake.token("github-actions[bot]", contents="read", pull_requests="read")
    published = desk.review(THREE, token=token)
    assert published.delivered_as == "annotations"
    assert len(desk.writes) == 1


def test_after_a_review_the_summary_is_written_all_the_same(desk: Desk) -> None:
    desk.hub.fake.fail(lambda exchange: "/pulls/comments/" in exchange.path, 403)
    published = desk.review(THREE, finding(4))
    assert (published.posted, published.delivered_as) == (1, "review")
    assert published.notes[0].startswith("comments on fixed code could not be marked as such")
    assert len(desk.summaries) == 1


@pytest.mark.parametrize("may", [True, False])
def test_a_rate_limit_ends_the_run(desk: Desk, *, may: bool) -> None:
    token = may_resolve(desk) if may else None
    desk.hub.fake.fail(mutation if may else to("", "PATCH"), 403, headers={"Retry-After": "3000"})
    with pytest.raises(Undelivered):
        desk.review(THREE, token=token, deadline=desk.hub.clock() + 60)


def test_without_other_words_a_refused_thread_is_noted(desk: Desk) -> None:
    client = desk.hub.client()
    drafted, _ = desk.draft(desk.hub.client(token=may_resolve(desk)), THREE)
    assert len(drafted.resolve) == 2
    notes = close(client, replace(drafted, instead=()), is_late=lambda: False)
    assert [note.split(" (")[0] for note in notes] == ["a thread about fixed code stays open"] * 2


def test_a_refusal_of_another_kind_does_not_stand_for_the_next(desk: Desk) -> None:
    client = desk.hub.client(token=may_resolve(desk))
    drafted, _ = desk.draft(client, THREE)
    desk.hub.fake.fail(mutation, 200, body=refusal("UNPROCESSABLE", "no"))
    assert close(client, drafted, is_late=lambda: False) == []
    assert resolved(desk) == [False, True, False]
    assert marked(desk) == [True, False, False]
