"""What is said around a pull request comes along with a question that is asked anyway."""

from __future__ import annotations

from typing import TYPE_CHECKING

import hub as hubs
import pytest

from reviewer.github import words
from reviewer.github.failures import GitHubError
from reviewer.github.threads import Existing, read_existing
from reviewer.github.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fake_github import Exchange
    from hub import Hub


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with hubs.opened(tmp_path / "shop") as hub:
        hub.commit({"a.py": "a\n"}, "main")
        hub.git("checkout", "-q", "-b", "topic")
        yield hub
        hub.fake.assert_conforming()


def existing(hub: Hub, token: str | None = None) -> Existing:
    client = hub.client(token=token)
    return read_existing(client, hub.read(client))


def subjects(hub: Hub, *messages: str) -> None:
    for message in messages:
        hub.git("commit", "-q", "--allow-empty", "-m", message)


def is_graphql(exchange: Exchange) -> bool:
    return exchange.is_graphql


def test_commits_and_issues_cost_no_request(hub: Hub) -> None:
    subjects(hub, "Use cents\n\nThey were floats.", "Böse `subject`")
    pull = hub.opened()
    pull.closes(12, "Wrong totals")
    pull.closes(7, "Sécret", hub.fake.repository("octo/other", hub.root))
    assert existing(hub).words == Words(("Use cents", "Böse `subject`"), ((12, "Wrong totals"),))
    assert len(hub.fake.traffic) == 2


def test_of_many_commits_the_newest_are_told(hub: Hub) -> None:
    subjects(hub, *(f"Step {number}" for number in range(30)))
    pull = hub.opened()
    for number in range(9):
        pull.closes(number + 1, "x")
    said = existing(hub).words
    assert said.commits == tuple(f"Step {number}" for number in range(10, 30))
    assert [number for number, _ in said.issues] == [1, 2, 3, 4, 5]


def test_a_token_that_may_not_read_issues_reads_the_rest(hub: Hub) -> None:
    hub.repository.private = True
    token = hub.fake.token("github-actions[bot]", contents="read", pull_requests="write")
    subjects(hub, "Use cents")
    hub.opened().closes(12, "Wrong totals")
    assert existing(hub, token).words == Words(("Use cents",))
    assert "errors" in hub.fake.traffic[-1].response
    assert len(hub.fake.traffic) == 2


@pytest.mark.parametrize("path", [None, ["repository", "pullRequest", "reviewThreads"], "commits", [{}, 0]])
def test_trouble_with_anything_else_is_trouble(hub: Hub, path: object) -> None:
    hub.opened()
    error = {"type": "FORBIDDEN", "message": "Resource not accessible by integration", "path": path}
    spare = {**error, "path": ["repository", "pullRequest", "closingIssuesReferences", "nodes", 0]}
    hub.fake.fail(is_graphql, 200, body={"data": {}, "errors": [spare, error]})
    with pytest.raises(GitHubError, match="not accessible"):
        existing(hub)


def test_an_answer_without_data_is_trouble_even_if_only_spare_fields_failed(hub: Hub) -> None:
    hub.opened()
    client = hub.client()
    pull = hub.read(client)
    hub.fake.fail(is_graphql, 200, body={"data": None, "errors": [{"path": ["commits"]}]}, times=9)
    with pytest.raises(GitHubError, match="no data"):
        read_existing(client, pull)


def test_what_is_null_is_not_told() -> None:
    assert words.read({}, "o/r") == Words()
    odd = {
        "commits": {"nodes": [None, {"commit": None}, {"commit": {"messageHeadline": "x"}}]},
        "closingIssuesReferences": {"nodes": [None, {"number": 1, "title": "t", "repository": None}]},
    }
    assert words.read(odd, "o/r") == Words(("", "x"))
    assert words.read({"commits": None, "closingIssuesReferences": {"nodes": None}}, "o/r") == Words()
