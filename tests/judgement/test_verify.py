from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import SQL, WHOLE_FILE

from reviewer.findings import Category, DropReason, Finding, Origin, Severity
from reviewer.judgement import verify

BUG = replace(SQL, category=Category.BUG, severity=Severity.HIGH)


def reply(*verdicts: object) -> str:
    return json.dumps({"verdicts": list(verdicts)})


def one(name: object, verdict: object, reason: object = "line 12 binds it") -> dict[str, object]:
    return {"id": name, "verdict": verdict, "reason": reason}


@pytest.mark.parametrize(
    ("text", "refuted"),
    [
        (reply(one("f1", "refute")), {"f1": "line 12 binds it"}),
        (reply(one("f1", "keep"), one("f2", "refute", " two\nlines ")), {"f2": "two lines"}),
        (reply(one("f1", " REFUTE ")), {"f1": "line 12 binds it"}),
        (reply(one("f1", "refute", "")), {}),
        (reply(one("f1", "refute", "   ")), {}),
        (reply(one("f1", "refute", None)), {}),
        (reply(one("f1", "refute", ["a"])), {}),
        (reply(one("f1", "drop")), {}),
        (reply(one("f1", True)), {}),
        (reply(one("f9", "refute")), {}),
        (reply(one(1, "refute")), {}),
        (reply(one("f1", "refute"), one("f1", "keep")), {}),
        (reply(one("f1", "keep"), one("f1", "refute")), {}),
        (reply("f1", None, 3, []), {}),
        ("Sure:\n```json\n" + reply(one("f1", "refute")) + "\n```\nDone.", {"f1": "line 12 binds it"}),
        (json.dumps([one("f1", "refute")]), {"f1": "line 12 binds it"}),
        (json.dumps(one("f1", "refute", "y")) + "\n" + json.dumps(one("f2", "refute", "z")), {"f1": "y", "f2": "z"}),
        ('{"answer": ' + reply(one("f2", "refute")) + "}", {"f2": "line 12 binds it"}),
        (reply(one("f1", "refute", "a \u202e b")), {"f1": "a <U+202E> b"}),
    ],
)  # fmt: skip
def test_what_a_reply_takes_back(text: str, refuted: dict[str, str]) -> None:
    said = verify.read(text, {"f1", "f2"})
    assert said.refuted == refuted
    assert said.readable
    assert verify.readable(text)


@pytest.mark.parametrize(
    "text",
    ["", "refute all", "{", "[" * 100_000, '{"verdicts": "refute"}', '{"findings": []}', '{"a": ' * 5_000, "NaN"],
)
def test_what_is_no_answer_takes_nothing_back(text: str) -> None:
    said = verify.read(text, {"f1"})
    assert not said.refuted
    assert not said.readable
    assert not verify.readable(text)


def test_it_says_which_ids_the_reply_speaks_of() -> None:
    text = reply(one("other", "refute"), one("f1", "refute"), one("f2", "keep"), one("f3", "refute", ""))
    said = verify.read(text, {"f1", "f2", "f3", "f4"})
    assert (said.refuted, said.answered) == ({"f1": "line 12 binds it"}, {"f1", "f2", "f3"})


@pytest.mark.parametrize(
    "text",
    [
        '{"verdicts": [{"id": "f1", "verdict": "refute", "reason": "a\tb\nc",}]}',
        '{"verdicts": [{"id": "f1", "verdict": "refute", "reason": "a b c", "line": ' + "9" * 5_000 + "}]}",
        '{"a": } {"verdicts": [{"id": "f1", "verdict": "refute", "reason": "a b c", "sure": NaN}]}',
        '{"{"verdicts": [{"id": "f1", "verdict": "refute", "reason": "a b c"}]}',
    ],
    ids=["mended", "long number", "after what is none", "in the middle"],
)
def test_what_is_nearly_json_is_read(text: str) -> None:
    assert verify.read(text, {"f1"}).refuted == {"f1": "a b c"}


def test_a_reason_has_a_length() -> None:
    said = verify.read(reply(one("f1", "refute", "x" * 10_000)), {"f1"})
    assert len(said.refuted["f1"]) == verify.MAX_REASON


VERDICT = st.fixed_dictionaries(
    {"id": st.sampled_from(["f1", "f2", "f3", "x", 1]), "verdict": st.sampled_from(["keep", "refute", "add"])},
    optional={"reason": st.one_of(st.text(max_size=20), st.none()), "title": st.text(max_size=5)},
)


@given(st.one_of(st.text(), st.builds(lambda items: json.dumps({"verdicts": items}), st.lists(VERDICT))))
def test_it_can_only_take_back(text: str) -> None:
    given_findings = [replace(BUG, fingerprint=f"{n:016x}", title=f"t{n}") for n in range(3)]
    (group,) = verify.groups(given_findings)
    kept, dropped = verify.apply(group, verify.read(text, group))
    assert all(any(finding is each for each in given_findings) for finding in kept)
    assert len(kept) + len(dropped) == 3
    assert all(drop.reason is DropReason.REFUTED and drop.detail for drop in dropped)
    named = {finding.fingerprint for finding in kept} | {drop.fingerprint for drop in dropped}
    assert named == {each.fingerprint for each in given_findings}


def test_who_is_judged() -> None:
    grave = replace(SQL, severity=Severity.HIGH)
    milder = replace(SQL, severity=Severity.MEDIUM)
    mild = replace(BUG, severity=Severity.LOW)
    checked = replace(WHOLE_FILE, severity=Severity.HIGH)
    tool = replace(BUG, origin=Origin.TOOL)
    assert verify.judged([BUG, grave, milder, mild, checked, tool], Severity.MEDIUM) == [BUG, milder]


@given(st.integers(0, 40))
def test_groups_are_small_and_hold_everything(count: int) -> None:
    findings: list[Finding] = [replace(BUG, fingerprint=f"{n:016x}") for n in range(count)]
    groups = list(verify.groups(findings))
    assert [finding for group in groups for finding in group.values()] == findings
    assert all(0 < len(group) <= verify.MOST for group in groups)
    assert all(list(group) == [f"f{n}" for n in range(1, len(group) + 1)] for group in groups)
