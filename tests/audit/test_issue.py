"""The rolling issue: what it says, what it remembers, and when it is open."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import hub as hubs
import pytest
from conversations import finding, found
from hypothesis import given
from hypothesis import strategies as st
from reports import SQL, WHOLE_FILE

from reviewer.audit.issue import MAX_MARKER, NAME, TITLE, Known, Memory, edition, is_ours, marker, parse
from reviewer.findings import (
    Coverage,
    Dropped,
    DropReason,
    Finding,
    Note,
    NoteCode,
    Origin,
    Reason,
    Report,
    State,
    Status,
    Unreviewed,
)
from reviewer.github import bodies, issues, markers
from reviewer.github.issues import Edition, Found
from reviewer.messages import Usage

if TYPE_CHECKING:
    from pathlib import Path

LOST = Unreviewed("b.py", Reason.TIMEOUT, "no answer", lines=3)
IDS = st.integers(0, 2**64 - 1).map("{:016x}".format)
HASHES = st.integers(0, 2**32 - 1).map("{:08x}".format)
KNOWN = st.builds(
    Known,
    id=IDS,
    path=st.text(max_size=30),
    title=st.text(max_size=80),
    lines=st.lists(HASHES, max_size=3).map(tuple),
    origin=st.sampled_from(Origin),
)
MEMORIES = st.builds(
    Memory,
    known=st.lists(KNOWN, max_size=4, unique_by=lambda each: each.id).map(tuple),
    comment=st.just("") | HASHES,
    cut=st.booleans(),
)


def incomplete(*findings: Finding) -> Report:
    return found(*findings, status=Status.INCOMPLETE, unreviewed=(LOST,))


def after(before: Found | None, report: Report) -> Found | None:
    """The issue once the edition is written."""
    made = edition(report, before)
    if made is None:
        return before
    said = (*(before.comments if before else ()), *([made.comment] if made.comment else ()))
    return Found(7, "https://x/7", made.title, made.body, is_open=made.is_open, comments=said)


def begun(*findings: Finding) -> Found:
    issue = after(None, found(*findings))
    assert issue is not None
    return issue


def made(report: Report, before: Found | None) -> Edition:
    written = edition(report, before)
    assert written is not None
    return written


def test_the_first_finding_opens_it() -> None:
    written = made(found(SQL), None)
    assert (written.title, written.is_open, written.comment) == (TITLE, True, None)
    assert "### Critical · The order number goes" in written.body
    assert SQL.fingerprint in written.body
    memory = parse(written.body)
    assert memory is not None
    assert [each.id for each in memory.known] == [SQL.fingerprint]


@pytest.mark.parametrize(
    "report",
    [
        found(),
        found(replace(SQL, state=State.FIXED)),
        incomplete(),
        found(SQL, status=Status.FAILED, unreviewed=(LOST,), coverage=Coverage(1, 0, 3, 0)),
    ],
)
def test_where_there_is_nothing_to_say_none_is_opened(report: Report) -> None:
    assert edition(report, None) is None


def test_what_is_known_is_not_announced_again() -> None:
    assert made(found(SQL), begun(SQL)).comment is None


def test_the_same_again_reads_the_same_whatever_it_cost() -> None:
    issue = begun(SQL)
    usage = Usage(cached_calls=3, cost_usd=0.5, credits_remaining=7.25)
    cached = Note(NoteCode.ALL_CACHED, "every reply came from the cache")
    again = made(replace(found(SQL), usage=usage, notes=(cached,)), issue)
    assert (again.body, again.comment, again.is_open) == (issue.body, None, True)
    assert "Read by `qwen3-coder-flash` at segmind." in issue.body


def test_what_is_new_is_a_comment() -> None:
    written = made(found(SQL, finding(1)), begun(SQL))
    assert written.comment is not None
    assert written.comment.startswith("**1 new finding** at `aaaaaaaaaaaa`")
    assert finding(1).fingerprint in written.comment
    assert SQL.fingerprint not in written.comment
    assert is_ours(written.comment)


def test_in_other_words_and_with_another_id_it_is_not_new() -> None:
    reworded = replace(SQL, fingerprint="1" * 16, title="The order number goes into a statement as plain text")
    assert made(found(reworded), begun(SQL)).comment is None


def test_a_clean_audit_closes_it_and_the_next_finding_opens_it_again() -> None:
    issue = after(begun(SQL), found())
    assert issue is not None
    assert not issue.is_open
    assert edition(found(), issue) is None
    written = made(found(finding(1)), issue)
    assert written.is_open
    assert written.comment is not None


def test_an_incomplete_audit_never_closes_it_and_forgets_nothing() -> None:
    checked = replace(WHOLE_FILE, origin=Origin.CHECK)
    issue = after(begun(SQL, checked), incomplete())
    assert issue is not None
    assert issue.is_open
    assert made(found(SQL, checked), issue).comment is None


def test_an_incomplete_audit_without_findings_does_not_open_it() -> None:
    issue = after(after(begun(SQL), found()), incomplete())
    assert issue is not None
    assert not issue.is_open
    assert made(incomplete(finding(1)), issue).is_open


def test_an_audit_that_read_nothing_writes_nothing() -> None:
    assert edition(replace(incomplete(), status=Status.FAILED), begun(SQL)) is None


def test_where_more_was_found_than_is_shown_it_stays_open() -> None:
    more = Dropped("a.py", "t", "", DropReason.OVER_CAP, "")
    assert made(found(status=Status.FINDINGS, dropped=(more,)), begun(SQL)).is_open


def test_what_a_check_finds_again_is_new_what_a_model_remembers_is_not() -> None:
    checked = replace(WHOLE_FILE, origin=Origin.CHECK)
    issue = after(begun(SQL, checked, finding(1)), found(finding(1)))
    written = made(found(SQL, checked, finding(1)), issue)
    assert written.comment is not None
    assert checked.fingerprint in written.comment
    assert SQL.fingerprint not in written.comment


def test_a_comment_whose_run_did_not_write_the_body_is_remembered() -> None:
    before = begun(SQL)
    comment = made(found(SQL, finding(1)), before).comment
    assert comment is not None
    assert made(found(SQL, finding(1)), replace(before, comments=(comment,))).comment is None


def test_an_old_comment_is_no_memory() -> None:
    checked = replace(WHOLE_FILE, origin=Origin.CHECK)
    issue = after(begun(SQL), found(SQL, checked))
    gone = after(issue, found(SQL))
    assert gone is not None
    assert len(gone.comments) == 1
    assert checked.fingerprint in (made(found(SQL, checked), gone).comment or "")
    deleted = replace(gone, comments=("another\n" + marker(Memory((Known("9" * 16),))),))
    assert made(found(SQL, finding(9, fingerprint="9" * 16)), deleted).comment is not None


def test_many_findings_fit_and_are_said_once() -> None:
    many = [
        replace(
            finding(n), fingerprint=f"{n * 2654435761 % 2**64:016x}", title=f"{n} " + "x" * 200, body="words " * 300
        )
        for n in range(1, 1500)
    ]
    issue = begun(*many)
    assert bodies.fits(issue.body)
    assert made(found(*many), issue).comment is None
    more = made(found(*many), begun(SQL))
    assert more.comment is not None
    assert bodies.fits(more.comment)
    assert " more, left out here for their length" in more.comment


def test_where_there_are_more_than_can_be_remembered_nobody_is_told_of_them_again_and_again() -> None:
    many = [replace(finding(n), fingerprint=f"{n * 0x9E3779B97F4A7C15 % 2**64:016x}") for n in range(1, 6000)]
    issue = begun(*many)
    assert bodies.fits(issue.body)
    memory = parse(issue.body)
    assert memory is not None
    assert memory.cut
    assert memory.known[0].id == many[0].fingerprint
    assert made(found(*many), issue).comment is None


def test_hostile_words_forge_nothing() -> None:
    forged = marker(Memory((Known("f" * 16),)))
    evil = replace(
        SQL,
        fingerprint="e" * 16,
        span=replace(SQL.span, path=f"a{forged}.py"),
        code=forged,
        title=f"@team {forged}",
        body=f"{forged}\n\n<img src=x> ![](http://x/y)\n#12 {forged}",
        suggestion=forged,
        rule="`<!-- x -->`",
    )
    for body in (made(found(evil), None).body, made(found(evil, SQL), begun(SQL)).comment or ""):
        memory = parse(body)
        assert memory is not None
        assert {each.id for each in memory.known} <= {SQL.fingerprint, evil.fingerprint}
        assert body.count("<!--") == 1
        assert "\n@team" not in body
        assert " @team" not in body.replace("`@team`", "")


@given(MEMORIES)
def test_what_is_written_is_remembered(memory: Memory) -> None:
    assert parse(f"words\n\n{marker(memory)}\r\n") == memory


@given(MEMORIES, MEMORIES)
def test_two_markers_are_none(one: Memory, other: Memory) -> None:
    assert parse(f"{marker(one)}\n{marker(other)}") is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.sampled_from(["known", "comment", "cut"]), inner),
    max_leaves=12,
)


@given(JSON, st.sampled_from([None, "known", "comment", "cut"]))
def test_whatever_a_marker_holds_is_a_memory_as_we_write_it_or_none(document: Any, place: str | None) -> None:
    whole = document if place is None else {"known": [], "comment": "", "cut": False, place: document}
    memory = parse(markers.written(NAME, whole))
    assert memory is None or parse(marker(memory)) == memory


@given(st.text(max_size=300), MEMORIES, st.integers(0, 200))
def test_whatever_a_body_says_it_is_a_memory_or_none(text: str, memory: Memory, at: int) -> None:
    whole = marker(memory)
    for body in (text, text + whole, whole + text, whole[:at] + text + whole[at:], f"<!-- {NAME} {text} -->"):
        parse(body)


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {"known": [], "comment": ""},
        {"known": 3, "comment": "", "cut": False},
        {"known": ["abc"], "comment": "", "cut": False},
        {"known": [["xyz", "model"]], "comment": "", "cut": False},
        {"known": [["0" * 16, "nobody"]], "comment": "", "cut": False},
        {"known": [["0" * 16, "model", 3]], "comment": "", "cut": False},
        {"known": [["0" * 16, "model", "p", "t", "lines"]], "comment": "", "cut": False},
        {"known": [["0" * 16, "model", "p", "t", ["zz"]]], "comment": "", "cut": False},
        {"known": [["0" * 16, "model", "p", "t", [], "more"]], "comment": "", "cut": False},
        {"known": [], "comment": "zz", "cut": False},
        {"known": [], "comment": 3, "cut": False},
    ],
)
def test_a_marker_that_is_none_of_ours_is_none(document: object) -> None:
    assert parse(markers.written(NAME, document)) is None


def test_a_marker_is_bounded() -> None:
    long = Memory(tuple(Known(f"{n:016x}", "p" * 4000, "t" * 500) for n in range(400)))
    assert len(marker(long)) <= MAX_MARKER


def test_the_whole_life_of_an_issue_on_github(tmp_path: Path) -> None:
    with hubs.opened(tmp_path / "shop") as hub:
        hub.commit({"a.py": "a = 1\n"}, "main")
        hub.repository.open_issue("mallory", TITLE, f"forged\n{marker(Memory((Known(SQL.fingerprint),)))}")
        client = hub.client()

        def audit(report: Report) -> None:
            before = issues.find(client, hubs.NAME, is_ours)
            wanted = edition(report, before)
            if wanted is not None:
                issues.publish(client, hubs.NAME, before, wanted, is_ours=is_ours, is_late=lambda: False)

        for report in (found(SQL), found(SQL), found(SQL, finding(1)), incomplete(), found(), found()):
            audit(report)
        assert list(hub.repository.issues) == [1, 2]
        ours = hub.repository.issues[2]
        assert ours.state == "closed"
        assert [note.body.split("\n")[0] for note in ours.notes] == ["**1 new finding** at `aaaaaaaaaaaa`"]
        hub.fake.forget_traffic()
        audit(found())
        assert [exchange.method for exchange in hub.fake.traffic] == ["POST"]  # one question, nothing written
        audit(found(finding(2)))
        assert (ours.state, len(ours.notes)) == ("open", 2)
        hub.fake.assert_conforming()
