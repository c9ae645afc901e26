"""A finding taken apart into its places."""

from __future__ import annotations

from dataclasses import replace

from conversations import finding, found
from reports import SQL

from reviewer.audit.issue import edition, parse
from reviewer.audit.overview import grouped
from reviewer.audit.places import apart, detail
from reviewer.findings import Dropped, DropReason, State
from reviewer.github.issues import Found
from reviewer.judgement import triage


def alike(*numbers: int) -> list[str]:
    return [finding(number).fingerprint for number in numbers]


def test_what_was_grouped_is_taken_apart() -> None:
    same = [replace(finding(n), title="the same", rule="a.rule") for n in (1, 2, 3)]
    whole = grouped(found(*same, SQL))
    assert len(whole.findings) == 2
    groups = {frozenset(each.fingerprint for each in group) for group in apart(whole)}
    assert groups == {frozenset(alike(1, 2, 3)), frozenset([SQL.fingerprint])}
    (members,) = (group for group in apart(whole) if len(group) == 3)
    assert {each.span.path for each in members} == {each.span.path for each in same}
    assert [each.places for each in members] == [(), (), ()]


def test_a_place_that_had_places_is_taken_apart_too() -> None:
    first, second, third = finding(1), finding(2), finding(3)
    dropped = (
        triage.drop(third, DropReason.DUPLICATE, detail(second)),
        triage.drop(second, DropReason.DUPLICATE, detail(first)),
        triage.drop(first, DropReason.DUPLICATE, detail(third)),  # as only a forged report has it
    )
    (group,) = apart(replace(found(first), dropped=dropped))
    assert [each.fingerprint for each in group] == alike(1, 2, 3)


def test_what_was_dropped_for_another_reason_is_no_place() -> None:
    drops = (
        triage.drop(finding(2), DropReason.DUPLICATE, "said twice"),
        triage.drop(finding(3), DropReason.BASELINE, detail(SQL)),
        Dropped("a.py", "t", "", DropReason.DUPLICATE, detail(SQL)),
    )
    fixed = replace(finding(4), state=State.FIXED)
    assert list(apart(replace(found(SQL, fixed), dropped=drops))) == [(replace(SQL, places=()),)]


def test_the_issue_remembers_every_place_and_lists_some_of_the_new_ones() -> None:
    same = [replace(finding(n), title="the same", rule="a.rule") for n in range(1, 30)]
    first = edition(grouped(found(*same[:2])), None)
    assert first is not None
    memory = parse(first.body)
    assert memory is not None
    assert {each.id for each in memory.known} == set(alike(1, 2))
    later = edition(grouped(found(*same)), Found(7, "https://x/7", first.title, first.body, is_open=True))
    assert later is not None
    assert later.comment is not None
    assert later.comment.startswith("**1 new finding**")
    assert "Also here: " in later.comment
    assert " and 6 more" in later.comment
    said = parse(later.comment)
    assert said is not None
    assert {each.id for each in said.known} == set(alike(*range(3, 30)))
