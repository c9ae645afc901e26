from __future__ import annotations

import http.client
import json
import threading
import urllib.error
from dataclasses import replace
from typing import TYPE_CHECKING

import github_contract
import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from fake_github import Exchange, FakeGitHub, Pull, Repository
    from fake_github.shop import Asker, Clock, Work

REVIEWS = "/repos/octo/shop/pulls/1/reviews"
COMMENTS = "/repos/octo/shop/issues/1/comments"


def is_review(exchange: Exchange) -> bool:
    return exchange.method == "POST" and exchange.path == REVIEWS


def test_a_review_is_stored_and_answered_with_502(bot: Asker, github: FakeGitHub, pull: Pull) -> None:
    github.fail(is_review, 502, after_storing=True)
    assert bot.review().status == 502
    assert len(pull.reviews) == 1
    assert bot.review().status == 200
    assert [exchange.status for exchange in github.traffic] == [502, 200]
    assert github.traffic[0].login == "github-actions[bot]"


def test_a_fault_before_storing_stores_nothing(bot: Asker, github: FakeGitHub, pull: Pull) -> None:
    github.fail(is_review, 429, times=2, headers={"Retry-After": "7"}, body={"message": "Slow down"})
    assert [bot.review().status for _ in range(3)] == [429, 429, 200]
    assert github.traffic[0].response_headers["Retry-After"] == "7"
    assert len(pull.reviews) == 1


def test_a_connection_can_be_dropped_after_storing(bot: Asker, github: FakeGitHub, pull: Pull) -> None:
    github.fail(is_review, drop=True, after_storing=True)
    with pytest.raises((http.client.HTTPException, urllib.error.URLError, ConnectionError)):
        bot.review()
    assert len(pull.reviews) == 1
    assert github.traffic[0].status is None


def test_an_answer_can_be_cut_or_spoilt_until_it_is_healed(bot: Asker, github: FakeGitHub, pull: Pull) -> None:
    github.spoil(is_review, lambda answer: replace(answer, cut=True))
    with pytest.raises(http.client.IncompleteRead):
        bot.review()
    assert len(pull.reviews) == 1
    github.spoil(is_review, lambda answer: replace(answer, body={"id": None}), times=9)
    assert bot.review().body == {"id": None}
    github.heal()
    assert bot.review().body["state"] == "COMMENTED"


def test_a_renamed_repository_redirects(bot: Asker, github: FakeGitHub, repo: Repository) -> None:
    github.state.rename(repo, "octo/store")
    query = 'query { repository(owner: "octo", name: "shop") { pullRequest(number: 1) { number } } }'
    assert bot.graphql(query)["data"]["repository"]["pullRequest"]["number"] == 1
    found = bot("GET", "/repos/octo/shop/pulls/1?x=1")  # urllib follows
    assert found.body["base"]["repo"]["full_name"] == "octo/store"
    assert github.traffic[1].response_headers["Location"].endswith(f"/repositories/{repo.id}/pulls/1?x=1")
    assert bot("POST", COMMENTS, {"body": "Hi"}).status == 307


def test_something_happens_in_the_middle_of_a_run(bot: Asker, github: FakeGitHub, pull: Pull, work: Work) -> None:
    before = pull.head_sha
    github.meanwhile(is_review, lambda: work.commit({"new.py": "moved = True\n"}))
    assert bot.review(commit_id=before).status == 200
    assert pull.head_sha != before


def test_writes_that_come_too_fast(bot: Asker, github: FakeGitHub, clock: Clock) -> None:
    github.limits.write_gap = 1.0
    assert bot("POST", COMMENTS, {"body": "1"}).status == 201
    refused = bot("POST", COMMENTS, {"body": "2"})
    assert (refused.status, refused.headers["Retry-After"]) == (403, "60")
    assert "secondary rate limit" in refused.body["message"]
    assert bot("GET", COMMENTS).status == 200
    clock.time += 59
    assert bot("POST", COMMENTS, {"body": "2"}).status == 403
    clock.time += 1
    assert bot("POST", COMMENTS, {"body": "2"}).status == 201
    clock.time += 1
    assert bot("POST", COMMENTS, {"body": "3"}).status == 201


def test_too_many_writes_in_a_minute(bot: Asker, github: FakeGitHub, clock: Clock, pull: Pull) -> None:
    github.limits.writes, github.limits.secondary_status, github.limits.retry_after = 2, 429, None
    reply = {
        "query": "mutation($i: MinimizeCommentInput!) { minimizeComment(input: $i) { clientMutationId: __typename } }"
    }
    pull.comment("alice", "Hi")
    subject = {"i": {"subjectId": pull.comments[0].node_id, "classifier": "SPAM"}}
    assert bot("POST", "/graphql", {**reply, "variables": subject}).status == 200
    assert bot("POST", "/graphql", {"query": "{ viewer { login } }"}).status == 200
    assert bot("POST", COMMENTS, {"body": "2"}).status == 201
    refused = bot("POST", COMMENTS, {"body": "3"})
    assert (refused.status, "Retry-After" in refused.headers) == (429, False)
    clock.time += 61
    assert bot("POST", COMMENTS, {"body": "3"}).status == 201


def test_the_primary_limit_has_its_headers(bot: Asker, github: FakeGitHub, clock: Clock) -> None:
    github.limits.hourly = 2
    first = bot("GET", COMMENTS)
    assert (first.headers["X-RateLimit-Limit"], first.headers["X-RateLimit-Remaining"]) == ("2", "1")
    bot("GET", COMMENTS)
    refused = bot("GET", COMMENTS)
    assert (refused.status, refused.headers["X-RateLimit-Remaining"]) == (403, "0")
    assert bot("GET", "/rate_limit").body["rate"]["remaining"] == 0
    clock.time = float(refused.headers["X-RateLimit-Reset"])
    assert bot("GET", COMMENTS).status == 200


def test_writers_at_the_same_time_are_counted(bot: Asker, github: FakeGitHub) -> None:
    meeting = threading.Barrier(2, timeout=5)
    reached = threading.Event()
    github.meanwhile(is_review, lambda: reached.wait(5))
    threads = [threading.Thread(target=lambda: (meeting.wait(), bot.review())) for _ in range(2)]
    for thread in threads:
        thread.start()
    while github.most_writers < 2:
        reached.wait(0.01)
    reached.set()
    for thread in threads:
        thread.join()
    assert github.most_writers == 2


def test_broken_json_and_unknown_operations(bot: Asker, github: FakeGitHub) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", int(github.url.rpartition(":")[2]))
    connection.request("POST", "/api/v3" + REVIEWS, b"{", {"Authorization": f"Bearer {bot.token}"})
    assert connection.getresponse().status == 400
    connection.close()
    assert bot("POST", "/graphql", {}).status == 400
    assert bot("GET", "/repos/octo/shop/labels").status == 501
    github.forget_traffic()


def test_the_contract_sees_what_is_wrong(bot: Asker, github: FakeGitHub) -> None:
    bot("POST", REVIEWS, {"body": "Hi", "event": "SHRUG"})
    bot("GET", "/nowhere")
    bot.graphql("{ nonsense }")
    bot.graphql("query($id: ID!) { node(id: $id) { id } }")
    bot("GET", "/repos/octo/shop/pulls/1/files?per_page=many")
    found = github.problems()
    assert len(found) == 5
    with pytest.raises(AssertionError, match="SHRUG"):
        github.assert_conforming()
    github.forget_traffic()
    with pytest.raises(AssertionError, match="nobody asked"):
        github.assert_conforming()


def test_the_contract_sees_a_wrong_answer() -> None:
    record = {"method": "GET", "path": "/repos/o/r/pulls/1", "status": 200, "response": {"number": "1"}}
    assert any("number" in problem for problem in github_contract.problems(record))
    assert github_contract.problems({**record, "status": 418}) == ["response: status 418 is not documented"]
    assert github_contract.problems({**record, "status": 502, "response": None}) == []


def test_traffic_can_be_kept(bot: Asker, github: FakeGitHub, tmp_path: Path) -> None:
    bot.review()
    bot("GET", "/repos/octo/shop/pulls/1/files?per_page=100")
    kept = tmp_path / "traffic.jsonl"
    github.write_traffic(kept)
    records = [json.loads(line) for line in kept.read_text().splitlines()]
    assert [record["path"] for record in records] == [REVIEWS, "/repos/octo/shop/pulls/1/files?per_page=100"]
