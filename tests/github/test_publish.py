"""Publishing over HTTP, PyGithub and all: nothing is lost and nothing is said twice, whatever GitHub does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import publishing
import pytest
from conversations import finding
from publishing import ANYWHERE, LINES, OUTSIDE, PATH, text, to

from reviewer.errors import Undelivered
from reviewer.findings import Side, Span
from reviewer.github.posting import MOST_REVIEWS
from reviewer.github.state import parse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fake_github import Exchange
    from publishing import Desk

REVIEW, SUMMARY, CHECK = "POST pulls/1/reviews", "POST issues/1/comments", "POST check-runs"
ONE, TWO, THREE = finding(1), finding(2), finding(3)
BAD = finding(OUTSIDE)
LATE = "The pull request moved on meanwhile"
SECONDARY = {"message": "You have exceeded a secondary rate limit.", "documentation_url": "https://docs.github.com"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with publishing.opened(tmp_path / "shop") as desk:
        yield desk


def test_a_review_a_summary_and_a_check_with_five_requests(desk: Desk) -> None:
    wide = replace(TWO, span=Span(PATH, 2, 4))
    published = desk.review(ONE, wide)
    assert desk.writes == [REVIEW, SUMMARY, CHECK]
    assert len(desk.hub.fake.traffic) == 5
    assert (published.posted, published.demoted, published.delivered_as, published.why) == (2, (), "review", None)
    assert "pullrequestreview" in (published.url or "")
    assert published.notes == ()
    (review,) = desk.pull.reviews
    assert (review.state, review.commit_id) == ("COMMENTED", desk.pull.head_sha)
    assert [(thread.start_line, thread.line) for thread in desk.pull.threads] == [(None, 1), (2, 4)]
    (check,) = desk.hub.repository.check_runs
    assert (check.conclusion, check.head_sha, len(check.annotations)) == ("failure", desk.pull.head_sha, 2)
    assert sum(desk.hub.clock.slept) == pytest.approx(2, abs=0.1)  # a second between writes, nothing else
    desk.assert_said_once(ONE, wide)


def test_what_is_new_is_added_and_the_summary_edited(desk: Desk) -> None:
    desk.review(ONE)
    published = desk.review(ONE, TWO)
    assert [write.split("/")[0] for write in desk.writes] == ["POST pulls", "PATCH issues", "POST check-runs"]
    assert published.posted == 1
    desk.assert_said_once(ONE, TWO)


def test_an_empty_draft_asks_nothing_at_all(desk: Desk) -> None:
    desk.review(ONE)
    published = desk.review(ONE)
    assert desk.hub.fake.traffic == []
    assert (published.posted, published.delivered_as) == (0, "review")


def test_a_summary_that_is_as_it_was_is_left_alone(desk: Desk) -> None:
    desk.review(ONE, change=lambda draft: replace(draft, summary_changed=False))
    assert desk.writes == [REVIEW, CHECK]


def test_a_clean_review_is_a_summary(desk: Desk) -> None:
    published = desk.review()
    assert desk.writes == [SUMMARY, CHECK]
    assert "issuecomment" in (published.url or "")
    desk.assert_said_once()


def test_one_bad_comment_of_many_does_not_take_the_others_with_it(desk: Desk) -> None:
    good = [finding(n) for n in range(1, 25)]
    published = desk.review(*good[:13], BAD, *good[13:])
    assert (published.posted, published.demoted) == (24, (BAD.fingerprint,))
    assert desk.writes.count(REVIEW) <= 11
    assert f"the comment on {PATH}:{OUTSIDE} was not accepted by GitHub: it is in the summary" in published.notes
    assert "Not accepted by GitHub" in desk.summaries[0]
    assert BAD.body.split("`")[0] in desk.summaries[0].split("Not accepted by GitHub")[1]
    for review in desk.pull.reviews:
        comments = len(review.comments)
        assert review.body.startswith(f"{comments} comment{'s' * (comments > 1)} on ")
    desk.assert_said_once(*good, demoted=(BAD,))


def test_with_nothing_but_bad_comments_the_tries_are_bounded(desk: Desk) -> None:
    bad = tuple(finding(n) for n in range(OUTSIDE, OUTSIDE + 25))
    published = desk.review(*bad)
    assert desk.writes.count(REVIEW) <= MOST_REVIEWS
    assert len(published.demoted) == 25
    desk.assert_said_once(demoted=bad)


def test_beyond_25_the_rest_is_in_the_summary(desk: Desk) -> None:
    findings = tuple(finding(n) for n in range(1, LINES + 1))
    published = desk.review(*findings)
    assert published.posted == 25
    assert desk.writes.count(REVIEW) == 1
    desk.assert_said_once(*findings[:25], demoted=findings[25:])


@pytest.mark.parametrize("drop", [False, True], ids=["502", "hung up"])
@pytest.mark.parametrize("stored", [True, False], ids=["after storing", "before storing"])
@pytest.mark.parametrize("where", ["/reviews", "issues/1/comments"])
def test_an_answer_that_got_lost(desk: Desk, where: str, *, stored: bool, drop: bool) -> None:
    desk.hub.fake.fail(to(where), after_storing=stored, drop=drop)
    published = desk.review(ONE, TWO)
    assert published.posted == 2
    assert sum(write.endswith(where) for write in desk.writes) == (1 if stored else 2)
    desk.assert_said_once(ONE, TWO)


def test_an_answer_that_got_lost_in_the_middle_of_a_bisection(desk: Desk) -> None:
    def is_small(exchange: Exchange) -> bool:
        return to("/reviews")(exchange) and len(exchange.body["comments"]) == 2

    desk.hub.fake.fail(is_small, after_storing=True)
    published = desk.review(ONE, TWO, THREE, BAD)
    assert (published.posted, published.demoted) == (3, (BAD.fingerprint,))
    desk.assert_said_once(ONE, TWO, THREE, demoted=(BAD,))


def test_an_edit_of_the_summary_is_simply_repeated(desk: Desk) -> None:
    desk.review(ONE)
    desk.hub.fake.fail(to("", "PATCH"), after_storing=True)
    desk.review(ONE, TWO)
    desk.assert_said_once(ONE, TWO)


def test_what_never_gets_through_is_not_remembered(desk: Desk) -> None:
    desk.hub.fake.fail(to("/reviews"), times=3)
    with pytest.raises(Undelivered, match=r"nothing was posted on octo/shop#1: .*502"):
        desk.review(ONE)
    assert desk.writes == [REVIEW] * 3
    assert desk.summaries == []
    assert desk.review(ONE).posted == 1
    desk.assert_said_once(ONE)


def test_a_summary_that_never_gets_through_is_an_error_and_the_next_run_completes_it(desk: Desk) -> None:
    desk.hub.fake.fail(to("issues/1/comments"), times=3)
    with pytest.raises(Undelivered, match=r"2 comments were posted on octo/shop#1, the rest was not; run again"):
        desk.review(ONE, TWO)
    assert desk.hub.repository.check_runs == []
    assert desk.review(ONE, TWO, THREE).posted == 1
    desk.assert_said_once(ONE, TWO, THREE)


def test_where_nobody_can_tell_whether_it_was_stored_it_is_not_repeated(desk: Desk) -> None:
    desk.hub.fake.fail(to("/reviews"), after_storing=True)
    desk.hub.fake.fail(lambda exchange: exchange.is_graphql and len(desk.pull.reviews) == 1, times=3)
    with pytest.raises(Undelivered):
        desk.review(ONE)
    assert desk.writes == [REVIEW]
    desk.review(ONE)
    desk.assert_said_once(ONE)


def test_past_the_deadline_nothing_is_repeated(desk: Desk) -> None:
    desk.hub.fake.fail(to("/reviews"))
    with pytest.raises(Undelivered):
        desk.review(ONE, is_late=lambda: True)
    assert desk.writes == [REVIEW]


def test_a_secondary_limit_is_waited_for(desk: Desk) -> None:
    desk.hub.fake.fail(to("/reviews"), 403, headers={"Retry-After": "30"}, body=SECONDARY)
    assert desk.review(ONE).posted == 1
    assert 30 in desk.hub.clock.slept
    desk.assert_said_once(ONE)


def test_a_limit_beyond_the_deadline_is_an_error(desk: Desk) -> None:
    desk.hub.fake.fail(to("/reviews"), 403, headers={"Retry-After": "3000"}, body=SECONDARY)
    with pytest.raises(Undelivered, match="rate limit"):
        desk.review(ONE, deadline=desk.hub.clock() + 60)
    assert desk.writes == [REVIEW]


def test_a_limit_in_the_dress_of_a_refusal_demotes_nothing(desk: Desk) -> None:
    body = {
        "message": "Validation Failed",
        "errors": [{"code": "abuse"}],
        "documentation_url": "https://docs.github.com",
    }
    desk.hub.fake.fail(to("/reviews"), 422, body=body)
    with pytest.raises(Undelivered, match="abuse"):
        desk.review(ONE, TWO)
    assert desk.writes == [REVIEW]
    desk.review(ONE, TWO)
    desk.assert_said_once(ONE, TWO)


def test_a_token_that_may_only_read_delivers_nothing_and_says_why(desk: Desk) -> None:
    token = desk.hub.fake.token("github-actions[bot]", contents="read", pull_requests="read")
    published = desk.review(ONE, TWO, token=token)
    assert (published.posted, published.demoted, published.delivered_as) == (0, (), "annotations")
    assert published.why is not None
    assert published.why.startswith("this token may not comment on octo/shop#1: ")
    assert "add `pull-requests: write`" in published.why
    assert desk.writes == [REVIEW]
    assert (desk.pull.reviews, desk.pull.comments) == ([], [])


def test_a_conversation_that_is_locked_leaves_the_rest_to_annotations(desk: Desk) -> None:
    desk.hub.fake.fail(to("issues/1/comments"), 403)
    published = desk.review(ONE)
    assert (published.posted, published.said, published.delivered_as) == (1, (ONE.fingerprint,), "annotations")
    assert (published.why or "").startswith("1 comment was posted; the summary could not be written: ")
    assert desk.writes == [REVIEW, SUMMARY]


def test_a_right_that_is_lost_half_way_leaves_the_rest_to_annotations(desk: Desk) -> None:
    desk.hub.fake.fail(lambda it: to("/reviews")(it) and len(desk.pull.reviews) == 1, 403, body={"message": "No"})
    published = desk.review(ONE, TWO, THREE, BAD)
    assert published.said == (ONE.fingerprint, TWO.fingerprint)
    assert (published.why or "").startswith("2 comments were posted; the rest could not be written: ")


def test_a_summary_that_may_not_be_edited_leaves_the_rest_to_annotations(desk: Desk) -> None:
    desk.review(ONE)
    desk.hub.fake.fail(to("", "PATCH"), 403)
    published = desk.review(ONE, TWO)
    assert (published.posted, published.delivered_as) == (1, "annotations")


def test_a_token_without_checks_loses_the_check_only(desk: Desk) -> None:
    token = desk.hub.fake.token("github-actions[bot]", contents="read", pull_requests="write")
    published = desk.review(ONE, token=token)
    assert (published.posted, published.delivered_as) == (1, "review")
    (note,) = published.notes
    assert note.startswith("no check run (")
    assert "checks: write" in note
    desk.review(ONE)
    assert desk.writes == [CHECK], "made up by whoever may"
    desk.assert_said_once(ONE)


def test_a_deleted_summary_is_written_anew(desk: Desk) -> None:
    desk.review(ONE)
    published = desk.review(ONE, TWO, meanwhile=desk.pull.comments[0].delete)
    assert SUMMARY in desk.writes
    assert published.posted == 1
    desk.assert_said_once(ONE, TWO)


def test_a_closed_pull_request_is_reviewed_all_the_same(desk: Desk) -> None:
    assert desk.review(ONE, meanwhile=desk.pull.close).posted == 1
    desk.assert_said_once(ONE)


def test_of_two_runs_at_once_the_second_says_only_what_the_first_did_not(desk: Desk) -> None:
    published = desk.review(ONE, TWO, THREE, meanwhile=lambda: desk.review(ONE, TWO))
    assert [write.split("/")[0] for write in desk.writes] == ["POST pulls", "PATCH issues", "POST check-runs"]
    assert len(desk.hub.fake.traffic) == 5
    assert (published.posted, published.said) == (1, (THREE.fingerprint,))
    assert desk.pull.reviews[1].body.startswith("1 comment on ")
    desk.assert_said_once(ONE, TWO, THREE)


@pytest.mark.parametrize("objects", [False, True])
def test_of_two_runs_that_say_the_same_one_is_heard(desk: Desk, *, objects: bool) -> None:
    def other() -> None:
        desk.review(ONE, TWO, request_changes=objects)

    published = desk.review(ONE, TWO, request_changes=objects, meanwhile=other)
    assert desk.writes == [CHECK]
    assert published.posted == 0
    assert [len(review.comments) for review in desk.pull.reviews] == [2]
    desk.assert_said_once(ONE, TWO)


def test_what_was_fixed_and_is_there_again_is_said_again(desk: Desk) -> None:
    desk.review(ONE)
    push(desk, text(LINES, first=2))()
    desk.review()
    push(desk, text(LINES))()
    assert desk.review(ONE).posted == 1


def test_a_newer_review_stays_as_it_is(desk: Desk) -> None:
    reviewed = desk.pull.head_sha

    def another() -> None:
        push(desk, text(LINES, first=2))()
        desk.review(TWO)

    published = desk.review(ONE, THREE, meanwhile=another)
    assert desk.writes == []
    assert (published.posted, published.delivered_as, published.why) == (0, "review", None)
    there, this = desk.pull.head_sha[:12], reviewed[:12]
    assert published.notes == (
        f"a review of {there}, the head now, is there already: this one, of {this}, is not posted",
    )
    desk.assert_said_once(TWO)


def push(desk: Desk, content: str) -> Any:
    return lambda: desk.hub.commit({PATH: content}, "topic")


def test_the_head_moved_and_nobody_knows_its_diff(desk: Desk) -> None:
    reviewed = desk.pull.head_sha
    published = desk.review(ONE, TWO, meanwhile=push(desk, text(LINES, first=2)))
    assert published.posted == 2
    (review,) = desk.pull.reviews
    assert review.commit_id == reviewed
    assert f"this review speaks of {reviewed[:12]}" in published.notes[0]
    assert LATE in desk.summaries[0]
    assert desk.pull.head_sha[:12] in desk.summaries[0]
    assert [thread.outdated for thread in desk.existing().threads] == [True, False]
    state = parse(desk.summaries[0])
    assert state is not None
    assert state.head == reviewed
    assert desk.comments == {ONE.fingerprint: 1, TWO.fingerprint: 1}


def test_the_head_moved_and_has_no_place_for_some(desk: Desk) -> None:
    anchors = {PATH: {Side.NEW: [range(2, 40)], Side.OLD: []}}
    asked: list[str] = []

    def anchors_at(head: str) -> Any:
        asked.append(head)
        return anchors

    published = desk.review(ONE, TWO, meanwhile=push(desk, text(LINES, first=2)), anchors_at=anchors_at)
    assert asked == [desk.pull.head_sha]
    assert (published.posted, published.demoted) == (1, (ONE.fingerprint,))
    assert f"the comment on {PATH}:1 has no place on the new head's diff: it is in the summary" in published.notes
    assert "No longer on the diff of" in desk.summaries[0]
    assert desk.pull.reviews[0].body.startswith("1 comment on ")
    assert desk.comments == {TWO.fingerprint: 1}


def test_the_head_moved_and_has_no_place_for_any(desk: Desk) -> None:
    published = desk.review(ONE, meanwhile=push(desk, text(0)), anchors_at=lambda _: {})
    assert desk.writes == [SUMMARY, CHECK]
    assert published.demoted == (ONE.fingerprint,)
    assert ONE.title in desk.summaries[0]


def test_the_reviewed_commit_is_gone(desk: Desk) -> None:
    def force_push() -> None:
        desk.hub.git("checkout", "-q", "topic")
        desk.hub.git("commit", "-q", "--amend", "--allow-empty", "-m", "another")

    published = desk.review(ONE, TWO, THREE, meanwhile=force_push, anchors_at=lambda _: ANYWHERE)
    assert desk.writes.count(REVIEW) == 1
    assert set(published.demoted) == {ONE.fingerprint, TWO.fingerprint, THREE.fingerprint}
    assert LATE in desk.summaries[0]
    assert all(each.title in desk.summaries[0] for each in (ONE, TWO, THREE))
