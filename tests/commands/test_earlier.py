"""A second review of a pull request, whatever became of what the first one read."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from changed import hunk, modified
from conversations import existing, finding, thread
from desk import Desk, states, told
from model_server import reply
from risky import BASE, about, bad, opened, posted, writes

from reviewer import settings
from reviewer.commands import earlier
from reviewer.findings import Span
from reviewer.github.state import Cut, State, digest, known, marker, parse
from reviewer.sources import rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from fake_github import Exchange
    from model_server import Answer

BOTH = [("shop/part0.py", 2), ("shop/part1.py", 2)]
OPEN = [("shop/part0.py", "open"), ("shop/part1.py", "open")]
RECORDED = State(head="c" * 40, base="b" * 40, settings="s" * 16, complete=True, round=1)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    with opened(tmp_path / "shop") as hub, ExitStack() as stack:
        yield Desk(hub, monkeypatch, capsys, stack)


def rewrite(desk: Desk) -> str:
    """A force-push: part1 and part2 are bad on a commit that does not follow the one before, which is given."""
    before = desk.pull.head_sha
    desk.hub.git("checkout", "-q", "topic")
    desk.hub.git("reset", "-q", "--hard", "main")
    desk.hub.commit({"shop/part1.py": bad(1), "shop/part2.py": bad(2)}, "topic")
    return before


def forget(desk: Desk, commit: str) -> None:
    desk.hub.git("reflog", "expire", "--expire=now", "--all")
    desk.hub.git("prune", "--expire=now")
    with pytest.raises(Exception, match=commit):
        desk.hub.git("cat-file", "-e", commit)


def asked(desk: Desk) -> set[str]:
    """Which files the model was shown."""
    text = str(desk.server.bodies)
    return {path for path in BASE if f"## {path}" in text}


def is_compare(each: Exchange) -> bool:
    return "/compare/" in each.path


@pytest.mark.parametrize("place", ["checkout", "elsewhere", "young clone"])
def test_what_a_force_push_left_behind_is_still_known(desk: Desk, tmp_path: Path, place: str) -> None:
    desk.review("--post")
    rewrite(desk)
    if place == "elsewhere":
        desk.sit(tmp_path)
    if place == "young clone":  # it has the pull request, and nothing of what was pushed before
        desk.hub.git("clone", "-q", "--no-local", ".", str(tmp_path / "clone"))
        desk.sit(tmp_path / "clone")
    report = desk.review("--post")
    assert asked(desk) == {"shop/part2.py"}
    assert told(report).startswith("1 of 2 hunks are new since the review of")
    assert states(report) == [("shop/part0.py", "fixed"), ("shop/part1.py", "open"), ("shop/part2.py", "new")]
    compared = [each for each in desk.hub.fake.traffic if is_compare(each) and "page" not in each.query]
    assert len(compared) == (place != "checkout")


@pytest.mark.parametrize("place", ["checkout", "elsewhere"])
def test_what_nobody_has_any_more_is_read_again(desk: Desk, tmp_path: Path, place: str) -> None:
    desk.review("--post")
    forget(desk, rewrite(desk))
    if place == "elsewhere":
        desk.sit(tmp_path)
    report = desk.review("--post")
    assert asked(desk) == {"shop/part1.py", "shop/part2.py"}
    assert "cannot be had any more: everything is read again" in told(report)
    assert states(report) == [("shop/part0.py", "fixed"), ("shop/part1.py", "open"), ("shop/part2.py", "new")]
    assert len(posted(desk.hub)) == 3, "the open one is not repeated"


def test_other_settings_read_everything_again_and_repeat_nothing(desk: Desk) -> None:
    desk.review("--post")
    report = desk.review("--post", "--chunk-tokens", "5000")
    assert asked(desk) == {"shop/part0.py", "shop/part1.py"}
    assert "the settings, the model or reviewer itself changed" in told(report)
    assert (states(report), posted(desk.hub)) == (OPEN, BOTH)


def test_other_rules_of_the_repository_read_everything_again(desk: Desk) -> None:
    desk.review("--post")
    assert reviewed_with(desk, "Look at locks.") == {"shop/part0.py", "shop/part1.py"}
    assert reviewed_with(desk, None) == set(), "nothing is new"
    assert reviewed_with(desk, "Look at keys.") == {"shop/part0.py", "shop/part1.py"}


def reviewed_with(desk: Desk, rule: str | None) -> set[str]:
    """What is asked once the base has that rule; null: as it is."""
    if rule is not None:
        words = f'+++\nname = "ours"\ntitle = "Ours"\n+++\n{rule}\n'
        desk.hub.commit({".github/reviewer/rules/ours.md": words}, "main")
    desk.review("--post")
    return asked(desk)


def test_another_bar_is_no_other_review(desk: Desk) -> None:
    desk.review("--post")
    assert desk.code("--post", "--fail-on", "high") == 1
    assert asked(desk) == set()


def test_full_reads_everything_again_and_repeats_nothing(desk: Desk) -> None:
    desk.review("--post")
    report = desk.review("--post", "--full")
    assert asked(desk) == {"shop/part0.py", "shop/part1.py"}
    assert "as --full asks" in told(report)
    assert (states(report), posted(desk.hub)) == (OPEN, BOTH)


def test_only_what_was_lost_is_asked_again(desk: Desk) -> None:
    files = {f"shop/part{n}.py": bad(n, "x = 'some text to fill the line with'\n" * 40) for n in range(3)}
    desk.hub.commit(files, "topic")
    silent = True

    def answer(body: Any, headers: Mapping[str, str]) -> Answer:
        return reply("nonsense") if silent and "## shop/part1.py" in str(body) else about(body, headers)

    desk.server = desk.ask(answer)
    small = ("--post", "--chunk-tokens", "900")
    report = desk.review(*small)
    assert report["status"] == "incomplete"
    assert desk.code(*small) == 3, "still"
    silent = False
    report = desk.review(*small)
    assert asked(desk) == {"shop/part1.py"}
    assert (report["status"], report["unreviewed"]) == ("findings", [])
    assert states(report) == [("shop/part0.py", "open"), ("shop/part1.py", "new"), ("shop/part2.py", "open")]
    assert [path for path, _ in posted(desk.hub)] == sorted(files)
    desk.review(*small)
    assert (asked(desk), writes(desk.hub)) == (set(), [])


def test_nobody_knows_what_was_lost(desk: Desk) -> None:
    desk.review("--post")
    (summary,) = desk.pull.comments
    state = parse(summary.body)
    assert state is not None
    lost = replace(state, complete=False)
    summary.edit(f"{summary.body.rpartition(chr(10))[0]}\n{marker(lost)}")
    desk.hub.repository.check_runs[0].external_id = f"{digest(lost, 1)}.0"
    report = desk.review("--post")
    assert asked(desk) == {"shop/part0.py", "shop/part1.py"}
    assert "was incomplete: everything is read again" in told(report)
    assert posted(desk.hub) == BOTH


def test_a_file_that_is_renamed_keeps_its_comment(desk: Desk) -> None:
    desk.review("--post")
    desk.hub.commit({"shop/part0.py": None, "shop/renamed.py": bad(0)}, "topic")
    report = desk.review("--post")
    assert len(posted(desk.hub)) == 2, "what was said is not said again under another name"
    assert states(report) == [("shop/part1.py", "open"), ("shop/renamed.py", "open")]


@pytest.mark.parametrize(
    ("who", "role", "stands"), [("alice", "write", False), ("carl", "read", True), ("mallory", "write", True)]
)
@pytest.mark.parametrize("how", ["thumb", "resolved"])
def test_a_dismissal_counts_where_somebody_else_may_write(
    desk: Desk, who: str, role: str, stands: bool, how: str
) -> None:
    """`mallory` is the author, whoever may write."""
    desk.review("--post")
    desk.hub.repository.collaborator(who, role)
    thread = next(each for each in desk.pull.threads if each.path == "shop/part0.py")
    if how == "thumb":
        thread.comments[0].react(who, "-1")
    else:
        thread.resolve(who)
    for flags in ((), ("--full",)):
        report = desk.review("--post", *flags)
        assert states(report) == (OPEN if stands else OPEN[1:])
        assert posted(desk.hub) == BOTH, "it is repeated by no means"
        dismissed = [each["path"] for each in report["dropped"] if each["reason"] == "dismissed"]
        assert dismissed == ([] if stands else ["shop/part0.py"])


def test_what_github_will_not_compare_is_a_failure_that_says_why(desk: Desk, tmp_path: Path) -> None:
    desk.review("--post")
    rewrite(desk)
    desk.sit(tmp_path)
    desk.hub.fake.fail(
        lambda each: is_compare(each) and "page" not in each.query,
        403,
        body={"message": "Resource not accessible by integration", "documentation_url": "https://docs.github.com"},
    )
    with pytest.raises(Exception, match="not accessible"):
        desk.review("--post")
    assert (asked(desk), posted(desk.hub)) == (set(), BOTH)


def test_a_comparison_without_files_is_none(desk: Desk, tmp_path: Path) -> None:
    desk.review("--post")
    rewrite(desk)
    desk.sit(tmp_path)
    desk.hub.fake.fail(lambda each: is_compare(each) and "page" not in each.query, 200, body=[])
    assert "cannot be had any more" in told(desk.review())
    desk.hub.fake.forget_traffic()


def test_without_a_summary_nothing_was_read() -> None:
    change = (modified("a.py", hunk("+x = 1")),)
    given: dict[str, Any] = {"head": "d" * 40, "base": "b" * 40, "full": True, "before": lambda _: None}
    assert earlier.seen(None, change, "s" * 16, **given) == (frozenset(), None)


def test_the_same_commits_need_no_second_look() -> None:
    change = (modified("a.py", hunk("+x = 1")), modified("b.py", hunk("+y = 2")))

    def before(_: State) -> None:
        raise AssertionError("the change is at hand")

    state = replace(RECORDED, complete=False, lost=("b.py",))
    known, note = earlier.seen(state, change, "s" * 16, head="c" * 40, base="b" * 40, full=False, before=before)
    assert earlier.reread(change, known, []) == {"b.py"}
    assert earlier.reread(change, known, ["b.py"]) == frozenset()
    assert note is not None
    assert note.message.startswith("1 of 2 hunks are new")


@pytest.mark.parametrize("head", ["c" * 40, "d" * 40], ids=["the same head", "another head"])
@pytest.mark.parametrize("lost", [rows.BEYOND, rows.UNSHOWN])
def test_a_file_that_github_did_not_list_was_not_read(lost: str, head: str) -> None:
    change = (modified("a.py", hunk("+x = 1")), modified("b.py", hunk("+y = 2")))
    state = replace(RECORDED, complete=False, lost=("a.py", lost))
    known, note = earlier.seen(state, change, "s" * 16, head=head, base="b" * 40, full=False, before=lambda _: change)
    assert known == frozenset()
    assert note is not None
    assert "everything is read again" in note.message


def test_what_was_not_said_is_read_again_on_another_commit_alone() -> None:
    change = tuple(modified(f"{name}.py", hunk(f"+{name} = 1")) for name in "abcde")
    said, mute, over = (finding(n, span=Span(f"{name}.py", 1, 1)) for n, name in enumerate("abc"))
    fixed = known(finding(9, span=Span("d.py", 1, 1)), "fixed")
    state = replace(RECORDED, findings=(known(said), known(mute), fixed), again=(Cut(over.span.path),))
    threads = existing(thread(said), state=state)

    def fresh(head: str, **given: Any) -> set[str]:
        seen, _ = earlier.seen(
            state, change, "s" * 16, head=head, base="b" * 40, full=False, before=lambda _: change, **given
        )
        return set(earlier.reread(change, seen, []))

    assert fresh("c" * 40, existing=threads) == set()
    assert fresh("d" * 40, existing=threads) == {"b.py", "c.py"}
    assert fresh("d" * 40) == {"c.py"}


def test_what_was_one_too_many_is_not_forgotten(desk: Desk) -> None:
    few = ("--post", "--max-comments", "1")
    report = desk.review(*few)
    assert (len(report["findings"]), posted(desk.hub)) == (1, BOTH[:1])
    report = desk.review(*few)
    assert (asked(desk), writes(desk.hub), report["status"]) == (set(), [], "findings")
    desk.hub.commit({"shop/part0.py": "def part0():\n    return 7\n"}, "topic")
    report = desk.review(*few)
    assert asked(desk) == {"shop/part0.py", "shop/part1.py"}
    assert states(report) == [("shop/part0.py", "fixed"), ("shop/part1.py", "new")]
    assert ("shop/part1.py", 2) in posted(desk.hub)
    desk.hub.commit({"shop/part1.py": "def part1():\n    return 7\n"}, "topic")
    assert desk.review(*few)["status"] == "clean"


def test_a_digest_is_of_what_decides_what_is_found() -> None:
    def digest(reader: str, *rules: str, **said: str) -> str:
        return earlier.digest(settings.load(said, {}, settings.REPOSITORY_FILE)[0], reader, rules)

    one = digest("openai https://a m")
    assert digest("openai https://a m", fail_on="high") == one
    others = {digest("openai https://a m", language="German"), digest("openai https://a n"), digest("")}
    others |= {digest("openai https://a m", "Look at locks."), digest("openai https://a m", "Look at keys.")}
    assert len({one, *others}) == 6
