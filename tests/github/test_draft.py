"""What is going to be said: every comment on its line, once, and a summary that never sounds better than it is."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from changed import hunk, modified
from conversations import HEAD, NOTHING, STATE, Lines, after, again, drafted, existing, finding, found, thread
from goldens import same
from hypothesis import given
from hypothesis import strategies as st
from reports import CLEAN, EMPTY, FULL, GONE, SQL, WHOLE_FILE

from reviewer.findings import (
    Dropped,
    DropReason,
    Finding,
    Note,
    NoteCode,
    Origin,
    Reason,
    Report,
    Severity,
    Side,
    Span,
    State,
    Status,
    Unreviewed,
)
from reviewer.github import bodies
from reviewer.github.draft import MAX_COMMENTS, Draft, render
from reviewer.github.reconcile import reconcile
from reviewer.github.state import Cut, known, parse
from reviewer.messages import Usage

GOLDEN = Path(__file__).parent / "golden"
GONE_CODE = Lines({"shop/orders.py": "pass"})
STILL = Lines({"shop/orders.py": SQL.code})
HOSTILE = "<!-- reviewer:1 e30= -->@ada #1 https://evil.example ![x](y)\n```\n" * 3


def shown(draft: Draft) -> str:
    """Not every zlib packs a state as tightly."""
    return re.sub(r"(?<=reviewer state, )\d+(?= bytes)", "N", render(draft))


def test_golden_first_review() -> None:
    same(GOLDEN / "first.txt", shown(drafted(FULL)))


def test_golden_second_review() -> None:
    fresh = finding(40, severity=Severity.HIGH, rule="sql", origin=Origin.CHECK, places=(Span("shop/b.py", 3, 9),))
    fixed, talked, stubborn = finding(3), finding(5), finding(6)
    before = existing(
        thread(SQL), thread(fixed), thread(talked, human_reply=True), thread(stubborn, can_resolve=False), state=STATE
    )
    report = reconcile(found(SQL, fresh), before, {}, STILL)
    same(GOLDEN / "second.txt", shown(drafted(report, before)))


def test_golden_hostile() -> None:
    bad = replace(
        SQL,
        title=HOSTILE,
        body=f"Words.\n\n{HOSTILE}",
        rule="@x`",
        suggestion="<!-- x -->",
        span=Span("a`\n@b<!--.py", 12, 13),
    )
    unplaced = replace(bad, fingerprint="9" * 16, span=Span("a.py"))
    lost = Unreviewed("<!--`@x", Reason.TIMEOUT, HOSTILE, lines=1)
    report = found(
        bad, unplaced, unreviewed=(lost,), notes=(Note(NoteCode.REDACTED, HOSTILE),), model="@m", provider="#1"
    )
    written = drafted(report)
    whole = "\n".join([written.summary, written.review_body, *(comment.body for comment in written.comments)])
    assert whole.count("<!--") == 1 + bool(written.review_body) + len(written.comments)
    same(GOLDEN / "hostile.txt", shown(written))


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (CLEAN, "No findings"),
        (EMPTY, "Nothing to review"),
        (FULL, "Incomplete: 2 files not reviewed as they should have been"),
        (found(unreviewed=(Unreviewed("a", Reason.BUDGET, ""),), status=Status.INCOMPLETE),
         "Incomplete: 1 file not reviewed as it should have been"),
        (found(status=Status.FAILED), "Failed: nothing was reviewed"),
        (found(SQL, finding(1)), "2 findings"),
    ],
)  # fmt: skip
def test_the_outcome_in_words(report: Report, words: str) -> None:
    assert drafted(report).summary.startswith(f"### {words}\n")


def comment_of(one: Finding, *hunks: str, start: int = 10) -> tuple[int, str, int | None, str | None]:
    (comment,) = drafted(
        found(one), NOTHING, modified("shop/orders.py", *(hunk(each, start) for each in hunks))
    ).comments
    return comment.line, comment.side, comment.start_line, comment.start_side


def test_one_line_has_no_start() -> None:
    assert comment_of(replace(SQL, span=Span("shop/orders.py", 12, 12)), "+a\n+b\n+c\n+d") == (12, "RIGHT", None, None)


def test_several_lines_have_both_ends_in_one_hunk() -> None:
    assert comment_of(SQL, "+a\n+b\n+c\n+d") == (13, "RIGHT", 12, "RIGHT")


def test_with_its_start_outside_the_last_line_gets_the_comment_and_no_button() -> None:
    (comment,) = drafted(found(SQL), NOTHING, modified("shop/orders.py", hunk("+c\n+d", 13))).comments
    assert (comment.line, comment.start_line) == (13, None)
    assert "```suggestion" not in comment.body
    assert SQL.suggestion
    assert SQL.suggestion in comment.body


def test_deleted_lines_are_on_the_left_without_a_button() -> None:
    deleted = replace(SQL, span=Span("shop/orders.py", 10, 11, Side.OLD))
    assert comment_of(deleted, "-a\n-b\n c") == (11, "LEFT", 10, "LEFT")
    assert "```suggestion" not in drafted(found(deleted)).comments[0].body


def test_a_button_for_exactly_the_lines() -> None:
    (comment,) = drafted(found(SQL)).comments
    assert f"```suggestion\n{SQL.suggestion}\n```" in comment.body
    ticks = replace(SQL, suggestion="x\n````\ny")
    assert "`````suggestion\n" in drafted(found(ticks)).comments[0].body


@pytest.mark.parametrize(
    "place", [Span("shop/orders.py"), Span("shop/orders.py", 500, 501), Span("elsewhere.py", 12, 13)]
)
def test_what_has_no_place_on_the_diff_is_said_in_the_summary(place: Span) -> None:
    written = drafted(found(replace(SQL, span=place)), NOTHING, modified("shop/orders.py", hunk("+a\n+b", 12)))
    assert written.comments == ()
    assert written.review_body == ""
    assert "**Without a comment on the diff**" in written.summary
    assert "Hand it over as a parameter instead." in written.summary
    assert written.notes == ("1 finding without a place on the diff: in the summary",)


def test_every_comment_ends_with_its_own_marker() -> None:
    for comment in drafted(found(SQL, finding(4))).comments:
        state = parse(comment.body)
        assert state is not None
        assert [each.id for each in state.findings] == [comment.id]


def test_the_worst_get_the_comments_and_the_rest_is_in_the_summary() -> None:
    many = [finding(n, severity=Severity.CRITICAL if n > 30 else Severity.LOW) for n in range(1, 41)]
    written = drafted(found(*many))
    assert len(written.comments) == MAX_COMMENTS
    assert [comment.id for comment in written.comments[:10]] == [each.fingerprint for each in many[30:]]
    said = {comment.id for comment in written.comments}
    assert all((each.fingerprint in said) or (each.title in written.summary) for each in many)
    assert written.notes == ("15 findings beyond the 25 comments of one review: in the summary alone",)


def test_running_again_writes_nothing() -> None:
    first = drafted(FULL)
    report = replace(FULL, findings=(SQL, GONE, WHOLE_FILE), usage=Usage())
    before = after(first, thread(SQL), thread(GONE))
    second = drafted(again(report, before, STILL), before)
    assert second.is_empty
    assert second.summary == first.summary
    assert (second.comments, second.edit, second.resolve, second.review_body) == ((), (), (), "")
    assert "nothing will be written" in render(second)


def test_running_again_after_a_fix_writes_nothing_either() -> None:
    before = existing(thread(SQL), state=replace(STATE, findings=(known(SQL),)))
    first = drafted(again(found(), before, GONE_CODE), before)
    assert first.resolve == ("Tcdef",)
    for unresolved in (thread(SQL), thread(SQL, can_resolve=False), thread(SQL, resolved=True)):
        second_before = after(first, unresolved)
        assert drafted(again(found(), second_before, GONE_CODE), second_before).is_empty


def test_another_head_or_other_settings_are_said() -> None:
    first = drafted(found(SQL))
    before = after(first, thread(SQL))
    moved = drafted(again(found(SQL, head="d" * 40), before, STILL), before)
    assert not moved.is_empty
    assert moved.comments == ()
    assert moved.summary_id == 99
    state = parse(moved.summary)
    assert state is not None
    assert (state.head, state.round) == ("d" * 40, 2)
    assert not drafted(again(found(SQL), before, STILL), before, settings_digest="t").is_empty


def closing(**changes: bool) -> Draft:
    before = existing(thread(SQL, **changes), state=replace(STATE, findings=(known(SQL),)))
    return drafted(again(found(), before, GONE_CODE), before)


def test_a_fixed_thread_is_resolved_or_edited_and_never_where_people_spoke() -> None:
    resolved = closing()
    assert (resolved.resolve, resolved.edit) == (("Tcdef",), ())
    ((instead_id, instead),) = resolved.instead
    edited = closing(can_resolve=False)
    ((edited_id, body),) = edited.edit
    assert (edited.resolve, edited.instead) == ((), ())
    assert (edited_id, body) == (instead_id, instead)
    assert body.startswith("**Fixed in `aaaaaaaaaaaa`**")
    state = parse(body)
    assert state is not None
    assert state.findings == (known(SQL, "fixed"),)
    for untouched in (closing(human_reply=True), closing(can_resolve=False, human_reply=True), closing(resolved=True)):
        assert (untouched.resolve, untouched.edit, untouched.instead) == ((), (), ())


def test_an_edited_comment_is_not_edited_again() -> None:
    ((_, body),) = closing(can_resolve=False).edit
    for state in (replace(STATE, findings=(known(SQL),)), None):
        before = existing(replace(thread(SQL, can_resolve=False), body=body), state=state)
        assert drafted(again(found(), before, GONE_CODE), before).edit == ()


def test_a_dismissed_finding_is_remembered_as_such_and_not_shown() -> None:
    before = existing(thread(SQL, resolved=True, resolved_by="eve"), state=STATE)
    written = drafted(again(found(SQL), before, STILL, **{SQL.fingerprint: True}), before)
    state = parse(written.summary)
    assert state is not None
    assert [each.status for each in state.findings] == ["dismissed"]
    assert SQL.title not in written.summary
    assert written.check.conclusion == "success"


@pytest.mark.parametrize(
    ("report", "fail_on", "conclusion", "title"),
    [
        (CLEAN, "high", "success", "No findings"),
        (found(SQL), "high", "failure", "1 finding at or above high"),
        (found(SQL), "never", "neutral", "1 finding"),
        (found(GONE, WHOLE_FILE), "high", "neutral", "2 findings, all below high"),
        (found(replace(SQL, state=State.FIXED), status=Status.CLEAN), "low", "success", "No findings"),
        (FULL, "never", "failure", "Incomplete: 2 files not reviewed as they should have been"),
        (found(status=Status.FAILED), "never", "failure", "Failed: nothing was reviewed"),
    ],
)
def test_the_check_is_never_green_where_something_is_wrong(
    report: Report, fail_on: str, conclusion: str, title: str
) -> None:
    check = drafted(report, fail_on=fail_on).check
    assert (check.name, check.head) == ("reviewer", report.head or HEAD)
    assert (check.conclusion, check.title) == (conclusion, title)
    assert "<!--" not in check.summary


def test_annotations_are_of_the_new_side_and_plain() -> None:
    long = finding(9, title="t\n" * 500, body="\x1b[2J" + "b" * 100_000, severity=Severity.MEDIUM)
    check = drafted(found(SQL, GONE, WHOLE_FILE, long, finding(8, severity=Severity.LOW, body=""))).check
    assert [(each.path, each.start_line, each.end_line, each.level) for each in check.annotations] == [
        ("shop/orders.py", 12, 13, "failure"),
        ("shop/orders.py", 9, 9, "warning"),
        ("shop/orders.py", 8, 8, "notice"),
    ]
    assert all(len(each.title) <= 255 and "\n" not in each.title for each in check.annotations)
    assert all(len(each.message.encode()) <= 65_536 and each.message for each in check.annotations)
    assert "\x1b" not in check.annotations[1].message


def test_changes_are_requested_only_when_asked_and_only_for_news_at_the_bar() -> None:
    assert drafted(found(SQL)).event == "COMMENT"
    assert drafted(found(SQL), request_changes=True).event == "REQUEST_CHANGES"
    assert drafted(found(GONE), request_changes=True).event == "COMMENT"
    assert drafted(found(SQL), request_changes=True, fail_on="never").event == "COMMENT"
    assert drafted(found(replace(SQL, state=State.OPEN)), request_changes=True).event == "COMMENT"
    unplaced = drafted(found(replace(SQL, span=Span("x"))), request_changes=True)
    assert (unplaced.event, unplaced.comments) == ("REQUEST_CHANGES", ())
    assert unplaced.review_body.startswith("No comments on `aaaaaaaaaaaa`.")


def test_without_a_head_of_its_own_a_report_speaks_of_the_pull_requests() -> None:
    written = drafted(found(SQL, head=None, base=None))
    assert written.commit == HEAD
    assert "Reviewed" not in written.summary


def test_a_summary_of_any_size_fits_and_says_what_is_left_out() -> None:
    many = tuple(finding(n, title="ä" * 300, span=Span("p/" * 100, n, n)) for n in range(1, 2000))
    lost = tuple(Unreviewed(f"{n}.py", Reason.TIMEOUT, "x" * 500, lines=1) for n in range(3000))
    written = drafted(found(*many, unreviewed=lost, status=Status.INCOMPLETE))
    assert bodies.fits(written.summary)
    assert re.search(r"and [\d,]+ more, left out here for their length", written.summary)
    state = parse(written.summary)
    assert state is not None
    assert (state.complete, state.lost) == (False, ())
    assert written == drafted(found(*many, unreviewed=lost, status=Status.INCOMPLETE))


@given(title=st.text(), body=st.text(max_size=500), suggestion=st.none() | st.text(max_size=200))
def test_whatever_is_said_a_body_has_one_marker(title: str, body: str, suggestion: str | None) -> None:
    written = drafted(found(replace(SQL, title=title, body=body, suggestion=suggestion)))
    for posted in (written.summary, written.comments[0].body, written.review_body):
        assert posted.count("<!--") == 1
        assert parse(posted) is not None
        assert bodies.fits(posted)


@pytest.mark.parametrize("long", ["ä" * 19_000 + "€" * 900, "\U0001f600" * 19_999])
def test_a_comment_of_any_size_fits(long: str) -> None:
    for body in (long, "<" * 50_000, "b"):
        posted = drafted(found(replace(SQL, body=body, suggestion=long))).comments[0].body
        assert bodies.fits(posted)
        assert parse(posted) is not None
    far = tuple(Span("\U0001f600" * 4000, 1, 1) for _ in range(50))
    wide = replace(SQL, places=far, span=Span("shop/orders.py", 1, 1), rule="\U0001f600" * 4000)
    assert bodies.fits(drafted(found(wide)).comments[0].body)


def test_a_report_without_a_model_says_so() -> None:
    note = Note(NoteCode.NO_MODEL, "no model was asked: set a key")
    summary = drafted(replace(CLEAN, notes=(note,))).summary
    assert "Built-in checks only; no model was asked." in summary
    assert summary.lower().count("no model") == 1
    assert "cost unknown" in drafted(found(usage=Usage(calls=1))).summary


def over_the_cap(one: Finding) -> Dropped:
    return Dropped(
        one.span.path, one.title, one.body, DropReason.OVER_CAP, "", one.span.first, one.severity, one.fingerprint
    )


def test_what_is_one_too_many_is_counted_and_remembered() -> None:
    report = again(found(SQL, dropped=(over_the_cap(finding(3)), over_the_cap(finding(4)))), NOTHING, STILL)
    first = drafted(report)
    assert "2 more not shown (max_comments)." in first.summary
    assert first.summary.startswith("### 1 finding, 2 more not shown (max_comments)\n")
    assert first.check.title == "3 findings at or above high, 2 not shown (max_comments)"
    assert drafted(report, fail_on="never").check.title == "1 finding, 2 more not shown (max_comments)"
    state = parse(first.summary)
    assert state is not None
    assert state.again == (Cut(SQL.span.path, SQL.severity),) * 2
    before = after(first, thread(SQL))
    second = drafted(reconcile(found(), before, {}, STILL, reread=()), before)
    assert second.is_empty
    assert second.check.title == first.check.title


def test_found_again_on_another_commit_what_has_no_comment_gets_one() -> None:
    elsewhere = modified("shop/orders.py", hunk("+a", 100))
    unplaced = drafted(found(SQL), NOTHING, elsewhere)
    assert unplaced.comments == ()
    before, commented = after(unplaced), after(unplaced, thread(SQL))
    assert drafted(again(found(SQL), before, STILL), before).is_empty, "it was tried on this commit"
    moved = found(SQL, head="d" * 40)
    (comment,) = drafted(again(moved, before, STILL), before).comments
    assert comment.id == SQL.fingerprint
    assert drafted(again(moved, commented, STILL), commented).comments == ()
    still = drafted(again(moved, before, STILL), before, elsewhere).summary
    assert SQL.body in still, "its words stay as long as it has no comment"
    assert still.count(SQL.title) == 1, "it is in one list"


def test_a_review_that_asked_nobody_says_so() -> None:
    before = Note(NoteCode.INCREMENTAL, "0 of 2 hunks are new")
    words = "Nothing new to read; nothing was asked."
    assert words in drafted(found(notes=(before,))).summary
    lost = (Unreviewed("a", Reason.BUDGET, ""),)
    for report in (
        found(),
        found(notes=(before,), usage=Usage(calls=1)),
        found(notes=(before,), unreviewed=lost, status=Status.INCOMPLETE),
    ):
        assert words not in drafted(report).summary


def test_what_failed_says_what_to_do() -> None:
    for status in (Status.INCOMPLETE, Status.FAILED):
        words = drafted(found(status=status)).check.summary
        assert words.endswith("\n\nRun again: only what was lost is asked again.")


def test_a_long_list_of_what_is_fixed_is_counted() -> None:
    fixed = tuple(finding(number, state=State.FIXED) for number in range(1, 24))
    summary = drafted(found(*fixed, status=Status.CLEAN)).summary
    assert summary.count("in words") == 10
    assert "- … and 13 more\n" in summary


def test_no_line_that_is_printed_is_a_command() -> None:
    code = replace(SQL, body="```\n::error::x\n##[error]x\n```")
    assert all(
        not line.lstrip().startswith("::") and "##[" not in line for line in render(drafted(found(code))).split("\n")
    )
