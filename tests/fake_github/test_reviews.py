from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fake_github.shop import BOT, Asker

if TYPE_CHECKING:
    from fake_github import FakeGitHub, Pull
    from fake_github.shop import Work

REVIEWS = "/repos/octo/shop/pulls/1/reviews"


def at(line: int, **more: Any) -> dict[str, Any]:
    """A comment on a line of numbers.txt: its hunks are 7-14 and 38-43 on the new side, 7-13 and 37-43 on the old."""
    return {"path": "numbers.txt", "body": "Hm.", "line": line, "side": "RIGHT", **more}


def test_a_review_is_stored_with_its_comments(bot: Asker, pull: Pull, github: FakeGitHub) -> None:
    made = bot.review(at(10), at(11, start_line=10, start_side="RIGHT"), commit_id=pull.head_sha)
    assert (made.status, made.body["state"], made.body["user"]["login"]) == (200, "COMMENTED", BOT)
    first, second = bot("GET", "/repos/octo/shop/pulls/1/comments").body
    assert (first["line"], first["original_line"], first["side"], first["position"]) == (10, 10, "RIGHT", 5)
    assert first["diff_hunk"].splitlines()[0].startswith("@@ -7,7 +7,8 @@")
    assert first["diff_hunk"].splitlines()[-1] == "+line ten"
    assert (second["start_line"], second["line"], second["start_side"]) == (10, 11, "RIGHT")
    assert bot("GET", REVIEWS).body[0]["id"] == made.body["id"]
    assert len(bot("GET", f"{REVIEWS}/{made.body['id']}/comments").body) == 2
    github.assert_conforming()


def test_the_edges_of_a_hunk_take_comments(bot: Asker) -> None:
    edges = [at(7), at(14), at(38), at(43), at(7, side="LEFT"), at(13, side="LEFT"), at(40, side="LEFT")]
    assert bot.review(*edges).status == 200


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(at(6), id="above the hunk"),
        pytest.param(at(15), id="below the hunk"),
        pytest.param(at(0), id="line 0"),
        pytest.param(at(-1), id="line -1"),
        pytest.param(at(14, side="LEFT"), id="a line of the other side"),
        pytest.param(at(10, side="MIDDLE"), id="no such side"),
        pytest.param(at(10, path="README.md"), id="a file that is not in the diff"),
        pytest.param(at(40, start_line=10), id="start in another hunk"),
        pytest.param(at(10, start_line=9, start_side="LEFT"), id="start on the other side"),
        pytest.param(at(10, start_line=10), id="start equals end"),
        pytest.param(at(10, start_line=11), id="start after end"),
        pytest.param(at(10, body=" "), id="an empty body"),
        pytest.param(at(10, body="x" * 65_537), id="a long body"),
        pytest.param({"path": "numbers.txt", "body": "Hm."}, id="no line"),
        pytest.param({"path": "numbers.txt", "body": "Hm.", "position": 99}, id="no such position"),
    ],
)
def test_one_bad_comment_refuses_all_and_it_is_not_said_which(bot: Asker, pull: Pull, bad: dict[str, Any]) -> None:
    made = bot.review(at(10), bad, at(11))
    assert (made.status, made.body["message"]) == (422, "Unprocessable Entity")
    assert all(isinstance(error, str) and "numbers" not in error for error in made.body["errors"])
    assert pull.all_reviews == []
    assert pull.all_threads == []


def test_the_deprecated_position_still_places(bot: Asker, pull: Pull) -> None:
    by_position = [{"path": "numbers.txt", "body": "Hm.", "position": n} for n in (4, 5)]
    assert bot.review(*by_position).status == 200
    assert [(thread.side, thread.line) for thread in pull.threads] == [("LEFT", 10), ("RIGHT", 10)]


def test_a_review_needs_words_a_known_commit_and_another_author(bot: Asker, github: FakeGitHub, work: Work) -> None:
    assert bot.review(body="").status == 422
    assert bot.review(body="x" * 65_537).status == 422
    assert bot.review(commit_id="0" * 40).status == 422
    assert bot.review(commit_id=work.git("rev-parse", "main")).status == 422
    assert bot.review(at(10), body="").status == 200
    mallory = Asker(github, github.token("mallory"))
    assert mallory.review(event="APPROVE").body["errors"] == ["Can not approve your own pull request"]
    assert mallory.review(event="REQUEST_CHANGES").status == 422
    assert mallory.review(event="COMMENT").status == 200
    alice = Asker(github, github.token("alice"))
    assert alice.review(event="APPROVE").body["state"] == "APPROVED"


def test_a_review_of_an_earlier_commit_is_anchored_to_its_diff(bot: Asker, pull: Pull, work: Work) -> None:
    before = pull.head_sha
    work.commit({"new.py": "z = 0\nx = 1\ny = 2\n"})
    assert bot.review({"path": "new.py", "line": 3, "body": "Hm."}, commit_id=before).status == 422
    assert bot.review({"path": "new.py", "line": 2, "body": "Hm."}, commit_id=before).status == 200
    found = bot("GET", "/repos/octo/shop/pulls/1/comments").body[0]
    assert (found["original_line"], found["line"]) == (2, 3)
    assert (found["original_commit_id"], found["commit_id"]) == (before, pull.head_sha)


def test_after_a_force_push_the_old_head_is_unknown(bot: Asker, pull: Pull, work: Work) -> None:
    before = pull.head_sha
    work.git("commit", "--quiet", "--amend", "--message", "Again")
    assert bot.review(commit_id=before).status == 422


def test_a_pending_review_is_its_authors_secret(bot: Asker, github: FakeGitHub, pull: Pull) -> None:
    made = bot("POST", REVIEWS, {"body": "Wait", "comments": [at(10)]}).body
    assert made["state"] == "PENDING"
    assert bot("POST", REVIEWS, {"body": "Another"}).status == 422
    alice = Asker(github, github.token("alice"))
    assert alice("GET", REVIEWS).body == []
    assert alice("GET", f"{REVIEWS}/{made['id']}").status == 404
    assert bot("GET", "/repos/octo/shop/pulls/1/comments").body == []
    assert bot("POST", f"{REVIEWS}/{made['id']}/events", {"event": "COMMENT"}).body["state"] == "COMMENTED"
    assert bot("POST", f"{REVIEWS}/{made['id']}/events", {"event": "COMMENT"}).status == 422
    assert bot("DELETE", f"{REVIEWS}/{made['id']}").status == 422
    assert len(alice("GET", REVIEWS).body) == len(pull.threads) == 1


def test_a_pending_review_can_be_taken_back(bot: Asker, pull: Pull) -> None:
    made = bot("POST", REVIEWS, {"body": "Wait", "comments": [at(10)]}).body
    assert bot("DELETE", f"{REVIEWS}/{made['id']}").status == 200
    assert (pull.all_reviews, pull.all_threads) == ([], [])


def test_too_many_comments_are_refused_when_a_test_says_so(bot: Asker, github: FakeGitHub) -> None:
    github.limits.review_comments = 1
    assert bot.review(at(10), at(11)).status == 422
    assert bot.review(at(10)).status == 200


def test_words_can_be_edited_and_comments_deleted(bot: Asker, github: FakeGitHub, pull: Pull) -> None:
    review = bot.review(at(10)).body
    comment = pull.threads[0].comments[0]
    path = f"/repos/octo/shop/pulls/comments/{comment.id}"
    assert bot("PUT", f"{REVIEWS}/{review['id']}", {"body": "New"}).body["body"] == "New"
    assert bot("PATCH", path, {"body": "Better"}).body["body"] == "Better"
    assert bot("GET", path).body["body"] == "Better"
    assert bot("PATCH", path, {"body": ""}).status == 422
    other = Asker(github, github.token("other[bot]", pull_requests="write"))
    assert other("PATCH", path, {"body": "Mine"}).status == 403
    assert bot("DELETE", path).status == 204
    assert bot("GET", path).status == 404
    assert bot("DELETE", path).status == 404
    assert pull.threads == []


def test_replies_and_reactions(bot: Asker, github: FakeGitHub, pull: Pull) -> None:
    bot.review(at(10))
    thread = pull.threads[0]
    thread.reply("alice", "Why?")
    path = f"/repos/octo/shop/pulls/comments/{thread.comments[0].id}"
    assert (
        bot("POST", f"/repos/octo/shop/pulls/1/comments/{thread.comments[0].id}/replies", {"body": "So."}).status == 201
    )
    replies = bot("GET", "/repos/octo/shop/pulls/1/comments").body[1:]
    assert {reply["in_reply_to_id"] for reply in replies} == {thread.comments[0].id}
    alice = Asker(github, github.token("alice"))
    assert alice("POST", f"{path}/reactions", {"content": "-1"}).status == 201
    assert alice("POST", f"{path}/reactions", {"content": "-1"}).status == 200
    assert bot("GET", f"{path}/reactions?content=-1").body[0]["user"]["login"] == "alice"
    assert bot("GET", path).body["reactions"]["-1"] == 1
    assert bot("POST", f"{path}/reactions", {"content": "boo"}).status == 422
