"""The baseline in reviews: that of the base counts, whatever the change says."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from desk import Desk, states
from processes import commit, git, repository
from reports import SQL
from risky import BASE, opened, posted, writes

from reviewer import settings
from reviewer.audit.baseline import Baseline, entered
from reviewer.audit.baselinefile import read, write
from reviewer.commands import baselines, dismiss, review
from reviewer.errors import Misuse
from reviewer.findings import DropReason
from reviewer.settings import BASELINE_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CODE = "def {0}():\n    try:\n        return {0}_of()\n    except Exception:\n        pass\n"
REASON = ("--reason", "behind the firewall", "--who", "ada")
EMPTY = write(Baseline())


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = repository(tmp_path / "shop", {"a.py": "a = 1\n"})
    git(root, "checkout", "-q", "-b", "topic")
    commit(root, {"b.py": CODE.format("b"), "c.py": CODE.format("c")})
    monkeypatch.chdir(root)
    monkeypatch.setenv("REVIEWER_PROVIDER", "none")
    return root


def reviewed(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    review.run([*words, "--quiet", "--format", "json"])
    return json.loads(capsys.readouterr().out)


def known(report: Any) -> list[str]:
    return [drop["path"] for drop in report["dropped"] if drop["reason"] == DropReason.BASELINE]


def accepted(root: Path, capsys: pytest.CaptureFixture[str], path: str = "b.py", *more: str) -> str:
    """The baseline with the finding in that file, which is not written anywhere."""
    review.run(["main...topic", "--quiet", "--output", "../report.json"])
    report = json.loads((root.parent / "report.json").read_text())
    (found,) = (finding["id"] for finding in report["findings"] if finding["path"] == path)
    dismiss.run([found, *REASON, "--report", "../report.json", "--baseline", "made.toml", *more])
    capsys.readouterr()
    text = (root / "made.toml").read_text()
    (root / "made.toml").unlink()
    return text


def test_a_range_is_held_against_the_baseline_of_its_base(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = accepted(shop, capsys)
    commit(shop, {BASELINE_FILE: text})  # the change accepts its own finding
    assert known(reviewed(capsys, "main...topic")) == []
    git(shop, "checkout", "-q", "main")
    commit(shop, {BASELINE_FILE: text})
    git(shop, "checkout", "-q", "topic")
    git(shop, "merge", "-q", "main")
    report = reviewed(capsys, "main...topic")
    assert known(report) == ["b.py"]
    assert [finding["path"] for finding in report["findings"]] == ["c.py"]
    assert "behind the firewall (ada)" in json.dumps(report["dropped"])


@pytest.mark.parametrize("words", [[], ["--staged"]])
def test_what_is_not_committed_is_held_against_the_one_in_the_work_tree(
    shop: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    text = accepted(shop, capsys)
    git(shop, "reset", "-q", "--soft", "main")
    (shop / ".github").mkdir()
    (shop / BASELINE_FILE).write_text(text)
    assert known(reviewed(capsys, *words)) == ["b.py"]


def test_around_a_diff_the_one_in_the_work_tree_counts(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = accepted(shop, capsys)
    (shop / "x.diff").write_text(git(shop, "diff", "main", "topic") + "\n")
    assert known(reviewed(capsys, "x.diff")) == []
    (shop / "team.toml").write_text(text)
    assert known(reviewed(capsys, "x.diff", "--baseline", "team.toml")) == ["b.py"]


def test_what_is_known_does_not_fill_the_cap(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "team.toml").write_text(accepted(shop, capsys))
    (shop / "x.diff").write_text(git(shop, "diff", "main", "topic") + "\n")
    report = reviewed(capsys, "x.diff", "--max-comments", "1", "--baseline", "team.toml")
    assert [finding["path"] for finding in report["findings"]] == ["c.py"]


def test_an_expired_entry_speaks_up_once(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    today = baselines.today()
    (shop / "team.toml").write_text(accepted(shop, capsys, "b.py", "--expires", str(today)))
    (shop / "x.diff").write_text(git(shop, "diff", "main", "topic") + "\n")
    assert known(reviewed(capsys, "x.diff", "--baseline", "team.toml")) == ["b.py"]
    monkeypatch.setattr(baselines, "today", lambda: today + timedelta(days=1))  # nobody waits for tomorrow
    report = reviewed(capsys, "x.diff", "--baseline", "team.toml")
    assert known(report) == []
    assert [note["code"] for note in report["notes"]].count("baseline_expired") == 1


def test_a_corrupt_baseline_is_named_with_its_line_and_nothing_is_reviewed(shop: Path) -> None:
    (shop / "team.toml").write_text(EMPTY + "[[known]]\nid = 3\n")
    (shop / "x.diff").write_text(git(shop, "diff", "main", "topic") + "\n")
    with pytest.raises(Misuse, match=rf"team\.toml:{EMPTY.count(chr(10)) + 2} id must be"):
        review.run(["x.diff", "--baseline", "team.toml"])


def test_saving_is_all_or_nothing(tmp_path: Path) -> None:
    policy, _ = settings.load({}, {}, settings.REPOSITORY_FILE)
    baselines.save(tmp_path, policy, Baseline())
    before = (tmp_path / BASELINE_FILE).read_text()
    (tmp_path / BASELINE_FILE).chmod(0o640)
    baselines.save(tmp_path, policy, Baseline())
    assert (tmp_path / BASELINE_FILE).stat().st_mode & 0o777 == 0o640
    assert read(before, "b").entries == ()
    assert [path.name for path in (tmp_path / ".github").iterdir()] == ["reviewer-baseline.toml"]


def test_too_many_for_a_file_that_can_be_read_again_are_refused(tmp_path: Path) -> None:
    policy, _ = settings.load({}, {}, settings.REPOSITORY_FILE)
    entry = entered(SQL, "r" * 900, "ada", None)
    many = Baseline(tuple(replace(entry, id=f"{n:016x}") for n in range(2_000)))
    with pytest.raises(Misuse, match="2,000 findings do not fit into 2,000,000 bytes"):
        baselines.save(tmp_path, policy, many)
    assert not (tmp_path / ".github").exists()


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    policy, _ = settings.load({"baseline": "folder/b.toml"}, {}, settings.REPOSITORY_FILE)
    (tmp_path / "folder").write_text("a file")
    with pytest.raises(Misuse, match=r"folder/b\.toml cannot be written"):
        baselines.save(tmp_path, policy, Baseline())


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    with opened(tmp_path / "shop") as hub, ExitStack() as stack:
        yield Desk(hub, monkeypatch, capsys, stack)


def of_pull(desk: Desk, tmp_path: Path) -> str:
    """The baseline with the finding in part0."""
    desk.review("--output", str(tmp_path / "r.json"))
    report = json.loads((tmp_path / "r.json").read_text())
    (found,) = (finding["id"] for finding in report["findings"] if finding["path"] == "shop/part0.py")
    desk.sit(tmp_path)
    dismiss.run([found, *REASON, "--report", "r.json", "--baseline", "made.toml"])
    desk.capsys.readouterr()
    return (tmp_path / "made.toml").read_text()


@pytest.mark.parametrize("checkout", [True, False])
def test_a_pull_request_is_held_against_the_baseline_of_its_base(desk: Desk, tmp_path: Path, checkout: bool) -> None:
    text = of_pull(desk, tmp_path)
    desk.sit(desk.hub.root if checkout else tmp_path)
    desk.hub.commit({BASELINE_FILE: text}, "topic")
    assert known(desk.review()) == []
    desk.hub.commit({BASELINE_FILE: None}, "topic")
    desk.hub.commit({BASELINE_FILE: text}, "main")
    report = desk.review("--post")
    assert known(report) == ["shop/part0.py"]
    assert posted(desk.hub) == [("shop/part1.py", 2)]
    assert states(desk.review("--post")) == [("shop/part1.py", "open")]
    assert writes(desk.hub) == []


def test_what_was_said_before_it_was_accepted_no_longer_counts(desk: Desk, tmp_path: Path) -> None:
    text = of_pull(desk, tmp_path)
    assert desk.code("--post", "--fail-on", "high") == 1
    desk.hub.commit({BASELINE_FILE: text}, "main")
    report = desk.review("--post")
    assert states(report) == [("shop/part1.py", "open")]
    assert known(report) == ["shop/part0.py"]


def test_a_report_made_elsewhere_is_held_against_it_too(desk: Desk, tmp_path: Path) -> None:
    text = of_pull(desk, tmp_path)
    desk.hub.commit({BASELINE_FILE: text}, "main")
    assert desk.publish(tmp_path / "r.json") == 0
    assert posted(desk.hub) == [("shop/part1.py", 2)]


def test_a_corrupt_baseline_on_the_base_stops_the_review(desk: Desk) -> None:
    desk.hub.commit({BASELINE_FILE: "<<<<<<< HEAD\n", **BASE}, "main")
    with pytest.raises(Misuse, match=rf"{BASELINE_FILE} at [0-9a-f]{{12}}:1 is not valid TOML"):
        desk.code()
