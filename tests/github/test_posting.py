"""Reviews that request changes: asked for, taken or not, and never without the comments."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import publishing
import pytest
from conversations import finding
from publishing import OUTSIDE, PATH, to

from reviewer.errors import Undelivered
from reviewer.findings import Span

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from publishing import Desk

ONE, TWO, BAD = finding(1), finding(2), finding(OUTSIDE)
UNPLACED = replace(ONE, span=Span(PATH))
NOTE = "GitHub takes no request for changes from this token"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with publishing.opened(tmp_path / "shop") as desk:
        yield desk


def states(desk: Desk) -> list[tuple[str, int]]:
    return [(review.state, len(review.comments)) for review in desk.pull.reviews]


def test_changes_are_requested(desk: Desk) -> None:
    published = desk.review(ONE, TWO, request_changes=True)
    assert published.notes == ()
    assert states(desk) == [("CHANGES_REQUESTED", 2)]
    desk.assert_said_once(ONE, TWO)


def test_of_ones_own_pull_request_nobody_requests_changes(desk: Desk) -> None:
    token = desk.hub.fake.token("ada")
    desk.hub.repository.collaborator("ada", "write")
    published = desk.review(ONE, TWO, request_changes=True, token=token)
    assert any(note.startswith(NOTE) for note in published.notes)
    assert published.posted == 2
    assert states(desk) == [("COMMENTED", 2)]


def test_a_bad_comment_does_not_take_the_request_with_it(desk: Desk) -> None:
    published = desk.review(ONE, TWO, BAD, request_changes=True)
    assert published.demoted == (BAD.fingerprint,)
    assert not any(note.startswith(NOTE) for note in published.notes)
    assert sorted(states(desk)) == [("CHANGES_REQUESTED", 0), ("COMMENTED", 1), ("COMMENTED", 1)]
    desk.assert_said_once(ONE, TWO, demoted=(BAD,))


def test_a_request_without_any_comment(desk: Desk) -> None:
    desk.review(UNPLACED, request_changes=True)
    assert states(desk) == [("CHANGES_REQUESTED", 0)]


def test_a_request_without_any_comment_that_is_refused(desk: Desk) -> None:
    desk.hub.fake.fail(to("/reviews"), 422)
    published = desk.review(UNPLACED, request_changes=True)
    assert published.notes[-1].startswith(NOTE)
    assert states(desk) == []
    assert UNPLACED.title in desk.summaries[0]


@pytest.mark.parametrize("stored", [True, False])
def test_a_request_without_any_comment_whose_answer_got_lost(desk: Desk, *, stored: bool) -> None:
    desk.pull.review("mallory", "reviewed")
    desk.hub.fake.fail(to("/reviews"), after_storing=stored)
    desk.review(UNPLACED, request_changes=True)
    assert states(desk) == [("COMMENTED", 0), ("CHANGES_REQUESTED", 0)]


def test_the_same_words_of_somebody_else_are_not_ours(desk: Desk) -> None:
    """Who copies our marker in time does not keep us from speaking."""
    client = desk.hub.client()
    drafted, _ = desk.draft(client, UNPLACED, request_changes=True)
    desk.pull.review("mallory", drafted.review_body, commit_id=drafted.commit)
    desk.pull.review("mallory", comments=[{"path": PATH, "line": 2, "side": "RIGHT", "body": drafted.summary}])
    desk.hub.fake.fail(to("/reviews"))
    desk.review(UNPLACED, request_changes=True)
    assert states(desk)[-1] == ("CHANGES_REQUESTED", 0)


def test_what_is_wrong_with_the_request_itself_is_an_error(desk: Desk) -> None:
    desk.hub.fake.fail(to("/reviews"), 400)
    with pytest.raises(Undelivered, match="400"):
        desk.review(ONE)
    assert desk.summaries == []


def test_a_list_of_reviews_that_is_none_repeats_nothing(desk: Desk) -> None:
    desk.hub.fake.fail(to("/reviews"), after_storing=True)
    desk.hub.fake.fail(to("/reviews", "GET"), 200, body=[{"id": 1}])
    with pytest.raises(Undelivered, match="nothing was posted"):
        desk.review(UNPLACED, request_changes=True)
    assert states(desk) == [("CHANGES_REQUESTED", 0)]
