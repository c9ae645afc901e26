"""What is read back from a pull request: only what GitHub says we wrote, and who dismissed it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import hub as hubs
import pytest
from conversations import PULL, STATE, finding

from reviewer.github import bodies, threads
from reviewer.github.dismissals import dismissals
from reviewer.github.failures import GitHubError
from reviewer.github.state import known, marker
from reviewer.github.threads import Existing, finding_of, read_existing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from fake_github import Pull
    from fake_github.remarks import Thread
    from hub import Hub

BOT = "github-actions[bot]"
ONE, TWO = finding(1), finding(2)


def comment(number: int) -> str:
    one = finding(number)
    return bodies.comment(one, known(one), STATE, with_button=False)


def summary(round_: int = 1) -> str:
    return f"### words\n\n{marker(replace(STATE, round=round_))}"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with hubs.opened(tmp_path / "shop") as hub:
        hub.commit({"shop/orders.py": "".join(f"{n}\n" for n in range(300))}, "main")
        hub.commit({"shop/orders.py": "".join(f"{n}!\n" for n in range(300))}, "topic")
        hub.repository.collaborator("eve", "write")
        hub.repository.collaborator("mia", "admin")
        hub.repository.collaborator("ada", "write")
        yield hub


@pytest.fixture
def pull(hub: Hub) -> Pull:
    return hub.opened(author="ada")


def said(pull: Pull, line: int, body: str, by: str = BOT) -> Thread:
    pull.review(by, comments=[{"path": "shop/orders.py", "line": line, "side": "RIGHT", "body": body}])
    return pull.threads[-1]


def existing(hub: Hub, token: str | None = None) -> Existing:
    client = hub.client(token=token)
    read = read_existing(client, hub.read(client))
    hub.fake.assert_conforming()
    return read


def questions(hub: Hub) -> int:
    return sum(exchange.path.endswith("/graphql") for exchange in hub.fake.traffic)


def dismissed(hub: Hub) -> Mapping[str, bool]:
    client = hub.client()
    pull = hub.read(client)
    found = dismissals(client, pull, read_existing(client, pull).threads)
    hub.fake.assert_conforming()
    return found


def test_nothing_was_said(hub: Hub, pull: Pull) -> None:
    read = existing(hub)
    assert (read.head, read.summary, read.threads) == (pull.head_sha, None, ())
    assert read.viewer in {BOT, "github-actions"}


def test_what_we_said_is_read_in_one_request(hub: Hub, pull: Pull) -> None:
    pull.comment("ada", "hello")
    ours = pull.comment(BOT, summary())
    thread = said(pull, 7, comment(1))
    read = existing(hub)
    assert read.summary is not None
    assert (read.summary.database_id, read.summary.state) == (ours.id, STATE)
    (one,) = read.threads
    assert (one.id, one.database_id, one.line, one.path) == (
        thread.node_id, thread.comments[0].id, 7, "shop/orders.py",
    )  # fmt: skip
    assert (one.resolved, one.outdated, one.human_reply, one.thumbs_down, one.mine) == (False, False, False, 0, True)
    assert not one.can_resolve
    assert finding_of(one) == ONE.fingerprint
    assert questions(hub) == 1


def test_a_token_that_may_resolve_is_told_so(hub: Hub, pull: Pull) -> None:
    said(pull, 7, comment(1))
    token = hub.fake.token(BOT, contents="write", pull_requests="write")
    assert existing(hub, token).threads[0].can_resolve


def test_what_others_wrote_is_not_believed(hub: Hub, pull: Pull) -> None:
    pull.comment("ada", summary())
    said(pull, 7, comment(1), by="ada")
    pull.comment(BOT, "another workflow says hello")
    said(pull, 8, "another workflow says hello")
    said(pull, 9, summary())  # a marker, but of no finding
    read = existing(hub)
    assert (read.summary, read.threads) == (None, ())


def test_of_two_summaries_the_oldest_counts(hub: Hub, pull: Pull) -> None:
    pull.comment(BOT, summary(3))
    pull.comment(BOT, summary(4))
    read = existing(hub).summary
    assert read is not None
    assert read.state.round == 3


def test_long_conversations_are_read_to_the_end(hub: Hub, pull: Pull) -> None:
    for _ in range(230):
        pull.comment("ada", "talk")
    pull.comment(BOT, summary())
    for number in range(1, 121):
        said(pull, number, comment(number))
    read = existing(hub)
    assert read.summary is not None
    assert {finding_of(each) for each in read.threads} == {finding(n).fingerprint for n in range(1, 121)}
    assert questions(hub) == 1 + 2 + 1


def test_people_who_reply_are_seen_and_bots_are_not(hub: Hub, pull: Pull) -> None:
    spoken, echoed, long = (said(pull, number, comment(number)) for number in (1, 2, 3))
    spoken.reply("eve", "really?")
    echoed.reply("dependabot[bot]", "rebased")
    for _ in range(threads.TALK + 1):
        long.reply("dependabot[bot]", "rebased")
    assert [each.human_reply for each in existing(hub).threads] == [True, False, True]


def test_a_line_that_is_gone_is_outdated(hub: Hub, pull: Pull) -> None:
    said(pull, 7, comment(1))
    hub.commit({"shop/orders.py": "".join(f"{n}\n" for n in range(300)) + "x\n"}, "topic")
    (one,) = existing(hub).threads
    assert (one.outdated, one.line) == (True, None)


@pytest.mark.parametrize(
    ("who", "counts"), [("eve", True), ("mia", True), ("ada", False), ("bob", False), ("dependabot[bot]", False)]
)
def test_who_resolves_a_thread_decides_or_only_hides_it(hub: Hub, pull: Pull, who: str, *, counts: bool) -> None:
    said(pull, 1, comment(1)).resolve(who)
    said(pull, 2, comment(2))
    assert dismissed(hub) == {ONE.fingerprint: counts}


def test_a_thumb_down_dismisses_too(hub: Hub, pull: Pull) -> None:
    one, two, three = (said(pull, number, comment(number)) for number in (1, 2, 3))
    one.comments[0].react("ada", "-1")
    one.comments[0].react("eve", "-1")
    two.comments[0].react("bob", "-1")
    three.comments[0].react("eve", "+1")
    assert dismissed(hub) == {ONE.fingerprint: True, TWO.fingerprint: False}


def test_of_two_threads_about_one_finding_either_dismisses(hub: Hub, pull: Pull) -> None:
    said(pull, 1, comment(1)).resolve("eve")
    said(pull, 2, comment(1)).resolve("ada")
    assert dismissed(hub) == {ONE.fingerprint: True}
    assert sum("permission" in exchange.path for exchange in hub.fake.traffic) == 1


def test_what_we_resolved_ourselves_is_not_dismissed(hub: Hub, pull: Pull) -> None:
    said(pull, 1, comment(1)).resolve(BOT)
    assert dismissed(hub) == {}


def test_a_person_who_runs_us_with_a_token_of_their_own_may_dismiss(hub: Hub, pull: Pull) -> None:
    said(pull, 1, comment(1), by="eve").resolve("eve")
    assert existing(hub, hub.fake.token("eve")).threads[0].resolved_by == "eve"


def test_what_we_resolved_in_a_persons_name_is_not_dismissed_when_the_bug_returns(hub: Hub, pull: Pull) -> None:
    token = hub.fake.token("eve", contents="write", pull_requests="write")
    fixed = replace(STATE, findings=(known(ONE, "fixed"), known(TWO)))
    ours = pull.comment("eve", f"### words\n\n{marker(fixed)}")
    said(pull, 1, comment(1), by="eve").resolve("eve")
    said(pull, 2, comment(2), by="eve").resolve("eve")
    assert [each.resolved_by for each in existing(hub, token).threads] == [None, "eve"]
    ours.edit(f"### words\n\n{marker(replace(STATE, findings=(known(ONE), known(TWO))))}")
    said(pull, 3, comment(1), by="eve")
    assert [each.resolved_by for each in existing(hub, token).threads] == [None, "eve", None]
    pull.threads[-1].resolve("eve")
    assert [each.resolved_by for each in existing(hub, token).threads] == [None, "eve", "eve"], "a person did that"


class Stub:
    """A GitHub that answers with what it is given."""

    def __init__(self, data: Any = None, error: GitHubError | None = None) -> None:
        self.data, self.error = data, error

    def graphql(self, query: str, variables: Mapping[str, Any], *, spare: frozenset[str] = frozenset()) -> Any:  # noqa: ARG002 the client's
        return self.data

    def rest(self, method: str, path: str, *, query: Mapping[str, Any] | None = None) -> tuple[dict[str, str], Any]:  # noqa: ARG002
        if self.error:
            raise self.error
        return {}, self.data


def test_a_pull_request_that_is_not_to_be_seen_is_an_error() -> None:
    for repository in (None, {"pullRequest": None}):
        with pytest.raises(GitHubError, match="octo/shop#12 is not to be seen"):
            read_existing(Stub({"viewer": {"login": "x"}, "repository": repository}), PULL)


def test_a_permission_that_may_not_be_read_counts_as_none_and_trouble_is_trouble() -> None:
    one = threads.Thread("T", "a.py", 1, True, "eve", True, False, "C", 1, comment(1), True, False, 0)
    forbidden = GitHubError("no", status=403, kind="forbidden")
    assert dismissals(Stub(error=forbidden), PULL, [one]) == {ONE.fingerprint: False}
    with pytest.raises(GitHubError):
        dismissals(Stub(error=GitHubError("no", status=502, kind="server")), PULL, [one])


def test_whose_account_is_gone_dismisses_nothing_and_is_a_person() -> None:
    node = {
        "id": "T", "path": "a.py", "line": None, "isResolved": True, "isOutdated": False, "viewerCanResolve": False,
        "resolvedBy": None,
        "first": {"nodes": [{"id": "C", "fullDatabaseId": "3000000000", "body": comment(1), "viewerDidAuthor": True,
                             "reactionGroups": None}]},
        "comments": {"totalCount": 2, "nodes": [{"author": {"__typename": "Bot"}}, {"author": None}]},
    }  # fmt: skip
    over = {"endCursor": None, "hasNextPage": False}
    data = {
        "viewer": {"login": BOT},
        "repository": {
            "pullRequest": {
                "headRefOid": "h",
                "comments": {"nodes": None, "pageInfo": over},
                "reviewThreads": {"nodes": [None, node], "pageInfo": over},
            }
        },
    }
    (one,) = read_existing(Stub(data), PULL).threads
    assert (one.human_reply, one.resolved_by, one.database_id) == (True, None, 3_000_000_000)
    ghost = replace(one, thumbs_down=1)
    assert dismissals(Stub([{"user": None}]), PULL, [ghost]) == {}


class Told:
    """A client that has one answer."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def graphql(self, *_: Any, **__: Any) -> Any:
        return self.answer

    def rest(self, *_: Any, **__: Any) -> tuple[dict[str, str], Any]:
        return {}, self.answer


@pytest.mark.parametrize(
    "there",
    [
        {},
        {"viewer": None},
        {"viewer": {"login": BOT}, "repository": {"pullRequest": {"headRefOid": "a" * 40}}},
        {
            "viewer": {"login": BOT},
            "repository": {
                "pullRequest": {
                    "headRefOid": "a" * 40,
                    "comments": {
                        "nodes": [{"id": "C", "fullDatabaseId": None, "body": summary(), "viewerDidAuthor": True}]
                    },
                }
            },
        },
    ],
)
def test_an_answer_of_another_shape_is_githubs_trouble(there: Any) -> None:
    with pytest.raises(GitHubError, match="tells of the comments on octo/shop#12 without") as raised:
        read_existing(Told(there), PULL)
    assert raised.value.kind == "server"


@pytest.mark.parametrize("name", ["comments", "reviewThreads"])
@pytest.mark.parametrize(
    ("cursor", "says"), [("Y3Vyc29yOnYyOpK0", "go in a circle"), (None, r"belongs there \('endCursor'\)")]
)
def test_more_that_cannot_be_had_is_not_taken_for_nothing(name: str, cursor: str | None, says: str) -> None:
    over = {"nodes": [], "pageInfo": {"endCursor": None, "hasNextPage": False}}
    more = {"nodes": [], "pageInfo": {"endCursor": cursor, "hasNextPage": True}}
    there = {"headRefOid": "a" * 40, "comments": over, "reviewThreads": over, name: more}
    with pytest.raises(GitHubError, match=says) as raised:
        read_existing(Told({"viewer": {"login": BOT}, "repository": {"pullRequest": there}}), PULL)
    assert raised.value.kind == "server"


def test_whoever_cannot_be_told_dismisses_nothing(hub: Hub, pull: Pull) -> None:
    said(pull, 1, comment(1)).resolve("eve")
    (thread,) = existing(hub).threads
    assert dismissals(Told(None), PULL, [thread]) == {ONE.fingerprint: False}
    with pytest.raises(GitHubError, match="is no list"):
        dismissals(Told(None), PULL, [replace(thread, thumbs_down=1)])
