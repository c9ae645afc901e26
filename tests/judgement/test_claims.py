from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.findings import DropReason, Severity
from reviewer.judgement import answer, claims
from reviewer.judgement.claims import MAX_BODY, MAX_ITEMS, MAX_TITLE

ITEM = {"path": "a.py", "quote": "x = 1", "title": "Title", "body": "Body"}
MORE = ("replacement", "rule")
DOCUMENT = json.dumps({"findings": [ITEM, {**ITEM, "path": "b.py", "line": 7, "severity": "low"}]})

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*ITEM, "line", "rule", "x"]), inner),
    max_leaves=10,
)
items = st.fixed_dictionaries(
    {}, optional=dict.fromkeys((*ITEM, "line", "severity", "category", "confidence", "replacement", "rule"), values)
)


@given(st.text() | st.text(alphabet='{}[]":,\\ \nfindingspathquotetitlebody\0\ud800'))
def test_no_text_is_too_odd(text: str) -> None:
    reading = claims.read(text)
    assert reading.intact is not bool(reading.problem)


@given(st.lists(st.one_of(items, values), max_size=5))
def test_every_item_is_a_claim_or_a_drop(found: list[Any]) -> None:
    reading = claims.read(json.dumps({"findings": found}))
    assert reading.intact
    assert len(reading.claims) + len(reading.dropped) == len(found)
    for claim in reading.claims:
        assert claim.path
        assert claim.title
        assert claim.body
        assert "\n" not in claim.title
        json.dumps([claim.path, claim.quote, claim.title, claim.body], ensure_ascii=False).encode()


@given(st.integers(0, len(DOCUMENT)), st.integers(0, 20), st.text(max_size=5))
def test_no_damage_is_too_odd(at: int, cut: int, inserted: str) -> None:
    reading = claims.read(DOCUMENT[:at] + inserted + DOCUMENT[at + cut :])
    assert reading.intact is not bool(reading.problem)


@pytest.mark.parametrize("length", range(1, len(DOCUMENT)))
def test_wherever_an_answer_is_cut_it_is_not_whole(length: int) -> None:
    reading = claims.read(DOCUMENT[:length])
    assert not reading.intact
    assert len(reading.claims) == (DOCUMENT[:length].count("}") if length < len(DOCUMENT) - 1 else 2)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        '[{"a":' * 100_000,
        '{"findings": [' * 50_000,
        '{" ' * 300_000,
        '"' * 500_000,
        '{"findings": ' + "9" * 500_000 + "}",
        '{"a":' * 900 + "[" + "1," * 400_000,
        DOCUMENT * 10 + " " * 5_000_000,
    ],
    ids=["brackets", "objects", "both", "answers", "keys", "quotes", "digits", "deep and long", "5 MB"],
)
def test_work_is_bounded(text: str) -> None:
    reading = claims.read(text)
    assert not reading.intact


def test_what_is_wrapped_deeply_is_not_read_again_at_every_depth() -> None:
    text = '{"a":' * 900 + "[" + "1," * 400_000 + "1]" + "}" * 900
    begin = time.process_time()
    assert not claims.read(text).intact
    assert time.process_time() - begin < 5, "it takes a tenth of that"


def test_the_place_of_what_is_broken_is_told_as_it_is_in_the_whole_answer() -> None:
    before = DOCUMENT * 200 + "\n" * 20_000
    (line,) = (before + '{"findings": [{"path"]').split("\n")[-1:]
    reading = claims.read(before + line + "\n" + '{"path": }')
    assert reading.problem.endswith(f"(line {before.count(chr(10)) + 1}, column {len(line)})")


def test_what_is_broken_in_many_places_is_not_counted_from_the_beginning_at_each() -> None:
    broken = "{'path': 'a', [{'quote': 'x'}, "
    seconds = []
    for times in (2_000, 8_000):
        begin = time.process_time()
        assert not claims.read(broken * times).intact
        seconds.append(time.process_time() - begin)
    assert seconds[1] < 8 * max(seconds[0], 0.02)


def test_an_answer_longer_than_the_limit_says_so() -> None:
    reading = claims.read(DOCUMENT + " " * answer.MAX_TEXT)
    assert reading.problem == f"the answer is longer than {answer.MAX_TEXT} characters"
    assert len(reading.claims) == 2


def test_of_too_many_findings_the_rest_is_dropped_by_number() -> None:
    reading = claims.read(json.dumps([ITEM] * (MAX_ITEMS + 7)))
    assert len(reading.claims) == MAX_ITEMS
    (drop,) = reading.dropped
    assert drop.reason is DropReason.OVER_CAP
    assert drop.detail.startswith("7 more findings")


def test_texts_are_cut_at_a_word() -> None:
    (claim,) = claims.read(json.dumps([{**ITEM, "title": "word " * 50, "body": "long" * 5_000}])).claims
    assert claim.title.endswith("word…")
    assert len(claim.title) <= MAX_TITLE
    assert len(claim.body) == MAX_BODY
    assert claim.body.endswith("g…") or claim.body.endswith("…")


def test_a_replacement_and_a_rule_are_kept_up_to_their_limits() -> None:
    whole, longer = "x" * claims.MAX_CODE, "x" * (claims.MAX_CODE + 1)
    for code, rule in ((whole, "r" * 100), (longer, "r" * 99 + "…")):
        item = {**ITEM, "replacement": code, "quote": code, "rule": "r" * (100 if code == whole else 101)}
        (claim,) = claims.read(json.dumps([item])).claims
        assert (claim.replacement, claim.rule) == (whole if code == whole else None, rule)
        assert claim.quote == whole


@pytest.mark.parametrize("value", ["", " ", "null", "None", "NONE", None, 3, [], {}])
def test_no_rule_and_no_replacement_in_all_their_forms(value: object) -> None:
    (claim,) = claims.read(json.dumps([{**ITEM, "rule": value}])).claims
    assert claim.rule is None
    if not isinstance(value, str) or not value.strip():
        (claim,) = claims.read(json.dumps([{**ITEM, "replacement": value}])).claims
        assert claim.replacement is None


def test_line_ends_and_halves_of_characters_are_put_right() -> None:
    (claim,) = claims.read(json.dumps([{**ITEM, "title": "a\r\n \ud800 b", "body": "a\r\nb\r\n"}])).claims
    assert (claim.title, claim.body) == ("a \ufffd b", "a\nb")


def test_a_drop_says_where_it_was_to_be() -> None:
    (drop,) = claims.read(json.dumps([{"path": "a.py", "title": "Title", "body": "Body", "line": "7-9"}])).dropped
    assert (drop.path, drop.title, drop.body, drop.line) == ("a.py", "Title", "Body", 7)
    assert (drop.reason, drop.detail) == (DropReason.INVALID, "the required field `quote` is missing")


def test_an_odd_value_is_told_in_60_characters() -> None:
    reading = claims.read(json.dumps([{**ITEM, "severity": "x" * 61}, {**ITEM, "severity": "y" * 60}]))
    assert [note.data["value"] for note in reading.notes] == ["x" * 59 + "…", "y" * 60]


@settings(max_examples=60, deadline=None)
@given(st.lists(items, max_size=5) | values)
def test_what_was_read_is_read_again(found: Any) -> None:
    """Said once more in the form that was asked for, every claim is the same."""
    reading = claims.read(json.dumps(found))
    assert reading.claims or reading.dropped or reading.problem or found == []
    again = [
        {name: getattr(claim, name) for name in (*ITEM, "line", "severity", "category", "confidence", *MORE)}
        for claim in reading.claims
    ]
    assert claims.read(json.dumps({"findings": again})) == claims.Reading(reading.claims)


def test_an_oversized_replacement_is_no_replacement() -> None:
    (claim,) = claims.read(json.dumps([{**ITEM, "replacement": "x" * 100_000}])).claims
    assert claim.replacement is None
    (claim,) = claims.read(json.dumps([{**ITEM, "replacement": "x", "quote": "x\n" * 100_000}])).claims
    assert claim.replacement is None


@pytest.mark.parametrize("depth", range(850, 1000))
def test_what_is_just_not_too_deep_to_read_is_not_printed(depth: int) -> None:
    nested = json.dumps({"findings": [{**ITEM, "severity": "HERE"}]}).replace('"HERE"', "[" * depth + "]" * depth)
    reading = claims.read(nested)
    assert [note.data["value"] for note in reading.notes] in ([], ["a list or an object"])


def test_one_note_for_each_odd_value() -> None:
    reading = claims.read(json.dumps([{**ITEM, "severity": "Blocker\u202e"}] * 3))
    (note,) = reading.notes
    assert note.data == {"field": "severity", "value": "Blocker<U+202E>"}
    assert {claim.severity for claim in reading.claims} == {Severity.MEDIUM}
