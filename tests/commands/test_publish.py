"""`reviewer publish`: a report that was made elsewhere, on a pull request as it is now."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from desk import Desk, states, told
from risky import BASE, TARGET, bad, is_review, opened, posted, read_only, writes

from reviewer.errors import Misuse, Undelivered

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BOTH = [("shop/part0.py", 2), ("shop/part1.py", 2)]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    with opened(tmp_path / "shop") as hub, ExitStack() as stack:
        yield Desk(hub, monkeypatch, capsys, stack)


@pytest.fixture
def report(desk: Desk, tmp_path: Path) -> Path:
    """Of the pull request as it is, made without writing anything."""
    path = tmp_path / "report.json"
    desk.review("--output", str(path))
    assert writes(desk.hub) == []
    desk.sit(tmp_path)
    return path


def test_it_is_posted_once_and_told_as_it_stands(desk: Desk, report: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    assert desk.publish(report, "--fail-on", "high", "--output", f"json={first}", "--output", "first.txt") == 1
    assert posted(desk.hub) == BOTH
    assert desk.publish(report, "--output", str(second)) == 0
    assert (posted(desk.hub), len(desk.pull.comments)) == (BOTH, 1)
    assert [state for _, state in states(json.loads(first.read_text()))] == ["new", "new"]
    assert [state for _, state in states(json.loads(second.read_text()))] == ["open", "open"]
    assert "risky_call" in (tmp_path / "first.txt").read_text()


def test_a_report_of_others_never_spares_a_line(desk: Desk, report: Path) -> None:
    desk.publish(report)
    fresh = desk.review("--post")
    assert all(f"## {path}" in str(desk.server.bodies) for path in ("shop/part0.py", "shop/part1.py"))
    assert "everything is read again" in told(fresh)
    assert posted(desk.hub) == BOTH


def test_what_is_dismissed_and_what_is_fixed_stay_so(desk: Desk, report: Path, tmp_path: Path) -> None:
    desk.publish(report)
    desk.hub.repository.collaborator("alice", "write")
    desk.pull.threads[0].comments[0].react("alice", "-1")
    desk.publish(report, "--output", str(tmp_path / "now.json"))
    now = json.loads((tmp_path / "now.json").read_text())
    assert states(now) == [("shop/part1.py", "open")]
    assert posted(desk.hub) == BOTH


def test_a_report_of_another_commit_has_no_lines_here(desk: Desk, report: Path, tmp_path: Path) -> None:
    desk.publish(report)
    desk.hub.commit({"shop/part0.py": BASE["shop/part0.py"], "shop/part2.py": bad(2)}, "topic")
    desk.publish(report, "--output", str(tmp_path / "now.json"))
    now = json.loads((tmp_path / "now.json").read_text())
    assert states(now) == [("shop/part0.py", "open"), ("shop/part1.py", "open")], "nobody looked whether it is fixed"
    assert (posted(desk.hub), len(desk.pull.comments)) == (BOTH, 1)


def test_a_closed_pull_request_is_left_alone(desk: Desk, report: Path) -> None:
    desk.pull.close()
    assert desk.publish(report) == 0
    assert (desk.out, desk.err) == ("", f"reviewer: {TARGET} is closed: nothing to post\n")
    assert writes(desk.hub) == []


def test_a_token_that_may_not_write_is_told(desk: Desk, report: Path) -> None:
    desk.monkeypatch.setenv("GITHUB_TOKEN", read_only(desk.hub))
    assert desk.publish(report, "--fail-on", "high") == 1
    assert "nothing could be written to the pull request" in desk.out
    assert posted(desk.hub) == []


def test_what_github_does_not_take_is_told_and_raised(desk: Desk, report: Path, tmp_path: Path) -> None:
    desk.hub.fake.fail(is_review, 502, times=3)
    with pytest.raises(Undelivered, match="nothing was posted"):
        desk.publish(report, "--output", str(tmp_path / "now.json"))
    now = json.loads((tmp_path / "now.json").read_text())
    assert [note["code"] for note in now["notes"]] == ["not_posted"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--pull", "octo/shop"), "--pull octo/shop: name a pull request like owner/repo#12"),
        (("--output", "nowhere/x.json"), "is no file in an existing folder"),
        (("--post",), "unrecognized arguments"),
    ],
)
def test_wrong_usage_writes_nothing(desk: Desk, report: Path, words: tuple[str, ...], message: str) -> None:
    with pytest.raises(Misuse, match=message):
        desk.publish(report, *words)
    assert writes(desk.hub) == []


def test_a_report_has_to_be_there(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(Misuse, match=r"missing\.json cannot be read: No such file"):
        desk.publish(tmp_path / "missing.json")
    assert desk.hub.fake.traffic == []
