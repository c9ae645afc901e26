"""A stranger's pull request is reviewed again after a push: what that sends; nothing is repeated, nothing approved."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from hostile import watching
from hostile.aftermath import acted, at_github
from hostile.canaries import leaks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hostile.aftermath import Aftermath

CALLS = re.compile(
    r"GET /repos/octo/shop/(pulls/1(/files)?|compare/\w{40}\.\.\.\w{40}|git/trees/\w{40}|commits/\w{40}/check-runs"
    r"|pulls/comments/\d+/reactions|collaborators/[\w-]+/permission)"
    r"|POST /(graphql|repos/octo/shop/(pulls/1/reviews|issues/1/comments|check-runs))"
    r"|PATCH /repos/octo/shop/(issues/comments/\d+|pulls/comments/\d+|check-runs/\d+)"
)
MUTATION = re.compile(r"\s*mutation Resolve\(\$thread: ID!\) \{\s*resolveReviewThread\(")

pytestmark = pytest.mark.xdist_group("hostile")


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Aftermath, Aftermath]]:
    """A maintainer turned one comment down, and the stranger took one file back and added another, between the two."""
    folder = tmp_path_factory.mktemp("rounds")
    with at_github(folder) as hub:
        first = acted(hub, folder / "first")
        threads = hub.repository.pulls[1].threads
        hub.repository.collaborator("alice", "write")
        threads[0].comments[0].react("alice", "-1")
        gone = next(
            each.path for each in threads[1:] if each.path != threads[0].path and (hub.root / each.path).exists()
        )
        hub.commit(
            {gone: None, "src/second.py": "def second(given):\n    return eval(given)\n"}, hub.repository.pulls[1].head
        )
        yield first, acted(hub, folder / "second")


def test_only_these_calls_are_made(rounds: tuple[Aftermath, Aftermath]) -> None:
    _, after = rounds
    made = {f"{each.method} {each.path}" for each in after.traffic}
    assert [call for call in made if not CALLS.fullmatch(call)] == []
    assert any("/reactions" in call for call in made), "a thumb was held against who may decide"
    mutations = [each.body["query"] for each in after.traffic if each.is_graphql and each.is_mutation]
    assert [query for query in mutations if not MUTATION.match(query)] == []


def test_nothing_is_said_twice_and_nothing_is_approved(rounds: tuple[Aftermath, Aftermath]) -> None:
    first, after = rounds
    pull = after.hub.repository.pulls[1]
    places = [(each.path, each.line, each.comments[0].body) for each in pull.threads]
    assert len(places) == len(set(places))
    assert len(places) > 25, "the second review has comments of its own"
    assert "src/second.py" in {each["path"] for each in after.report["findings"]}
    assert {review.state for review in pull.reviews} == {"COMMENTED"}
    summaries = [each for each in after.traffic if each.path.endswith("/issues/1/comments") and each.is_write]
    assert summaries == []
    assert first.report["status"] == after.report["status"] == "findings"


def test_whatever_leaves_it_does_nothing_and_holds_no_secret(rounds: tuple[Aftermath, Aftermath]) -> None:
    _, after = rounds
    assert after.bodies
    assert {name: found for name, body in after.bodies.items() if (found := watching.in_markdown(body))} == {}
    assert {name: found for name, text in after.channels() if (found := leaks(text))} == {}
