"""The real client, over HTTP, as the product uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from github import Auth, Github, GithubException

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fake_github import FakeGitHub, Pull
    from fake_github.shop import Asker, Work


@pytest.fixture
def client(github: FakeGitHub, bot: Asker) -> Iterator[Github]:
    assert bot.token
    client = Github(
        auth=Auth.Token(bot.token),
        base_url=github.api_url,
        lazy=True,
        per_page=100,
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
    )
    yield client
    client.close()


def test_a_review_from_reading_to_posting(client: Github, github: FakeGitHub, pull: Pull, work: Work) -> None:
    work.commit({f"f{n:03}.txt": "x\n" for n in range(150)})
    repo = client.get_repo("octo/shop")
    seen = repo.get_pull(1)
    assert seen.head.sha == pull.head_sha
    files = list(seen.get_files())
    assert len(files) == seen.changed_files == 153
    assert [commit.sha for commit in seen.get_commits()][-1] == pull.head_sha
    review = seen.create_review(
        commit=repo.get_commit(pull.head_sha),
        body="Look",
        event="COMMENT",
        comments=[
            {"path": "new.py", "line": 2, "side": "RIGHT", "body": "Hm."},
            {
                "path": "numbers.txt",
                "start_line": 10,
                "line": 11,
                "side": "RIGHT",
                "start_side": "RIGHT",
                "body": "Hm.",
            },
        ],
    )
    assert [it.id for it in seen.get_reviews()] == [review.id]
    assert [(it.path, it.line) for it in seen.get_review_comments()] == [("new.py", 2), ("numbers.txt", 11)]
    summary = seen.create_issue_comment("Summary")
    summary.edit("Summary, edited")
    assert [it.body for it in seen.get_issue_comments()] == ["Summary, edited"]
    run = repo.create_check_run("reviewer", pull.head_sha, status="in_progress")
    run.edit(status="completed", conclusion="success", output={"title": "Clean", "summary": "Nothing."})
    assert repo.get_collaborator_permission("alice") == "write"
    assert repo.get_contents("new.py", ref=pull.head_sha).decoded_content == b"x = 1\ny = 2\n"  # type: ignore[union-attr]
    assert repo.compare("main", "feature").ahead_by == 2
    assert client.get_rate_limit().rate.limit == 1000
    github.assert_conforming()


def test_graphql_goes_to_its_own_address(client: Github, github: FakeGitHub, pull: Pull) -> None:
    pull.review("github-actions[bot]", "Look", comments=[{"path": "new.py", "line": 1, "body": "Hm."}])
    query = "query($id: ID!) { node(id: $id) { ... on PullRequestReviewThread { viewerCanResolve line } } }"
    _, answer = client.requester.graphql_query(query, {"id": pull.threads[0].node_id})
    assert answer["data"]["node"] == {"viewerCanResolve": False, "line": 1}
    mutation = "mutation($input: ResolveReviewThreadInput!) { resolveReviewThread(input: $input) { thread { id } } }"
    with pytest.raises(GithubException, match="not accessible by integration"):
        client.requester.graphql_query(mutation, {"input": {"threadId": pull.threads[0].node_id}})
    github.assert_conforming()


def test_a_refusal_is_an_exception(client: Github) -> None:
    with pytest.raises(GithubException) as refused:
        client.get_repo("octo/shop").get_pull(1).create_review(
            body="Look", event="COMMENT", comments=[{"path": "numbers.txt", "line": 1, "body": "Hm."}]
        )
    assert (refused.value.status, refused.value.data["message"]) == (422, "Unprocessable Entity")
