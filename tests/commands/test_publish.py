"""`reviewer publish`: a report that was made elsewhere, on a pull request as it is now."""

from __future__ import annotations

import json
import signal
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from desk import Desk, states, told
from model_server import reply
from risky import BASE, TARGET, bad, is_review, opened, posted, read_only, writes

from reviewer.errors import Misuse, Undelivered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from fake_github.answers import Answer

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


def test_a_report_of_another_commit_is_not_posted(desk: Desk, report: Path) -> None:
    desk.hub.commit({"shop/part0.py": BASE["shop/part0.py"], "shop/part2.py": bad(2)}, "topic")
    desk.hub.fake.forget_traffic()
    with pytest.raises(
        Undelivered, match=r"this report speaks of \w{12}, the head is \w{12}: run the reading job again"
    ):
        desk.publish(report)
    assert writes(desk.hub) == []
    forged(report, lambda document, _: document.update(head=None))
    with pytest.raises(Undelivered, match="this report speaks of no commit"):
        desk.publish(report)
    assert Undelivered.exit_code == 3


def forged(report: Path, change: Callable[[Any, Any], object]) -> None:
    """The report after somebody else had it; `change` gets the whole and the finding in shop/part0.py."""
    document = json.loads(report.read_text())
    change(document, next(each for each in document["findings"] if each["path"] == "shop/part0.py"))
    report.write_text(json.dumps(document))


MADE_UP = [
    {"code": "    total = 1"},
    {"code": "    return total"},
    {"code": ""},
    {"start_line": 3, "end_line": 3},
    {"start_line": 200, "end_line": 200},
    {"start_line": 1},
    {"path": "other.py"},
    {"side": "old"},
]


@pytest.mark.parametrize("lie", MADE_UP, ids=str)
def test_code_that_the_head_does_not_have_has_no_place_and_no_button(
    desk: Desk, report: Path, lie: dict[str, Any]
) -> None:
    forged(report, lambda _, finding: finding.update({"suggestion": "    total = evil()", **lie}))
    desk.publish(report)
    assert posted(desk.hub) == BOTH[1:]
    (summary,) = desk.pull.comments
    assert "risky_call(0) may fail" in summary.body
    assert "evil" not in summary.body


def test_code_that_the_head_has_keeps_its_button(desk: Desk, report: Path) -> None:
    forged(report, lambda _, finding: finding.update(suggestion="    total = careful_call(0)"))
    desk.publish(report)
    assert posted(desk.hub) == BOTH
    assert any("```suggestion\n    total = careful_call(0)\n```" in t.comments[0].body for t in desk.pull.threads)


def test_code_beside_this_diff_is_looked_for_in_the_file(desk: Desk, tmp_path: Path) -> None:
    desk.hub.commit({"long.py": "".join(f"line_{n} = {n}\n" for n in range(40))}, "main")
    desk.hub.git("checkout", "-q", "topic")
    desk.hub.git("rebase", "-q", "main")
    desk.hub.commit({"long.py": "".join(f"line_{n} = {n}\n" for n in range(1, 40))}, "topic")
    report = tmp_path / "report.json"
    desk.review("--output", str(report))
    forged(report, lambda _, it: it.update(path="long.py", start_line=30, end_line=30, code="line_30 = 30"))
    desk.publish(report, "--output", str(tmp_path / "now.json"))
    now = json.loads((tmp_path / "now.json").read_text())
    assert [(each["start_line"], each["code"]) for each in now["findings"] if each["path"] == "long.py"] == [
        (30, "line_30 = 30")
    ]


@pytest.mark.parametrize("lines", [(2, "    total = risky_call(0)"), (3, "    return total"), (2, "gone = 1")])
def test_what_is_known_gets_no_milder_and_keeps_its_lines(
    desk: Desk, report: Path, tmp_path: Path, lines: tuple[int, str]
) -> None:
    desk.publish(report)
    line, code = lines
    lie = {"severity": "low", "title": "Fine", "start_line": line, "end_line": line, "code": code}
    forged(report, lambda _, finding: finding.update(lie))
    assert desk.publish(report, "--fail-on", "high", "--output", str(tmp_path / "now.json")) == 1
    now = json.loads((tmp_path / "now.json").read_text())
    assert [each["severity"] for each in now["findings"]] == ["high", "high"]
    assert "Fine" not in desk.pull.comments[0].body
    desk.hub.commit({"shop/part0.py": bad(0).replace("return total", "return total + 1")}, "topic")
    desk.ask(lambda *_: reply("{}"))
    assert states(desk.review("--post")) == [("shop/part0.py", "open"), ("shop/part1.py", "open")]


def test_a_known_finding_of_another_id_gets_no_milder_either(desk: Desk, report: Path, tmp_path: Path) -> None:
    desk.publish(report)
    forged(report, lambda _, finding: finding.update(id="0" * 16, severity="low"))
    desk.publish(report, "--output", str(tmp_path / "now.json"))
    now = json.loads((tmp_path / "now.json").read_text())
    assert [(each["severity"], each["state"]) for each in now["findings"]] == [("high", "open")] * 2


def test_what_was_fixed_is_said_again_of_its_own_lines(desk: Desk, report: Path, tmp_path: Path) -> None:
    desk.publish(report)
    desk.hub.commit({"shop/part0.py": "def part0():\n    return 7\n"}, "topic")
    desk.review("--post")
    desk.hub.commit({"shop/part0.py": bad(0)}, "topic")
    again = tmp_path / "again.json"
    desk.review("--output", str(again))
    forged(again, lambda _, finding: finding.update(severity="low"))
    desk.publish(again, "--output", str(tmp_path / "now.json"))
    now = json.loads((tmp_path / "now.json").read_text())
    assert sorted((each["severity"], each["state"]) for each in now["findings"]) == [("high", "new"), ("high", "open")]
    assert posted(desk.hub) == [BOTH[0], *BOTH]


SECRET = "ghp_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5"


def test_a_secret_that_was_removed_is_fixed(desk: Desk, tmp_path: Path) -> None:
    report = tmp_path / "report.json"

    def published() -> list[tuple[str, str]]:
        desk.review("--output", str(report))
        desk.publish(report, "--output", str(tmp_path / "now.json"))
        return states(json.loads((tmp_path / "now.json").read_text()))

    desk.hub.commit({"shop/part0.py": BASE["shop/part0.py"], "shop/part1.py": f'token = "{SECRET}"\n'}, "topic")
    assert published() == [("shop/part1.py", "new")]
    desk.hub.commit({"shop/part1.py": "token = load()\n"}, "topic")
    assert published() == [("shop/part1.py", "fixed")]


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


def test_a_signal_while_it_is_posted_ends_the_posting_not_the_report(desk: Desk, report: Path, tmp_path: Path) -> None:
    def stopped(answer: Answer) -> Answer:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        return answer

    desk.hub.fake.spoil(is_review, stopped)
    assert desk.publish(report, "--output", str(tmp_path / "kept.json")) == 130
    assert "the review was interrupted while it was posted" in " ".join(desk.out.split())
    assert len(json.loads((tmp_path / "kept.json").read_text())["findings"]) == 2
    assert desk.publish(report) == 0
    assert (posted(desk.hub), len(desk.pull.comments)) == (BOTH, 1)
