"""`reviewer review owner/repo#12`: the draft, the posting, and what is told where the posting failed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from desk import Desk, states
from model_server import Answer, ModelServer
from processes import asking, command
from risky import TARGET, about, bad, connection, is_review, is_summary, opened, posted, read_only, writes

from reviewer.errors import Undelivered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

BOTH = [("shop/part0.py", 2), ("shop/part1.py", 2)]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    with opened(tmp_path / "shop") as hub, ExitStack() as stack:
        yield Desk(hub, monkeypatch, capsys, stack)


def noted(report: Any) -> list[str]:
    return [note["code"] for note in report["notes"]]


def test_the_draft_is_what_would_be_posted(desk: Desk) -> None:
    assert desk.code("--format", "text") == 0
    draft = desk.out
    assert writes(desk.hub) == []
    desk.review("--post")
    for thread in desk.pull.threads:
        assert f"{thread.path}:{thread.line}" in draft
        assert thread.comments[0].body.partition("\n")[0] in draft
    assert desk.code("--format", "text") == 0
    assert "nothing" in desk.out.lower()


def test_a_closed_pull_request_gets_no_comment_but_can_be_read(desk: Desk) -> None:
    desk.pull.close()
    assert desk.code("--post") == 0
    assert (desk.out, desk.err) == ("", f"reviewer: {TARGET} is closed: nothing to review\n")
    assert desk.server.requests == []
    assert [path for path, _ in states(desk.review())] == ["shop/part0.py", "shop/part1.py"]
    assert writes(desk.hub) == []


def test_where_the_token_may_not_write_the_report_says_so(desk: Desk) -> None:
    desk.monkeypatch.setenv("GITHUB_TOKEN", read_only(desk.hub))
    report = desk.review("--post")
    assert noted(report) == ["not_posted"]
    assert report["notes"][0]["message"].startswith("nothing could be written to the pull request: this token may not")
    assert (len(report["findings"]), posted(desk.hub)) == (2, [])


def test_where_only_the_summary_may_not_be_written_the_report_says_so(desk: Desk) -> None:
    desk.hub.fake.fail(is_summary, 403, body={"message": "No"})
    report = desk.review("--post")
    (note,) = report["notes"]
    assert note["message"].startswith("2 comments were posted; the summary could not be written: ")
    assert note["data"] == {"posted": [each["id"] for each in report["findings"]]}
    assert posted(desk.hub) == BOTH


@pytest.mark.parametrize("deadline", [(), ("--deadline", "30")])
def test_past_the_deadline_no_write_is_repeated(desk: Desk, deadline: tuple[str, ...]) -> None:
    def answer(body: Any, headers: Mapping[str, str]) -> Answer:
        desk.hub.clock.now += 31
        return about(body, headers)

    desk.ask(answer)
    desk.hub.fake.fail(is_review, 502)
    if not deadline:
        desk.review("--post", *deadline)
        return
    with pytest.raises(Undelivered, match="nothing was posted"):
        desk.review("--post", *deadline)
    assert len([each for each in desk.hub.fake.traffic if is_review(each)]) == 1


def test_a_newer_review_is_not_overwritten(desk: Desk) -> None:
    def answer(body: Any, headers: Mapping[str, str]) -> Answer:
        if not moved:
            moved.append(desk.hub.commit({"shop/part2.py": bad(2)}, "topic"))
            summary = Desk(desk.hub, desk.monkeypatch, desk.capsys, desk.stack).review("--post")
            assert summary["head"] == moved[0]
            desk.hub.fake.forget_traffic()
        return about(body, headers)

    moved: list[str] = []
    desk.server = desk.ask(answer)
    assert desk.review("--post")["head"] != desk.pull.head_sha
    assert writes(desk.hub) == []
    assert f"a review of {moved[0][:12]}, the head now, is there already" in desk.err
    assert [path for path, _ in posted(desk.hub)] == ["shop/part0.py", "shop/part1.py", "shop/part2.py"]


@pytest.mark.parametrize(("when", "says"), [(is_review, "nothing was posted"), (is_summary, "2 comments were posted")])
def test_what_could_not_be_posted_is_delivered_all_the_same(desk: Desk, tmp_path: Path, when: Any, says: str) -> None:
    desk.hub.fake.fail(when, 502, times=3)
    with pytest.raises(Undelivered, match=says):
        desk.review("--post", "--output", str(tmp_path / "report.json"))
    report = json.loads((tmp_path / "report.json").read_text())
    assert noted(report) == ["not_posted"]
    assert report["notes"][0]["message"].startswith(says)
    assert len(report["findings"]) == 2
    desk.review("--post")
    assert (posted(desk.hub), len(desk.pull.comments)) == (BOTH, 1)


def test_a_moved_head_without_a_checkout_drops_what_has_no_place(desk: Desk, tmp_path: Path) -> None:
    def answer(body: Any, headers: Mapping[str, str]) -> Answer:
        if len(server.requests) == 1:
            desk.hub.commit({"shop/part0.py": "def part0():\n    return 0\n"}, "topic")
        return about(body, headers)

    desk.server = server = desk.ask(answer)
    desk.sit(tmp_path)
    report = desk.review("--post")
    assert posted(desk.hub) == BOTH[1:]
    assert len(report["findings"]) == 2
    assert "the head moved to" in desk.err
    assert "the comment on shop/part0.py:2 has no place on the new head's diff" in desk.err
    assert "The pull request moved on meanwhile" in desk.pull.comments[0].body


def test_a_head_that_moves_while_it_is_read_is_read_again(desk: Desk, tmp_path: Path) -> None:
    desk.sit(tmp_path)
    desk.hub.fake.meanwhile(
        lambda each: "/compare/" in each.path, lambda: desk.hub.commit({"shop/part2.py": bad(2)}, "topic")
    )
    report = desk.review("--post")
    assert report["head"] == desk.pull.head_sha
    assert [path for path, _ in posted(desk.hub)] == ["shop/part0.py", "shop/part1.py", "shop/part2.py"]
    assert "moved" not in desk.err


def test_nobody_pays_for_a_review_that_github_would_not_take(desk: Desk) -> None:
    desk.review("--post")
    desk.pull.threads[0].resolve("alice")
    refused = {"message": "Server Error", "documentation_url": "https://docs.github.com"}
    desk.hub.fake.fail(lambda each: "/collaborators/" in each.path, 500, times=9, body=refused)
    with pytest.raises(Exception, match="500"):
        desk.review("--post", "--full")
    assert desk.server.requests == [], "who dismissed what is asked before the model is"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_review_that_is_stopped_posts_nothing(desk: Desk, number: signal.Signals, code: int) -> None:
    waiting = threading.Event()

    def answer(_: Any, __: Mapping[str, str]) -> Answer:
        waiting.set()
        return Answer(hang=True)

    with ModelServer(answer) as server:
        process = subprocess.Popen(
            command("review", TARGET, "--post", "--format", "json", "--no-cache"),
            stdout=subprocess.PIPE,
            cwd=desk.hub.root,
            env={**os.environ, **connection(desk.hub), **asking(server.url)},
        )
        assert waiting.wait(30)
        process.send_signal(number)
        out, _ = process.communicate(timeout=30)
    assert (process.returncode, noted(json.loads(out))) == (code, ["interrupted"])
    assert writes(desk.hub) == []
    desk.review("--post")
    assert posted(desk.hub) == BOTH
