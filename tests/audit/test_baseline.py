"""What a baseline does to a report, and a report to a baseline."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from conversations import finding, found
from hypothesis import given
from hypothesis import strategies as st
from reports import GONE, SQL, WHOLE_FILE

from reviewer.audit.baseline import ACCEPTED, Baseline, against, dismissed, entered, screen, unknown, updated
from reviewer.audit.baselinefile import read, write
from reviewer.audit.overview import grouped
from reviewer.errors import Misuse
from reviewer.findings import (
    Coverage,
    Dropped,
    DropReason,
    Finding,
    NoteCode,
    Origin,
    Reason,
    Report,
    Span,
    State,
    Status,
    Unreviewed,
)
from reviewer.judgement.recognition import line_hashes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reviewer.audit.baseline import Entry
    from reviewer.judgement.recognition import LinesNow

TODAY = date(2026, 11, 25)
YESTERDAY = TODAY - timedelta(days=1)
CODE = "call(1, x)"


def entry(of: Finding = SQL, reason: str = "behind the firewall", **changes: object) -> Entry:
    return replace(entered(of, reason, "ada", TODAY), **changes)  # type: ignore[arg-type]


def baseline(*entries: Entry) -> Baseline:
    return Baseline(entries)


def files(texts: Mapping[str, str]) -> LinesNow:
    """A tree that was read as a whole: what is not there is gone."""
    return lambda path: line_hashes(texts[path].split("\n")) if path in texts else frozenset()


def ids(report: Report) -> set[str]:
    return {each.fingerprint for each in report.findings}


def said(report: Report, code: NoteCode) -> str:
    (note,) = (note for note in report.notes if note.code is code)
    return note.message


def test_what_is_known_is_dropped_with_its_reason() -> None:
    report = against(found(SQL, GONE), baseline(entry(expires=TODAY)), TODAY)
    assert ids(report) == {GONE.fingerprint}
    (drop,) = report.dropped
    assert (drop.reason, drop.fingerprint, drop.path) == (DropReason.BASELINE, SQL.fingerprint, SQL.span.path)
    assert drop.detail == "known, until 2026-11-25: behind the firewall (ada)"
    assert report.status is Status.FINDINGS
    assert report.notes == ()


def test_where_everything_is_known_the_report_is_clean() -> None:
    report = against(found(SQL), baseline(entry()), TODAY)
    assert (report.status, report.findings) == (Status.CLEAN, ())


def test_an_incomplete_report_stays_incomplete() -> None:
    lost = Unreviewed("b.py", Reason.TIMEOUT, "no answer", lines=3)
    before = found(SQL, status=Status.INCOMPLETE, unreviewed=(lost,))
    assert against(before, baseline(entry()), TODAY).status is Status.INCOMPLETE
    before = found(SQL, status=Status.FAILED, unreviewed=(lost,), coverage=Coverage(1, 0, 3, 0))
    assert against(before, baseline(entry()), TODAY).status is Status.FAILED


def test_what_was_one_too_many_is_not_clean() -> None:
    more = Dropped("a.py", "t", "b", DropReason.OVER_CAP, "more than 1")
    assert against(found(SQL, dropped=(more,)), baseline(entry()), TODAY).status is Status.FINDINGS


def test_an_empty_baseline_changes_nothing() -> None:
    before = found(SQL)
    assert against(before, Baseline(), TODAY) is before


def test_a_finding_in_other_words_and_with_another_id_is_the_known_one() -> None:
    reworded = replace(SQL, fingerprint="1" * 16, title="The order number goes into a statement as plain text")
    report = against(found(reworded), baseline(entry()), TODAY)
    assert ids(report) == set()
    assert report.dropped[0].fingerprint == SQL.fingerprint


def test_another_finding_on_the_same_lines_is_new() -> None:
    other = replace(SQL, fingerprint="1" * 16, title="Nobody closes the connection")
    assert ids(against(found(other), baseline(entry()), TODAY)) == {"1" * 16}


def test_the_same_words_about_other_code_are_new() -> None:
    other = replace(SQL, fingerprint="1" * 16, code="something(else_)")
    assert ids(against(found(other), baseline(entry()), TODAY)) == {"1" * 16}


def test_one_entry_is_one_finding() -> None:
    again = replace(SQL, fingerprint="1" * 16)
    assert ids(against(found(SQL, again), baseline(entry()), TODAY)) == {"1" * 16}


def test_a_renamed_file_is_known_where_the_old_one_is_gone() -> None:
    moved = replace(SQL, fingerprint="1" * 16, span=replace(SQL.span, path="shop/sales.py"))
    now = files({"shop/sales.py": SQL.code})
    assert ids(against(found(moved), baseline(entry()), TODAY, now)) == set()
    assert ids(against(found(moved), baseline(entry()), TODAY, files({"shop/orders.py": SQL.code}))) == {"1" * 16}
    assert ids(against(found(moved), baseline(entry()), TODAY)) == {"1" * 16}


def test_an_expired_entry_speaks_up_again_and_is_named() -> None:
    report = against(found(SQL, finding(1)), baseline(entry(expires=YESTERDAY)), TODAY)
    assert ids(report) == {SQL.fingerprint, finding(1).fingerprint}
    message = said(report, NoteCode.BASELINE_EXPIRED)
    assert message.startswith("1 entry of the baseline is expired: shop/orders.py: The order number")
    assert SQL.fingerprint in message
    assert report.notes[0].data == {"count": 1, "ids": [SQL.fingerprint]}


def test_an_expired_one_keeps_its_id() -> None:
    reworded = replace(SQL, fingerprint="1" * 16)
    report = against(found(reworded), baseline(entry(expires=YESTERDAY)), TODAY)
    assert ids(report) == {SQL.fingerprint}


def test_what_a_check_does_not_find_any_more_is_fixed() -> None:
    known = baseline(entry(WHOLE_FILE))
    report = against(found(), known, TODAY, files({WHOLE_FILE.span.path: "x"}))
    assert said(report, NoteCode.BASELINE_FIXED).startswith("1 entry of the baseline is fixed: web/app.js")
    assert updated(known, found(), "ada", TODAY, lines_now=files({WHOLE_FILE.span.path: "x"})).entries == ()


@pytest.mark.parametrize("origin", [Origin.MODEL, Origin.TOOL])
def test_what_a_model_or_tool_does_not_say_again_is_fixed_where_the_code_is_gone(origin: Origin) -> None:
    known = baseline(entry(replace(SQL, origin=origin)))
    still, gone = files({SQL.span.path: SQL.code}), files({SQL.span.path: "other()"})
    assert against(found(), known, TODAY, still).notes == ()
    assert updated(known, found(), "ada", TODAY, lines_now=still) == known
    assert said(against(found(), known, TODAY, gone), NoteCode.BASELINE_FIXED)
    assert updated(known, found(), "ada", TODAY, lines_now=gone) == Baseline()


def test_what_a_model_said_of_a_whole_file_is_fixed_with_the_file() -> None:
    known = baseline(entry(replace(WHOLE_FILE, origin=Origin.MODEL)))
    assert against(found(), known, TODAY, files({WHOLE_FILE.span.path: "x"})).notes == ()
    assert said(against(found(), known, TODAY, files({})), NoteCode.BASELINE_FIXED)


def test_of_what_was_not_read_nothing_is_fixed() -> None:
    known = baseline(entry(WHOLE_FILE))
    unread = Unreviewed(WHOLE_FILE.span.path, Reason.IGNORED, "ignore")
    for report, now in (
        (found(), unknown),
        (found(unreviewed=(unread,)), files({})),
        (found(unreviewed=(replace(unread, reason=Reason.BUDGET, new=(3, 4)),)), files({})),
    ):
        assert against(report, known, TODAY, now).notes == ()
        assert updated(known, report, "ada", TODAY, lines_now=now) == known


def test_what_is_said_and_not_shown_is_not_fixed() -> None:
    known = baseline(entry(WHOLE_FILE))
    drop = Dropped(WHOLE_FILE.span.path, "?", "", DropReason.BELOW_SEVERITY, "", fingerprint=WHOLE_FILE.fingerprint)
    reworded = replace(drop, fingerprint="1" * 16, title=WHOLE_FILE.title)
    for each in (drop, reworded):
        report = found(dropped=(each,))
        assert against(report, known, TODAY, files({})).notes == ()
        assert updated(known, report, "ada", TODAY, lines_now=files({})) == known


def test_many_that_are_fixed_are_counted() -> None:
    known = baseline(*(entry(finding(number)) for number in range(300)))
    report = against(found(), known, TODAY, files({}))
    assert said(report, NoteCode.BASELINE_FIXED).startswith("300 entries of the baseline are fixed: ")
    assert said(report, NoteCode.BASELINE_FIXED).endswith(" and 297 more")
    assert (report.notes[0].data["count"], len(report.notes[0].data["ids"])) == (300, 200)


def test_what_is_fixed_on_a_pull_request_is_nobodys_concern() -> None:
    fixed = replace(SQL, state=State.FIXED)
    report = against(found(fixed), baseline(entry()), TODAY)
    assert report.findings == (fixed,)
    assert report.status is Status.CLEAN


def test_once_is_as_good_as_twice() -> None:
    known = baseline(entry(), entry(finding(1), expires=YESTERDAY), entry(finding(2)))
    once = against(found(SQL, GONE, finding(1)), known, TODAY, unknown)
    again = against(replace(once, notes=()), known, TODAY, unknown)
    assert again == once


def test_what_was_screened_before_is_neither_fixed_nor_forgotten() -> None:
    known = baseline(entry(), entry(WHOLE_FILE, expires=YESTERDAY))
    reworded = replace(SQL, fingerprint="1" * 16, title="The order number goes into a statement as plain text")
    decision = screen([reworded, replace(WHOLE_FILE, fingerprint="2" * 16), GONE], known, TODAY)
    report = found(*decision.shown, dropped=decision.dropped)
    assert ids(report) == {WHOLE_FILE.fingerprint, GONE.fingerprint}
    done = against(report, known, TODAY, files({}))
    assert [note.code for note in done.notes] == [NoteCode.BASELINE_EXPIRED]
    assert set(updated(known, report, "ada", TODAY, lines_now=files({})).entries) == {
        *known.entries,
        entered(GONE, ACCEPTED, "ada", TODAY),
    }


def test_an_update_keeps_what_people_wrote_and_adds_what_is_new() -> None:
    old = entry(expires=YESTERDAY, who="bob")
    after = updated(baseline(old), found(SQL, GONE), "ada", TODAY)
    assert set(after.entries) == {old, entered(GONE, ACCEPTED, "ada", TODAY)}
    assert after.entries[0].reason == ACCEPTED


def test_an_update_follows_a_finding_that_is_said_anew() -> None:
    reworded = replace(SQL, fingerprint="1" * 16, title="The order number goes into a statement as plain text")
    (after,) = updated(baseline(entry(expires=TODAY)), found(reworded), "eve", YESTERDAY).entries
    assert (after.id, after.title) == ("1" * 16, reworded.title)
    assert (after.reason, after.who, after.added, after.expires) == ("behind the firewall", "ada", TODAY, TODAY)


@given(st.sets(st.integers(1, 12)), st.sets(st.integers(1, 12)))
def test_after_an_update_nothing_is_new_and_a_second_one_changes_nothing(now: set[int], before: set[int]) -> None:
    known = baseline(*(entry(finding(number)) for number in before))
    report = found(*map(finding, sorted(now)))
    tree = files({"shop/orders.py": "\n".join(finding(number).code for number in now)})
    after = updated(known, report, "ada", TODAY, lines_now=tree)
    assert {each.id for each in after.entries} == {finding(number).fingerprint for number in now}
    assert against(report, after, TODAY, tree).findings == ()
    assert against(report, after, TODAY, tree).notes == ()
    assert updated(after, report, "bob", TODAY, lines_now=tree) == after


@given(st.sets(st.integers(1, 12)), st.sets(st.integers(1, 12)))
def test_every_finding_is_either_reported_or_dropped(now: set[int], before: set[int]) -> None:
    report = against(found(*map(finding, now)), baseline(*(entry(finding(number)) for number in before)), TODAY)
    assert ids(report) == {finding(number).fingerprint for number in now - before}
    assert {drop.fingerprint for drop in report.dropped} == {finding(number).fingerprint for number in now & before}


def test_a_dismissal_is_one_entry_more() -> None:
    report = found(SQL, GONE)
    after, (made,) = dismissed(
        Baseline(), report, SQL.fingerprint, reason="ok", who="ada", today=TODAY, expires=YESTERDAY
    )
    assert after.entries == (made,)
    assert (made.id, made.reason, made.who, made.added, made.expires) == (
        SQL.fingerprint, "ok", "ada", TODAY, YESTERDAY,
    )  # fmt: skip


def test_a_dismissal_again_takes_the_place_of_the_first() -> None:
    reworded = replace(SQL, fingerprint="1" * 16)
    known = baseline(entry(expires=YESTERDAY), entry(GONE))
    after, (made,) = dismissed(known, found(reworded), "1111", reason="really", who="bob", today=TODAY, expires=None)
    assert set(after.entries) == {made, entry(GONE)}
    assert (made.id, made.expires) == ("1" * 16, None)


def test_a_finding_is_accepted_in_all_its_places() -> None:
    twin = replace(SQL, fingerprint="2" * 16, span=Span("web/b.py", 7, 7), title="The same elsewhere")
    other = replace(SQL, fingerprint="3" * 16, span=Span("web/c.py", 7, 7), title="Another")
    report = grouped(found(SQL, replace(twin, title=SQL.title), other))
    after, made = dismissed(
        Baseline((entry(twin),)), report, SQL.fingerprint, reason="ok", who="a", today=TODAY, expires=None
    )
    assert [(each.id, each.path) for each in made] == [(SQL.fingerprint, SQL.span.path), (twin.fingerprint, "web/b.py")]
    assert {each.id for each in after.entries} == {SQL.fingerprint, twin.fingerprint}
    assert [each.fingerprint for each in screen((SQL, twin, other), after, TODAY).shown] == [other.fingerprint]


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ("ffff", "the report has no finding 'ffff'"),
        ("012", "may be 1 findings of the report: write more digits"),
        ("0000", "may be 2 findings of the report: write more digits"),
        ("", "may be 3 findings"),
        ("00000000000000bb", "is in the baseline already"),
    ],
)
def test_an_id_that_names_not_exactly_one_finding_is_refused(wanted: str, says: str) -> None:
    drop = Dropped("a.py", "t", "", DropReason.BASELINE, "", fingerprint="00000000000000bb")
    report = found(SQL, WHOLE_FILE, finding(1), dropped=(drop,))
    with pytest.raises(Misuse, match=says):
        dismissed(Baseline(), report, wanted, reason="r", who="w", today=TODAY, expires=None)


def test_no_credential_and_no_code_gets_into_a_baseline() -> None:
    token = "ghp_" + "a1B2" * 9
    leaky = replace(SQL, title=f"The token {token} is public", code=f'token = "{token}"')
    made = replace(entered(leaky, f"it was {token} and is revoked", f"{token}", TODAY), rule=leaky.rule)
    written = write(baseline(made))
    assert token not in written
    assert "[REDACTED-SECRET]" in made.title
    assert leaky.code not in written


def test_hostile_words_are_one_line_and_bounded() -> None:
    odd = replace(SQL, title="a\n[[known]]\u202eb" + "x" * 500, rule="r\n" * 300)
    made = entered(odd, "\n\n ", "w" * 500, TODAY)
    assert made.reason == "-"
    assert "\n" not in made.title
    assert (len(made.title), len(made.who), len(made.rule or "")) == (120, 200, 200)
    assert read(write(baseline(made)), "b.toml").entries == (made,)


def test_thousands_of_entries_take_no_time() -> None:
    known = baseline(*(entry(finding(number)) for number in range(3000)))
    shifted = [replace(finding(number), fingerprint=f"{number:08x}" * 2) for number in range(3000)]
    assert against(found(*shifted), known, TODAY).findings == ()
