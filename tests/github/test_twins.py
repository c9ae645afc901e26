"""Two runs at once on one pull request: whatever both have said, one of them takes back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import publishing
import pytest
from conversations import STATE, existing, finding, thread
from publishing import to
from reports import FULL

from reviewer.findings import Status
from reviewer.github import bodies, summary
from reviewer.github.state import known, marker, parse
from reviewer.github.threads import Summary
from reviewer.github.twins import later

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from fake_github import Exchange
    from publishing import Desk


ONE, TWO, THREE = finding(1), finding(2), finding(3)
DELETED = "twice, made by two runs at once: the later one was deleted"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with publishing.opened(tmp_path / "shop") as desk:
        yield desk


def between(desk: Desk, when: Callable[[Exchange], bool], *findings: Any) -> None:
    """Another run says its part when ours has looked already, and is about to write."""

    def other() -> None:
        desk.review(*findings)
        desk.hub.fake.most_writers = 0  # here two at once are no mistake

    desk.hub.fake.meanwhile(when, other)


def stubborn(desk: Desk, status: int = 403) -> None:
    """A GitHub that deletes nothing."""
    desk.hub.fake.fail(lambda it: it.method == "DELETE", status, times=99, body={"message": "No"})


@pytest.mark.parametrize("where", ["/reviews", "issues/1/comments"])
def test_what_both_said_stands_once(desk: Desk, where: str) -> None:
    between(desk, to(where), ONE, TWO)
    published = desk.review(ONE, TWO)
    (note,) = published.notes
    assert note.endswith(DELETED)
    desk.assert_said_once(ONE, TWO)


def test_the_first_stays(desk: Desk) -> None:
    between(desk, to("/reviews"), ONE)
    desk.review(ONE)
    assert [review.id for review in desk.pull.reviews if review.comments] == [desk.pull.reviews[0].id]
    assert [write.rpartition("/")[0] for write in desk.writes if "DELETE" in write] == [
        "DELETE pulls/comments",
        "DELETE issues/comments",
    ]


def test_of_two_that_differ_everything_is_kept(desk: Desk) -> None:
    between(desk, to("/reviews"), ONE, TWO)
    desk.review(ONE, THREE)
    assert desk.comments == {each.fingerprint: 1 for each in (ONE, TWO, THREE)}
    (summary,) = desk.summaries
    state = parse(summary)
    assert state is not None
    assert {each.id for each in state.findings} == {ONE.fingerprint, THREE.fingerprint}
    desk.review(ONE, THREE)
    desk.assert_said_once(ONE, TWO, THREE)


def test_a_summary_of_a_newer_head_is_not_overwritten(desk: Desk) -> None:
    def other() -> None:
        desk.hub.commit({publishing.PATH: publishing.text(publishing.LINES - 1)}, "topic")
        desk.review(ONE)
        desk.hub.fake.most_writers = 0

    desk.hub.fake.meanwhile(to("issues/1/comments"), other)
    desk.review(ONE)
    (summary,) = desk.summaries
    state = parse(summary)
    assert state is not None
    assert state.head == desk.pull.head_sha
    desk.assert_said_once(ONE)


@pytest.mark.parametrize("status", [403, 500])
def test_what_cannot_be_deleted_is_told_and_left_to_the_next_run(desk: Desk, status: int) -> None:
    between(desk, to("/reviews"), ONE, TWO)
    stubborn(desk, status)
    (note,) = desk.review(ONE, TWO).notes
    assert note.startswith("3 comments of ours stood twice, made by two runs at once: run again to delete")
    assert str(status) in note
    assert len(desk.summaries) == 2
    desk.hub.fake.heal()
    published = desk.review(ONE, TWO)
    assert [write.partition(" ")[0] for write in desk.writes] == ["DELETE"] * 3
    assert published.notes == (f"3 comments of ours stood {DELETED}",)
    desk.assert_said_once(ONE, TWO)


def test_the_next_push_tidies_up_too(desk: Desk) -> None:
    between(desk, to("/reviews"), ONE)
    stubborn(desk)
    desk.review(ONE)
    desk.hub.fake.heal()
    desk.review(ONE, TWO)
    desk.assert_said_once(ONE, TWO)


def test_past_the_deadline_nothing_is_deleted(desk: Desk) -> None:
    between(desk, to("/reviews"), ONE)
    (note,) = desk.review(ONE, is_late=lambda: True).notes
    assert note.endswith("run again to delete what is too many (the deadline has passed)")
    desk.review(ONE)
    desk.assert_said_once(ONE)


def test_what_the_other_run_has_deleted_is_gone(desk: Desk) -> None:
    between(desk, to("/reviews"), ONE)

    def other(exchange: Exchange) -> bool:
        if exchange.method == "DELETE" and len(desk.pull.threads) == 2:
            desk.pull.threads[-1].comments[0].delete()
        return False

    desk.hub.fake.meanwhile(other, lambda: None)
    desk.review(ONE)
    desk.assert_said_once(ONE)


def test_a_look_that_fails_takes_back_nothing(desk: Desk) -> None:
    between(desk, to("/reviews"), ONE)
    desk.hub.fake.fail(lambda it: it.is_graphql and len(desk.summaries) == 2, times=3)
    published = desk.review(ONE)
    assert published.notes[0].startswith("whether another run said the same at the same moment is not known (")
    assert len(desk.summaries) == 2
    desk.hub.fake.heal()
    desk.review(ONE)
    desk.assert_said_once(ONE)


def test_what_people_answered_to_stays(desk: Desk) -> None:
    between(desk, to("/reviews"), ONE, TWO)
    late = to("issues/1/comments")
    desk.hub.fake.meanwhile(
        lambda it: late(it) and len(desk.pull.threads) == 4, lambda: desk.pull.threads[-1].reply("ada", "Why?")
    )
    desk.review(ONE, TWO)
    assert desk.comments == {ONE.fingerprint: 1, TWO.fingerprint: 2}


# What is a twin


FIRST = thread(ONE)
SECOND = replace(FIRST, id="T2", database_id=FIRST.database_id + 1)
REWORDED = replace(ONE, title="Another title")


def test_the_numbers_decide_and_not_the_order() -> None:
    expected = [f"pulls/comments/{SECOND.database_id}"]
    assert later(existing(FIRST, SECOND)) == later(existing(SECOND, FIRST)) == expected


def test_other_words_for_the_same_finding_are_a_twin() -> None:
    body = bodies.comment(REWORDED, known(REWORDED), STATE, with_button=False)
    assert later(existing(FIRST, replace(SECOND, body=body))) != []


@pytest.mark.parametrize(
    "state", [replace(STATE, head="d" * 40), replace(STATE, round=2)], ids=["another head", "another round"]
)
def test_what_was_said_again_later_is_none(state: Any) -> None:
    body = bodies.comment(ONE, known(ONE), state, with_button=False)
    assert later(existing(FIRST, replace(SECOND, body=body))) == []


@pytest.mark.parametrize("touched", [{"replied": True}, {"thumbs_down": 1}, {"resolved": True, "resolved_by": "ada"}])
def test_what_people_did_something_with_is_none(touched: dict[str, Any]) -> None:
    assert later(existing(FIRST, replace(SECOND, **touched))) == []
    assert later(existing(replace(FIRST, **touched), SECOND)) != []


def test_summaries_are_left_where_nobody_knows_which_is_true() -> None:
    two = replace(existing(state=STATE), others=(Summary("S2", 100, f"### 2 findings\n\n{marker(STATE)}", STATE),))
    assert later(two) == ["issues/comments/100"]
    assert later(two, summaries=False) == []


@pytest.mark.parametrize("status", Status)
def test_what_another_workflow_repeats_is_not_ours_to_delete(status: Status) -> None:
    words = summary.text(replace(FULL, status=status), frozenset(), 9_000)
    for said, deleted in ((words, ["issues/comments/100"]), (f"You wrote:\n\n{words}", [])):
        other = Summary("S2", 100, f"{said}\n\n{marker(STATE)}", STATE)
        assert later(replace(existing(state=STATE), others=(other,))) == deleted
    repeated = replace(SECOND, body=f"You wrote:\n\n{SECOND.body}")
    assert later(existing(FIRST, SECOND)) != []
    assert later(existing(FIRST, repeated)) == []


def test_of_a_forged_summary_and_ours_none_is_deleted_while_no_check_tells(desk: Desk) -> None:
    between(desk, to("/reviews"), ONE)
    stubborn(desk)
    desk.review(ONE)
    desk.hub.fake.heal()
    desk.hub.repository.check_runs.clear()
    desk.review(ONE)
    assert len(desk.summaries) == 2
