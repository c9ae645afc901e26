from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.findings import Category, Confidence, DropReason, Finding, Origin, Severity, Side, Span
from reviewer.judgement import triage
from reviewer.judgement.anchor import distinguish
from reviewer.judgement.triage import Decision, cap_for, decide, drop

if TYPE_CHECKING:
    from collections.abc import Sequence

NULL = Finding(
    fingerprint="0" * 16,
    span=Span("a.py", 10, 12),
    code="user.name",
    severity=Severity.MEDIUM,
    category=Category.BUG,
    confidence=Confidence.HIGH,
    title="`user` may be null",
    body="When the lookup fails `user` is null and `user.name` raises.",
    origin=Origin.MODEL,
)
AGAIN = replace(
    NULL,
    fingerprint="1" * 16,
    title="`user` can be null",
    body="When the lookup fails, `user` is null: `user.name` raises here.",
)
OTHER = replace(
    NULL, fingerprint="2" * 16, title="The handle leaks", body="Nothing closes the file when reading it fails half-way."
)
KEY = replace(
    NULL,
    fingerprint="3" * 16,
    span=Span("a.py", 11, 11),
    title="AWS access key",
    body="An AWS access key is in the source.",
    origin=Origin.CHECK,
    rule="secrets/aws",
    severity=Severity.HIGH,
)
KEY_SAID = replace(
    NULL,
    fingerprint="4" * 16,
    title="AWS key committed to source",
    body="The AWS access key is hard-coded: anyone who can read the repository can use it, now and from the history.",
    severity=Severity.CRITICAL,
)


def outcome(*findings: Finding) -> tuple[list[str], list[tuple[str, str]]]:
    decision = decide(findings, floor=Severity.LOW, cap=None)
    return [each.fingerprint[0] for each in decision.shown], [
        ((drop.fingerprint or "?")[0], drop.detail) for drop in decision.dropped
    ]


def test_one_place_and_similar_words_are_one_finding() -> None:
    assert outcome(NULL, AGAIN) == outcome(AGAIN, NULL) == (["1"], [("0", f"duplicate of {AGAIN.fingerprint}")])


def test_the_worse_severity_and_the_longer_body_win() -> None:
    long = replace(AGAIN, severity=Severity.LOW, suggestion="x")
    (finding,) = decide([replace(NULL, severity=Severity.HIGH), long], floor=Severity.LOW, cap=None).shown
    assert (finding.severity, finding.body, finding.fingerprint) == (Severity.HIGH, long.body, NULL.fingerprint)
    assert finding.suggestion == "x"


@pytest.mark.parametrize("one", Severity)
@pytest.mark.parametrize("other", Severity)
def test_of_any_two_severities_the_worse_one_stays(one: Severity, other: Severity) -> None:
    (finding,) = triage.merge([replace(NULL, severity=one), replace(AGAIN, severity=other)]).shown
    assert finding.severity is min(one, other, key=list(Severity).index)


@pytest.mark.parametrize("one", Confidence)
@pytest.mark.parametrize("other", Confidence)
def test_of_any_two_confidences_the_surer_one_stays(one: Confidence, other: Confidence) -> None:
    (finding,) = triage.merge([replace(NULL, confidence=one), replace(AGAIN, confidence=other)]).shown
    assert finding.confidence is min(one, other, key=list(Confidence).index)


def test_what_is_dropped_keeps_what_it_said() -> None:
    (dropped,) = decide([NULL], floor=Severity.HIGH, cap=None).dropped
    assert (dropped.path, dropped.title, dropped.body) == (NULL.span.path, NULL.title, NULL.body)
    assert (dropped.line, dropped.severity, dropped.fingerprint) == (10, Severity.MEDIUM, NULL.fingerprint)


def test_what_stands_apart_or_nowhere_needs_nearly_the_same_words() -> None:
    body = "A failed lookup leaves `user` null; the next line raises an error."
    alike = replace(NULL, fingerprint="5" * 16, body=body)
    assert len(triage.merge([NULL, alike]).shown) == 1
    for span in (Span("a.py", 14, 14), Span("a.py")):
        assert len(triage.merge([NULL, replace(alike, span=span)]).shown) == 2


def test_two_readers_of_the_model_are_one_speaker_whatever_the_rule() -> None:
    short, long = replace(NULL, rule="a/x"), replace(AGAIN, rule="b/y", body=AGAIN.body + " It is so on every call.")
    (finding,) = triage.merge([short, long]).shown
    assert finding.body == long.body


def test_two_readings_that_agree_are_as_sure_as_the_surer() -> None:
    unsure = replace(NULL, confidence=Confidence.LOW)
    for pair in ([unsure, AGAIN], [AGAIN, unsure], [replace(AGAIN, confidence=Confidence.MEDIUM), NULL]):
        (finding,) = decide(pair, floor=Severity.LOW, cap=None).shown
        assert finding.confidence is Confidence.HIGH


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(OTHER, id="other words"),
        pytest.param(replace(AGAIN, span=Span("b.py", 10, 12)), id="other file"),
        pytest.param(replace(AGAIN, span=Span("a.py", 10, 12, Side.OLD)), id="other side"),
        pytest.param(replace(AGAIN, span=Span("a.py", 20, 22)), id="far away"),
        pytest.param(
            replace(
                AGAIN, title="`order` may be null", body="When the lookup fails `order` is null and `order.id` raises."
            ),
            id="another name",
        ),
    ],
)
def test_what_is_not_the_same(other: Finding) -> None:
    assert len(decide([NULL, other], floor=Severity.LOW, cap=None).shown) == 2


@pytest.mark.parametrize(
    "span", [Span("a.py", 14, 14), Span("a.py", 8, 8), Span("a.py")], ids=["after", "before", "no lines"]
)
def test_nearby_the_words_must_be_nearly_the_same(span: Span) -> None:
    assert len(decide([NULL, replace(AGAIN, span=span)], floor=Severity.LOW, cap=None).shown) == 1
    reworded = replace(
        AGAIN, span=span, title="Unchecked lookup result", body="A failing lookup makes `user` null here."
    )
    assert len(decide([NULL, reworded], floor=Severity.LOW, cap=None).shown) == 2


def test_of_a_placed_and_an_unplaced_finding_the_placed_one_stays() -> None:
    assert outcome(replace(AGAIN, span=Span("a.py")), NULL)[0] == ["0"]


def test_what_was_checked_beats_what_was_said() -> None:
    decision = decide([KEY_SAID, KEY], floor=Severity.LOW, cap=None)
    (finding,) = decision.shown
    assert (finding.origin, finding.title, finding.body) == (Origin.CHECK, KEY.title, KEY.body)
    assert finding.severity is Severity.CRITICAL
    assert [drop.fingerprint for drop in decision.dropped] == [KEY_SAID.fingerprint]


def test_two_checks_are_two_findings_unless_they_are_one() -> None:
    beside = replace(KEY, fingerprint="5" * 16, span=Span("a.py", 12, 12))
    other = replace(KEY, fingerprint="6" * 16, rule="secrets/entropy")
    twice = replace(KEY, fingerprint="7" * 16)
    assert outcome(KEY, beside, other, twice)[1] == [("7", f"duplicate of {KEY.fingerprint}")]


def test_the_floor_comes_after_the_merge() -> None:
    low, high = replace(NULL, severity=Severity.LOW), replace(AGAIN, severity=Severity.HIGH)
    decision = decide([low, high, replace(OTHER, severity=Severity.MEDIUM)], floor=Severity.HIGH, cap=None)
    assert [finding.severity for finding in decision.shown] == [Severity.HIGH]
    assert [(drop.reason, drop.detail) for drop in decision.dropped][1:] == [
        (DropReason.BELOW_SEVERITY, "medium is below the floor, high")
    ]


def test_the_worst_are_kept_and_sorted_by_severity_path_and_line() -> None:
    def at(path: str, line: int, severity: Severity) -> Finding:
        return replace(NULL, span=Span(path, line, line), severity=severity, title=f"`{path}{line}`", body="x")

    findings = [
        at("b.py", 1, Severity.LOW),
        at("b.py", 90, Severity.HIGH),
        at("b.py", 10, Severity.HIGH),
        at("a.py", 50, Severity.HIGH),
        at("a.py", 5, Severity.CRITICAL),
    ]
    decision = decide(findings, floor=Severity.LOW, cap=3)
    assert [(each.span.path, each.span.first) for each in decision.shown] == [("a.py", 5), ("a.py", 50), ("b.py", 10)]
    assert [(drop.reason, drop.line) for drop in decision.dropped] == [
        (DropReason.OVER_CAP, 90),
        (DropReason.OVER_CAP, 1),
    ]
    assert decide(findings, floor=Severity.LOW, cap=0).shown == ()


@pytest.mark.parametrize(("lines", "cap"), [(0, 10), (10, 10), (100, 12), (500, 20), (750, 25), (100_000, 25)])
def test_the_cap_grows_with_the_change(lines: int, cap: int) -> None:
    assert cap_for(lines) == cap


lines = st.integers(1, 9)
spans = st.builds(Span, st.sampled_from(["a.py", "b.py"]), lines, lines.map(lambda n: n + 9), st.sampled_from(Side))
findings = st.builds(
    replace,
    st.sampled_from([NULL, AGAIN, OTHER, KEY, KEY_SAID]),
    span=spans | st.just(Span("a.py")),
    severity=st.sampled_from(Severity),
)


@given(st.lists(findings, max_size=12), st.sampled_from(Severity), st.none() | st.integers(0, 5), st.randoms())
def test_every_finding_is_shown_or_dropped(
    found: list[Finding], floor: Severity, cap: int | None, random: object
) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    distinct = distinguish(found)
    decision = decide(distinct, floor=floor, cap=cap)
    ids = [each.fingerprint for each in decision.shown] + [drop.fingerprint for drop in decision.dropped]
    assert sorted(map(str, ids)) == sorted(each.fingerprint for each in distinct)
    assert all(each.severity.reaches(floor) for each in decision.shown)
    assert list(decision.shown) == sorted(decision.shown, key=lambda each: each.severity.rank)
    assert decide(distinguish(shuffled), floor=floor, cap=cap) == decision


RUFF = replace(
    NULL,
    fingerprint="a" * 16,
    span=Span("a.py", 11, 11),
    title="`subprocess` call with `shell=True` identified, security issue",
    body="Check for method calls that initiate a subprocess with a shell.",
    origin=Origin.TOOL,
    rule="ruff/S602",
)
BANDIT = replace(
    RUFF,
    fingerprint="b" * 16,
    title="subprocess call with shell=True identified, security issue",
    body="https://bandit.readthedocs.io/en/1.9.4/plugins/b602_subprocess_popen_with_shell_equals_true.html",
    rule="bandit/B602",
)


def test_what_a_tool_found_beats_what_the_model_said() -> None:
    spoken = replace(
        NULL, title="`subprocess` is called with `shell=True`", body="A shell reads the command: a security issue."
    )
    assert outcome(spoken, RUFF) == (["a"], [("0", f"duplicate of {RUFF.fingerprint}")])


def test_two_tools_that_say_the_same_of_a_line_are_one() -> None:
    assert outcome(RUFF, BANDIT)[0] == outcome(BANDIT, RUFF)[0]
    assert len(outcome(RUFF, BANDIT)[0]) == 1
    (kept,) = decide([RUFF, replace(BANDIT, severity=Severity.HIGH)], floor=Severity.LOW, cap=None).shown
    assert (kept.severity, kept.body) == (Severity.HIGH, BANDIT.body)
    (kept,) = decide([RUFF, replace(BANDIT, suggestion="x")], floor=Severity.LOW, cap=None).shown
    assert (kept.body, kept.suggestion) in ((RUFF.body, "x"), (BANDIT.body, "x"))


def test_a_check_and_a_tool_that_say_the_same_are_one() -> None:
    check = replace(BANDIT, origin=Origin.CHECK, rule="python.shell-true")
    assert len(outcome(RUFF, check)[0]) == 1


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(BANDIT, span=Span("a.py", 12, 12)), id="the next line"),
        pytest.param(replace(BANDIT, title="Something else", body="Entirely."), id="other words"),
        pytest.param(replace(RUFF, fingerprint="c" * 16, rule="ruff/S603"), id="another rule of the same tool"),
    ],
)
def test_what_two_tools_found_apart(other: Finding) -> None:
    assert len(outcome(RUFF, other)[0]) == 2


def test_two_tools_that_name_different_things_on_one_line_found_two() -> None:
    ruff = replace(RUFF, title="`os` imported but unused", body="", rule="ruff/F401")
    flake = replace(BANDIT, title="'sys' imported but unused", body="", rule="flake8/F401")
    assert len(outcome(ruff, flake)[0]) == 2
    assert len(outcome(ruff, replace(flake, title="'os' imported but unused"))[0]) == 1


def test_a_tool_that_repeats_itself_is_heard_once() -> None:
    assert outcome(RUFF, replace(RUFF, fingerprint="c" * 16))[0] in (["a"], ["c"])


@pytest.mark.parametrize(
    ("rounds", "floor", "calm_after", "expected"),
    [
        (0, Severity.LOW, 2, Severity.LOW),
        (1, Severity.LOW, 2, Severity.LOW),
        (2, Severity.LOW, 2, Severity.MEDIUM),
        (9, Severity.LOW, 2, Severity.MEDIUM),
        (9, Severity.LOW, 0, Severity.LOW),
        (2, Severity.HIGH, 1, Severity.CRITICAL),
        (9, Severity.CRITICAL, 2, Severity.CRITICAL),
    ],
)
def test_from_the_third_round_the_floor_is_a_step_higher(
    rounds: int, floor: Severity, calm_after: int, expected: Severity
) -> None:
    assert triage.floor_after(rounds, floor, calm_after) is expected


def test_what_is_known_is_dropped_after_merging_and_before_the_cap() -> None:
    asked: list[str] = []

    def screen(findings: Sequence[Finding]) -> Decision:
        asked.extend(each.fingerprint[0] for each in findings)
        dropped = tuple(drop(each, DropReason.BASELINE, "known") for each in findings if each.title != OTHER.title)
        return Decision(tuple(each for each in findings if each.title == OTHER.title), dropped)

    decision = decide([NULL, AGAIN, OTHER], floor=Severity.LOW, cap=1, screen=screen)
    assert len(asked) == 2
    assert decision.shown == (OTHER,)
    assert sorted(each.reason for each in decision.dropped) == ["baseline", "duplicate"]
