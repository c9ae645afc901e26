"""A JSON report read back: the same report, or the name of the field that is wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import CLEAN, EMPTY, FULL

from reviewer.errors import Misuse
from reviewer.findings import (
    Category,
    Confidence,
    Coverage,
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
from reviewer.messages import Usage
from reviewer.outputs import reading
from reviewer.outputs.json import render
from reviewer.outputs.look import Look
from reviewer.outputs.reading import read

if TYPE_CHECKING:
    from collections.abc import Callable

text = st.text(max_size=20) | st.sampled_from(["\ud800", "\u202e", "\x00"])
path = text.filter(bool)
number = st.integers(0, 10**9)
pair = st.tuples(st.integers(1, 10**6), st.integers(0, 50)).map(lambda at: (at[0], at[0] + at[1]))
maybe_pair = st.none() | pair
span = st.builds(
    lambda path, lines, side: Span(path, lines and lines[0], lines and lines[1], side),
    path,
    maybe_pair,
    st.sampled_from(Side),
)
finding = st.builds(
    Finding,
    fingerprint=st.from_regex(r"[0-9a-f]{16}", fullmatch=True),
    span=span,
    code=text,
    severity=st.sampled_from(Severity),
    category=st.sampled_from(Category),
    confidence=st.sampled_from(Confidence),
    title=text,
    body=text,
    origin=st.sampled_from(Origin),
    rule=st.none() | text,
    suggestion=st.none() | text,
    state=st.sampled_from(State),
    places=st.lists(span, max_size=2).map(tuple),
)
dropped = st.builds(
    Dropped,
    path=text,
    title=text,
    body=text,
    reason=st.sampled_from(DropReason),
    detail=text,
    line=st.none() | st.integers(1, 10**6),
    severity=st.none() | st.sampled_from(Severity),
    fingerprint=st.none() | text,
)
unreviewed = st.builds(
    Unreviewed,
    path=text,
    reason=st.sampled_from(Reason),
    detail=text,
    new=maybe_pair,
    old=maybe_pair,
    lines=number,
)
plain = st.recursive(
    st.none() | st.booleans() | number | text, lambda inner: st.lists(inner) | st.dictionaries(text, inner)
)
note = st.builds(
    Note,
    st.sampled_from([code for code in NoteCode if code is not NoteCode.INTERRUPTED]),
    text,
    st.dictionaries(text, plain),
) | st.builds(lambda code: Note(NoteCode.INTERRUPTED, "", {"exit_code": code}), st.sampled_from([130, 143]))
money = st.none() | st.floats(0, 1e6)
report = st.builds(
    Report,
    status=st.sampled_from(Status),
    findings=st.lists(finding, max_size=3, unique_by=lambda each: each.fingerprint).map(tuple),
    dropped=st.lists(dropped, max_size=2).map(tuple),
    unreviewed=st.lists(unreviewed, max_size=3).map(tuple),
    coverage=st.builds(Coverage, number, number, number, number),
    usage=st.builds(Usage, number, number, number, number, number, money, money),
    notes=st.lists(note, max_size=2).map(tuple),
    head=st.none() | text,
    base=st.none() | text,
    policy_source=text,
    provider=st.none() | text,
    model=st.none() | text,
)


@given(report=report)
def test_what_was_written_is_read_back(report: Report) -> None:
    assert read(render(report, Look()).encode()) == report


@pytest.mark.parametrize("report", [FULL, CLEAN, EMPTY])
def test_the_examples_too(report: Report) -> None:
    assert read(render(report, Look()).encode()) == report


def full() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(render(FULL, Look()))
    return document


def refused(document: object) -> str:
    with pytest.raises(Misuse) as caught:
        read(json.dumps(document).encode(), "report.json")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_keys_that_nobody_knows_are_ignored() -> None:
    document = {**full(), "more": 1}
    document["findings"][0]["more"] = {"x": []}
    document["usage"]["more"] = None
    assert read(json.dumps(document).encode()) == FULL


def test_what_older_writers_left_out_may_be_missing() -> None:
    document = full()
    for key in ("side", "old_start_line", "old_end_line", "changed_lines"):
        del document["unreviewed"][0][key]
    assert read(json.dumps(document).encode()).unreviewed[0].lines == 0
    entry = document["unreviewed"][2]
    del entry["old_start_line"], entry["old_end_line"]
    assert read(json.dumps(document).encode()).unreviewed[2] == FULL.unreviewed[2]


WRONG: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (lambda d: d["findings"][2].update(severity="huge"), "findings[2].severity is none of critical, high, medium, low"),
    (lambda d: d["findings"][0].update(severity=1), "findings[0].severity is no text"),
    (lambda d: d["findings"][0].update(id="x"), "findings[0].id is not an id of 16 hex digits"),
    (lambda d: d["findings"][1].update(id=d["findings"][0]["id"]), "findings has one id twice"),
    (lambda d: d["findings"][0].update(start_line=0), "findings[0].start_line is not from 1 to"),
    (lambda d: d["findings"][0].update(start_line=True), "findings[0].start_line is no whole number"),
    (lambda d: d["findings"][0].update(start_line=1.5), "findings[0].start_line is no whole number"),
    (lambda d: d["findings"][0].update(start_line=None), "findings[0].end_line does not fit start_line"),
    (lambda d: d["findings"][0].update(start_line=14), "findings[0].end_line does not fit start_line"),
    (lambda d: d["findings"][0].update(path=""), "findings[0].path is empty"),
    (lambda d: d["findings"][0].update(path="x" * 5000), "findings[0].path is longer than 4,096 characters"),
    (lambda d: d["findings"][2]["places"][0].update(side="left"), "findings[2].places[0].side is none of new, old"),
    (lambda d: d["findings"][0].pop("title"), "findings[0].title is missing"),
    (lambda d: d["findings"].append(None), "findings[3] is no object"),
    (lambda d: d.update(findings={}), "findings is no list"),
    (lambda d: d.update(usage=[]), "usage is no object"),
    (lambda d: d["usage"].update(cost_usd=-1), "usage.cost_usd is below 0"),
    (lambda d: d["usage"].update(cost_usd="1"), "usage.cost_usd is no number"),
    (lambda d: d["usage"].update(calls=-1), "usage.calls is not from 0 to"),
    (lambda d: d["usage"].update(calls=10**15), "usage.calls is not from 0 to"),
    (lambda d: d["coverage"].pop("files"), "coverage.files is missing"),
    (lambda d: d["unreviewed"][1].update({"class": "policy"}), "unreviewed[1].class does not fit the reason timeout"),
    (lambda d: d["dropped"][0].update(reason="x"), "dropped[0].reason is none of"),
    (lambda d: d["notes"][0].update(data=[]), "notes[0].data is no object"),
    (lambda d: d["notes"][0].update(code="interrupted"), "notes[0].data.exit_code is missing"),
    (lambda d: d["notes"][0].update(code="interrupted", data={"exit_code": 0}), "exit_code is none of 130, 143"),
    (lambda d: d.update(status="green"), "status is none of clean, findings, incomplete, failed"),
    (lambda d: d.update(head=5), "head is no text"),
    (lambda d: d.update(schema="reviewer/2"), "schema is not reviewer/1"),
    (lambda d: d.pop("schema"), "schema is missing"),
]


@pytest.mark.parametrize(("spoil", "message"), WRONG)
def test_every_mistake_is_named_with_its_place(spoil: Callable[[dict[str, Any]], object], message: str) -> None:
    document = full()
    spoil(document)
    assert f"report.json: {message}" in refused(document) or message in refused(document)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is not JSON"),
        (b"{", "is not JSON"),
        (b"[]", "the whole is no object"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"[" * 200_000, "is nested too deeply"),
        (b'{"schema": NaN}', "NaN is no number"),
        (b'{"schema": ' + b"9" * 5000 + b"}", "is not JSON"),
    ],
)
def test_what_is_no_report_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(Misuse, match=message):
        read(data)


def test_infinity_is_no_amount() -> None:
    data = json.dumps(full()).replace('"cost_usd": 0.00421', '"cost_usd": 1e999').encode()
    with pytest.raises(Misuse, match=r"usage\.cost_usd is no number that means anything"):
        read(data)


def test_a_report_that_is_too_large_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_BYTES", 10)
    with pytest.raises(Misuse, match="larger than"):
        read(b"x" * 11)


def test_a_byte_order_mark_does_no_harm() -> None:
    assert read(b"\xef\xbb\xbf" + render(FULL, Look()).encode()) == FULL
