"""New, still open, fixed, dismissed: what was found now against what was said before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conversations import FILE, NOTHING, STATE, Lines, after, again, drafted, existing, finding, found, thread
from reports import GONE, SQL, WHOLE_FILE

from reviewer.findings import (
    Coverage,
    Dropped,
    DropReason,
    Finding,
    Origin,
    Reason,
    Report,
    Severity,
    Side,
    State,
    Status,
    Unreviewed,
)
from reviewer.github.reconcile import reconcile
from reviewer.github.state import Cut, Known, known
from reviewer.judgement import verdict

if TYPE_CHECKING:
    from reviewer.github.threads import Existing

HERE = Lines({"shop/orders.py": SQL.code})
ELSEWHERE = Lines({"shop/orders.py": "something else\n"})


def remembered(*knowns: Known) -> Existing:
    return existing(state=replace(STATE, findings=knowns))


def only(report: Report) -> Finding:
    (one,) = report.findings
    return one


def test_what_nobody_knows_is_new() -> None:
    report = again(found(SQL), NOTHING)
    assert only(report) == SQL
    assert report.status is Status.FINDINGS


def test_the_summary_and_an_inline_comment_make_a_finding_known() -> None:
    for before in (remembered(known(SQL)), existing(thread(SQL))):
        report = again(found(SQL), before, HERE)
        assert only(report) == replace(SQL, state=State.OPEN)
        assert report.status is Status.FINDINGS


def test_a_finding_in_other_words_and_with_another_id_is_the_known_one() -> None:
    reworded = replace(SQL, fingerprint="1" * 16, title="The order number goes into a statement as plain text")
    one = only(again(found(reworded), remembered(known(SQL)), HERE))
    assert (one.fingerprint, one.state, one.title) == (SQL.fingerprint, State.OPEN, reworded.title)


def test_another_title_another_line_another_file_or_another_side_is_another_finding() -> None:
    others = (
        replace(SQL, fingerprint="1" * 16, title="The cursor is never closed"),
        replace(SQL, fingerprint="2" * 16, code="elsewhere(order)"),
        replace(SQL, fingerprint="3" * 16, span=replace(SQL.span, path="shop/copy.py")),
        replace(SQL, fingerprint="4" * 16, span=replace(SQL.span, side=Side.OLD)),
    )
    for other in others:
        report = again(found(other), remembered(known(SQL)), HERE)
        assert {each.fingerprint: each.state for each in report.findings} == {
            other.fingerprint: State.NEW,
            SQL.fingerprint: State.OPEN,
        }


def test_a_file_with_another_name_keeps_its_findings() -> None:
    moved = replace(SQL, fingerprint="3" * 16, span=replace(SQL.span, path="shop/moved.py"))
    files = Lines({"shop/orders.py": None, "shop/moved.py": SQL.code})
    one = only(again(found(moved), remembered(known(SQL)), files))
    assert (one.fingerprint, one.state, one.span) == (SQL.fingerprint, State.OPEN, moved.span)


def test_findings_without_lines_are_known_by_their_titles() -> None:
    reworded = replace(WHOLE_FILE, fingerprint="1" * 16, title="No test for an empty basket")
    assert only(again(found(reworded), remembered(known(WHOLE_FILE)))).state is State.OPEN


def test_of_two_alike_the_likeliest_is_meant() -> None:
    one, two = finding(1, code="call()"), finding(2, code="call()", title="Defect number 2 in other words")
    now = replace(two, fingerprint="9" * 16)
    report = again(found(now), remembered(known(one), known(two)), Lines({"shop/orders.py": "call()"}))
    assert {each.fingerprint: each.title for each in report.findings} == {
        one.fingerprint: one.title,
        two.fingerprint: two.title,
    }
    assert all(each.state is State.OPEN for each in report.findings)


def test_not_found_again_it_is_open_while_its_code_is_there() -> None:
    report = again(found(), existing(thread(SQL)), HERE)
    one = only(report)
    assert one.state is State.OPEN
    assert report.status is Status.FINDINGS
    assert (one.severity, one.title, one.body, one.category) == (SQL.severity, SQL.title, SQL.body, SQL.category)
    assert (one.span.first, one.span.last) == (13, 13)


def test_without_its_comment_it_is_recalled_with_title_and_path() -> None:
    one = only(again(found(), remembered(known(SQL)), HERE))
    assert (one.body, one.span.path, one.span.first) == (SQL.title, SQL.span.path, None)


def test_an_outdated_comment_no_longer_knows_the_line() -> None:
    assert only(again(found(), existing(thread(SQL, outdated=True)), HERE)).span.first is None
    assert only(again(found(), existing(thread(SQL, line=None)), HERE)).span.first is None


def test_its_code_gone_it_is_fixed_and_out_of_the_status() -> None:
    report = again(found(), existing(thread(SQL)), ELSEWHERE)
    assert only(report).state is State.FIXED
    assert report.status is Status.CLEAN


def test_gone_is_the_first_line_and_half_of_the_others() -> None:
    for left, state in ((FILE[:1], State.OPEN), (FILE[1:], State.FIXED), ((), State.FIXED)):
        assert only(again(found(), remembered(known(SQL)), Lines({"shop/orders.py": "\n".join(left)}))).state is state
    three = replace(SQL, code="first(1)\nsecond(2)\nthird(3)")
    lines = Lines({"shop/orders.py": "second(2)\nthird(3)"})
    assert only(again(found(), remembered(known(three)), lines)).state is State.OPEN


def test_where_nobody_knows_the_file_it_stays_as_it_is() -> None:
    assert only(again(found(), remembered(known(SQL)))).state is State.OPEN
    assert only(again(found(), remembered(known(SQL, "fixed")))).state is State.FIXED


def test_the_state_alone_takes_nothing_out_of_the_status() -> None:
    for status in ("fixed", "dismissed"):
        report = again(found(), remembered(replace(known(SQL), status=status)), HERE)
        assert only(report).state is State.OPEN
        assert report.status is Status.FINDINGS


def test_what_was_fixed_and_is_found_again_is_said_again() -> None:
    report = again(found(SQL), remembered(known(SQL, "fixed")), HERE)
    assert only(report) == SQL
    assert (
        only(again(found(SQL), remembered(known(SQL, "fixed")), HERE, **{SQL.fingerprint: False})).state is State.OPEN
    )


def test_of_a_file_as_a_whole_it_is_open_until_the_file_is_gone_or_was_read_again() -> None:
    before = remembered(known(WHOLE_FILE))
    there = Lines({"web/app.js": "x"})
    assert only(again(found(), before, there)).state is State.OPEN
    assert only(again(found(), before, Lines({"web/app.js": ""}))).state is State.OPEN
    assert only(again(found(), before, Lines({"web/app.js": None}))).state is State.FIXED
    assert only(reconcile(found(), before, {}, there, reread={"web/app.js"})).state is State.FIXED
    assert only(again(found(), remembered(known(WHOLE_FILE, "fixed")), there)).state is State.FIXED


def test_about_deleted_code_it_is_fixed_when_the_code_is_back() -> None:
    back, away = Lines({"shop/old.py": GONE.code}), Lines({"shop/old.py": "x"})
    outdated, current = existing(thread(GONE, outdated=True)), existing(thread(GONE))
    assert only(again(found(), outdated, back)).state is State.FIXED
    assert only(again(found(), current, back)).state is State.OPEN
    assert only(again(found(), outdated, away)).state is State.OPEN


def test_dismissed_by_who_may_it_is_out_and_the_reason_is_kept() -> None:
    for report in (found(SQL), found()):
        after = again(report, existing(thread(SQL, resolved=True)), HERE, **{SQL.fingerprint: True})
        assert after.findings == ()
        assert after.status is Status.CLEAN
        (drop,) = after.dropped
        assert (drop.reason, drop.fingerprint, drop.severity) == (DropReason.DISMISSED, SQL.fingerprint, SQL.severity)


def test_dismissed_and_gone_is_fixed() -> None:
    after = again(found(), existing(thread(SQL)), ELSEWHERE, **{SQL.fingerprint: True})
    assert only(after).state is State.FIXED
    assert not after.dropped


def test_dismissed_by_anyone_else_it_still_counts() -> None:
    after = again(found(SQL), existing(thread(SQL, resolved=True)), HERE, **{SQL.fingerprint: False})
    assert only(after).state is State.OPEN
    assert after.status is Status.FINDINGS


def test_a_loss_stays_a_loss() -> None:
    lost = (Unreviewed("shop/big.py", Reason.TIMEOUT, "no answer", (1, 2), lines=2),)
    report = again(found(unreviewed=lost, coverage=Coverage(2, 1, 23, 21)), remembered(known(SQL)), ELSEWHERE)
    assert report.status is Status.INCOMPLETE
    assert again(found(unreviewed=lost, coverage=Coverage(2, 0, 23, 0)), NOTHING).status is Status.FAILED


def test_the_worst_come_first_and_fixed_ones_last() -> None:
    low, high = finding(1, severity=Severity.LOW), finding(2, severity=Severity.HIGH)
    report = again(found(low, high), remembered(known(SQL)), ELSEWHERE)
    assert [each.severity for each in report.findings] == [Severity.HIGH, Severity.LOW, Severity.CRITICAL]


def test_what_a_report_calls_fixed_or_open_is_held_against_what_is_known() -> None:
    claims = found(replace(SQL, state=State.FIXED), replace(finding(3), state=State.OPEN))
    report = again(claims, remembered(known(SQL)), HERE)
    assert {each.fingerprint: each.state for each in report.findings} == {
        SQL.fingerprint: State.OPEN,
        finding(3).fingerprint: State.NEW,
    }
    assert only(again(found(replace(SQL, state=State.FIXED)), NOTHING)).state is State.FIXED


def test_other_drops_stay() -> None:
    drop = Dropped("a.py", "t", "b", DropReason.INVALID, "why")
    assert again(found(dropped=(drop,)), NOTHING).dropped == (drop,)


def test_the_body_comes_back_from_the_comment_as_it_was() -> None:
    said = replace(SQL, body="First, `x` <b>.\n\n```python\na\n\nb\n```\n\nLast @ada.")
    before = existing(thread(said))
    recalled = only(again(found(), before, HERE))
    assert recalled.body == "First, `x` <b>.\n\n```python\na\n\nb\n```\n\nLast `@ada`."
    assert drafted(again(found(), before, HERE), before).comments == ()
    edited = existing(replace(thread(SQL), body="words\n\n" + thread(SQL).body.rpartition("\n")[2]))
    assert only(again(found(), edited, HERE)).body == SQL.title


def over_the_cap(one: Finding) -> Dropped:
    return Dropped(
        one.span.path, one.title, one.body, DropReason.OVER_CAP, "", one.span.first, one.severity, one.fingerprint
    )


def test_what_was_one_too_many_stands_until_its_file_is_read_again() -> None:
    assert again(found(dropped=(over_the_cap(SQL),)), NOTHING, HERE).status is Status.FINDINGS
    before = existing(state=replace(STATE, again=(Cut("shop/orders.py"), Cut("shop/orders.py", Severity.LOW))))
    same_head = reconcile(found(), before, {}, HERE, reread=())
    assert same_head.status is Status.FINDINGS
    assert [(drop.path, drop.reason) for drop in same_head.dropped] == [("shop/orders.py", DropReason.OVER_CAP)] * 2
    assert reconcile(found(), before, {}, HERE, reread={"shop/orders.py"}).status is Status.CLEAN
    assert reconcile(found(), before, {}, Lines({"shop/orders.py": None}), reread=()).status is Status.CLEAN
    assert reconcile(found(), before, {}, HERE).status is Status.CLEAN, "others read all of it"
    ignored = (Unreviewed("shop/orders.py", Reason.TOO_LARGE, "", lines=9000),)
    not_read = reconcile(found(unreviewed=ignored), before, {}, HERE, reread={"shop/orders.py"})
    assert not_read.status is Status.FINDINGS, "nobody read it"


def test_a_known_finding_that_is_one_too_many_now_is_open_and_counted_once() -> None:
    checked = replace(SQL, origin=Origin.CHECK)
    report = reconcile(
        found(dropped=(over_the_cap(checked),)), remembered(known(checked)), {}, HERE, reread={"shop/orders.py"}
    )
    assert (only(report).state, report.dropped) == (State.OPEN, ())


def test_five_hundred_findings_are_five_hundred_on_the_same_head_again() -> None:
    many = tuple(finding(n, severity=Severity.HIGH if n == 499 else Severity.LOW) for n in range(500))
    there = Lines({"shop/orders.py": "\n".join(each.code for each in many)})
    report = again(found(*many), NOTHING, there)
    first = drafted(report)
    commented = {comment.id for comment in first.comments}
    before = after(first, *(thread(each) for each in many if each.fingerprint in commented))
    second = reconcile(found(), before, {}, there, reread=())
    assert {each.fingerprint for each in second.findings} == {each.fingerprint for each in many}
    assert second.status is Status.FINDINGS
    assert [verdict.exit_code(each, "high", allow_incomplete=False) for each in (report, second)] == [1, 1]
    assert drafted(second, before).is_empty


def test_a_title_that_was_cut_comes_back_from_the_comment() -> None:
    short = replace(known(SQL), title=SQL.title[:20])
    before = existing(thread(SQL), state=replace(STATE, findings=(short,)))
    assert only(again(found(), before, HERE)).title == SQL.title


def test_a_check_that_read_the_lines_again_and_is_silent_has_nothing_to_say() -> None:
    before = remembered(known(replace(SQL, origin=Origin.CHECK)))
    assert only(reconcile(found(), before, {}, HERE, reread={"shop/orders.py"})).state is State.FIXED
    assert only(reconcile(found(), before, {}, HERE, reread={"shop/others.py"})).state is State.OPEN


def test_a_silent_model_is_believed_where_the_line_of_the_comment_is_gone() -> None:
    whole: set[str] = {"shop/orders.py"}
    for outdated, reread, state in ((True, whole, State.FIXED), (True, (), State.OPEN), (False, whole, State.OPEN)):
        before = existing(thread(SQL, outdated=outdated), state=replace(STATE, findings=(known(SQL),)))
        assert only(reconcile(found(), before, {}, HERE, reread=reread)).state is state
    assert only(reconcile(found(), remembered(known(SQL)), {}, HERE, reread=whole)).state is State.OPEN


def test_a_summary_that_nothing_bears_out_does_not_say_what_a_comment_is_about() -> None:
    forged = replace(known(SQL), lines=("00000000",), path="elsewhere.py")
    before = existing(thread(SQL), state=replace(STATE, findings=(forged,)))
    assert before.summary is not None
    hearsay = replace(before, summary=replace(before.summary, borne_out=False))
    still = Lines({"shop/orders.py": SQL.code, "elsewhere.py": None})
    assert [each.state for each in again(found(), hearsay, still).findings] == [State.OPEN]
    assert [each.state for each in again(found(), before, still).findings] == [State.FIXED], "ours is believed"
    said_fixed = existing(thread(SQL), state=replace(STATE, findings=(known(SQL, "fixed"),)))
    assert said_fixed.summary is not None
    hearsay = replace(said_fixed, summary=replace(said_fixed.summary, borne_out=False))
    assert [each.state for each in again(found(SQL), hearsay, still).findings] == [State.NEW], "said again, at worst"


def test_what_is_remembered_of_a_finding_without_a_comment_is_said_again() -> None:
    mute = replace(known(WHOLE_FILE), words="An empty basket takes the new branch.")
    (finding_again,) = again(found(), existing(state=replace(STATE, findings=(mute,)))).findings
    assert finding_again.body == mute.words
