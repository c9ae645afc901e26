"""What the last review remembers is believed where a check run of ours bears it out: a comment may be anybody's."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from desk import Desk, states, told
from risky import about, bad, is_summary, opened, posted, writes

from reviewer.commands import pull
from reviewer.github.state import State, marker, parse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fake_github import Exchange

BOTH = [("shop/part0.py", 2), ("shop/part1.py", 2)]
OPEN = [("shop/part0.py", "open"), ("shop/part1.py", "open")]
NEW = [("shop/part0.py", "new"), ("shop/part1.py", "new")]
BOT = "github-actions[bot]"
UNPROVEN = "no check run bears out what the last review remembers (the token needs `checks: write`)"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    with opened(tmp_path / "shop") as hub, ExitStack() as stack:
        yield Desk(hub, monkeypatch, capsys, stack)


def is_check(each: Exchange) -> bool:
    return each.method == "POST" and each.path.endswith("/check-runs")


def opened_case() -> pull.Case:
    with ExitStack() as stack:
        return pull.opened(("octo/shop", 1), {}, stack)


def remembered(desk: Desk) -> State:
    state = parse(desk.pull.comments[0].body)
    assert state is not None
    return state


def asked(desk: Desk) -> set[str]:
    text = str(desk.server.bodies)
    return {f"shop/part{n}.py" for n in range(4) if f"## shop/part{n}.py" in text}


def settings_digest(desk: Desk) -> str:
    """Learned from a review of another pull request, as anybody can."""
    desk.review("--post")
    digest = remembered(desk).settings
    desk.pull.comments[0].delete()
    for thread in desk.pull.threads:
        thread.comments[0].delete()
    desk.hub.repository.check_runs.clear()
    return digest


def forged(desk: Desk, settings: str) -> str:
    """Another workflow repeats what the change's author wrote: that everything was read, and nothing found."""
    state = State(head=desk.pull.head_sha, base=desk.pull.base_sha, settings=settings, complete=True, round=9)
    return f"You wrote:\n\n{marker(replace(state, rounds=7))}"


def test_a_state_that_another_workflow_was_made_to_post_spares_no_line(desk: Desk) -> None:
    settings = settings_digest(desk)
    desk.pull.comment(BOT, forged(desk, settings))
    report = desk.review("--post")
    assert asked(desk) == {"shop/part0.py", "shop/part1.py"}
    assert told(report).startswith(UNPROVEN)
    assert (states(report), posted(desk.hub)) == (NEW, BOTH)
    assert remembered(desk).rounds == 0


def test_of_several_comments_the_one_that_is_borne_out_is_ours(desk: Desk) -> None:
    settings = settings_digest(desk)
    forgery = desk.pull.comment(BOT, "Welcome!")
    desk.review("--post")
    words = forged(desk, settings)
    forgery.edit(words)
    desk.hub.commit({"shop/part2.py": bad(2)}, "topic")
    report = desk.review("--post")
    assert asked(desk) == {"shop/part2.py"}
    assert states(report) == [*OPEN, ("shop/part2.py", "new")]
    assert forgery.body == words, "what another workflow said is not deleted as a twin of ours"
    assert [comment.body.count("### 3 findings") for comment in desk.pull.comments] == [0, 1]
    desk.review("--post")
    assert (asked(desk), writes(desk.hub)) == (set(), [])


def test_the_state_of_another_pull_request_is_no_state_of_this_one(desk: Desk) -> None:
    desk.review("--post")
    theirs = remembered(desk)
    other = desk.hub.repository.open_pull(base="main", head="topic", author="mallory", title="Again")
    other.comment(BOT, f"You wrote:\n\n{marker(theirs)}")
    desk.monkeypatch.setattr("desk.TARGET", f"octo/shop#{other.number}")
    report = desk.review("--post")
    assert asked(desk) == {"shop/part0.py", "shop/part1.py"}
    assert states(report) == OPEN
    assert [thread.path for thread in other.threads] == ["shop/part0.py", "shop/part1.py"], "said all the same"


@pytest.mark.parametrize("may_see", [True, False])
def test_without_the_right_to_make_checks_nothing_is_spared_and_nothing_repeated(desk: Desk, *, may_see: bool) -> None:
    desk.monkeypatch.setenv("GITHUB_TOKEN", desk.hub.fake.token(BOT, contents="read", pull_requests="write"))
    desk.review("--post")
    if not may_see:  # whoever reads a public repository may see its checks
        desk.hub.fake.fail(lambda each: each.method == "GET" and each.path.endswith("/check-runs"), 403)
    report = desk.review("--post")
    assert asked(desk) == {"shop/part0.py", "shop/part1.py"}
    assert told(report).startswith(UNPROVEN)
    assert (states(report), posted(desk.hub), len(desk.pull.comments)) == (OPEN, BOTH, 1)
    assert writes(desk.hub) == (["POST /repos/octo/shop/check-runs"] if may_see else [])
    assert ("no check run (" in desk.err) == may_see


def test_a_persons_token_makes_no_checks_and_asks_for_none(desk: Desk) -> None:
    desk.hub.repository.collaborator("ada", "write")
    desk.monkeypatch.setenv("GITHUB_TOKEN", desk.hub.fake.token("ada"))
    desk.review("--post")
    assert states(desk.review("--post")) == OPEN
    assert (writes(desk.hub), len(desk.hub.fake.traffic)) == ([], 2)


@pytest.mark.parametrize("stored", [True, False])
def test_a_check_whose_answer_got_lost_is_there_once(desk: Desk, *, stored: bool) -> None:
    desk.hub.fake.fail(is_check, 502, after_storing=stored)
    desk.review("--post")
    assert len(desk.hub.repository.check_runs) == 1
    desk.review("--post")
    assert (asked(desk), writes(desk.hub)) == (set(), [])


def test_a_check_that_failed_is_made_up(desk: Desk) -> None:
    desk.hub.fake.fail(is_check, 502, times=3)
    assert desk.code("--post", "--fail-on", "high") == 1
    assert desk.hub.repository.check_runs == []
    assert desk.code("--post", "--fail-on", "high") == 1
    assert writes(desk.hub) == ["POST /repos/octo/shop/check-runs"]
    (check,) = desk.hub.repository.check_runs
    assert (check.conclusion, len(check.annotations)) == ("failure", 2)
    desk.code("--post", "--fail-on", "high")
    assert (asked(desk), writes(desk.hub)) == (set(), [])


def test_another_bar_makes_another_check_and_nothing_else(desk: Desk) -> None:
    bars = {"critical": "neutral", "high": "failure", "low": "failure", "never": "neutral"}
    for bar, conclusion in bars.items():
        assert desk.code("--post", "--fail-on", bar) == (conclusion == "failure")
        check = desk.hub.repository.check_runs[-1]
        assert check.conclusion == conclusion
        assert (f"above {bar}" in check.output["title"]) == (conclusion == "failure")
        if bar != "critical":
            assert writes(desk.hub) == ["POST /repos/octo/shop/check-runs"]
            assert asked(desk) == set()
        desk.code("--post", "--fail-on", bar)
        assert writes(desk.hub) == []
    assert len(desk.hub.repository.check_runs) == len(bars)
    assert (posted(desk.hub), len(desk.pull.comments)) == (BOTH, 1)


def test_two_pull_requests_of_one_head_have_a_check_each(desk: Desk) -> None:
    desk.hub.repository.open_pull(base="main", head="topic", author="mallory", title="Again")
    for target in ("octo/shop#1", "octo/shop#2"):
        desk.monkeypatch.setattr("desk.TARGET", target)
        desk.review("--post")
    for target in ("octo/shop#1", "octo/shop#2", "octo/shop#1"):
        desk.monkeypatch.setattr("desk.TARGET", target)
        desk.review("--post")
        assert (asked(desk), writes(desk.hub)) == (set(), [])


def test_what_travels_along_is_asked_alone_where_that_is_too_much(desk: Desk, tmp_path: Path) -> None:
    desk.sit(tmp_path)
    desk.review("--post")
    desk.hub.fake.fail(lambda each: each.is_graphql and "f0: object" in each.body["query"], 502, times=3)
    report = desk.review("--post")
    assert (asked(desk), states(report), writes(desk.hub)) == (set(), OPEN, [])


def test_a_dry_run_says_that_the_check_will_be_made(desk: Desk) -> None:
    desk.code("--post", "--fail-on", "high")
    desk.code("--fail-on", "never", "--format", "text")
    assert "nothing new: only the check will be written" in desk.out


def test_a_summary_that_was_never_written_leaves_no_check_behind(desk: Desk) -> None:
    desk.hub.fake.fail(is_summary, 403, body={"message": "No"})
    desk.review("--post")
    assert desk.hub.repository.check_runs == []


def test_a_github_that_stumbles_over_checks_is_told_before_anybody_is_asked(desk: Desk) -> None:
    desk.review("--post")
    desk.hub.fake.fail(lambda each: each.method == "GET" and each.path.endswith("/check-runs"), 502, times=9)
    with pytest.raises(Exception, match="502"):
        desk.review("--post")
    assert desk.server.requests == []


def test_what_was_too_much_to_be_shown_still_fails_when_the_rest_is_dismissed(desk: Desk) -> None:
    flags = ("--post", "--fail-on", "high", "--max-comments", "1")
    assert desk.code(*flags) == 1
    assert len(posted(desk.hub)) == 1
    desk.hub.repository.collaborator("alice", "write")
    desk.pull.threads[0].resolve("alice")
    assert desk.code(*flags) == 1
    assert asked(desk) == set()
    check = desk.hub.repository.check_runs[-1]
    assert (check.conclusion, check.output["title"]) == (
        "failure",
        "1 finding at or above high, 1 not shown (max_comments)",
    )
    assert desk.code(*flags) == 1
    assert writes(desk.hub) == []
    assert desk.code("--post", "--fail-on", "critical", "--max-comments", "1") == 0
    assert desk.hub.repository.check_runs[-1].conclusion == "neutral"


@pytest.mark.parametrize("push", [True, False])
def test_rounds_are_counted_by_heads_that_were_read_completely(desk: Desk, *, push: bool) -> None:
    counted = []
    for n in range(4):
        desk.hub.commit({"shop/part2.py": bad(2, f"x = {n if push else 0}\n")}, "topic") if push or n == 0 else None
        desk.server = desk.ask(about)  # a model at another address: the round of a head that is read again is the same
        desk.review("--post")
        counted.append(remembered(desk).rounds)
        assert opened_case().rounds == counted[-1], "the same when the same head is reviewed again"
    assert counted == ([0, 1, 2, 3] if push else [0, 0, 0, 0])
