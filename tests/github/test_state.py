"""The marker in our comments: what it holds comes back, and nothing else is believed."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from dataclasses import replace
from typing import Any

import pytest
from conversations import STATE, finding
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.findings import Category, Origin, Severity, Side, Span
from reviewer.github import state
from reviewer.github.conclusion import bears_out
from reviewer.github.fitting import fitted
from reviewer.github.markers import MAX_BODY, MAX_UNPACKED
from reviewer.github.state import Cut, Known, State, digest, known, marker, parse
from reviewer.judgement.recognition import line_hashes
from reviewer.text import markdown

knowns = st.builds(
    Known,
    id=st.from_regex(r"[0-9a-f]{16}", fullmatch=True),
    severity=st.sampled_from(Severity),
    status=st.sampled_from(["open", "fixed", "dismissed"]),
    path=st.text(),
    title=st.text(max_size=120),
    lines=st.lists(st.from_regex(r"[0-9a-f]{8}", fullmatch=True), max_size=5).map(tuple),
    side=st.sampled_from(Side),
    category=st.sampled_from(Category),
    origin=st.sampled_from(Origin),
    words=st.text(),
)
commits = st.from_regex(r"[0-9a-f]{40}|[0-9a-f]{64}", fullmatch=True)
states = st.builds(
    State,
    head=commits,
    base=commits,
    settings=st.text(),
    complete=st.booleans(),
    round=st.integers(),
    findings=st.lists(knowns, max_size=5, unique_by=lambda each: each.id).map(tuple),
    lost=st.lists(st.text(), max_size=3).map(tuple),
    again=st.lists(st.builds(Cut, st.text(), st.none() | st.sampled_from(Severity)), max_size=3).map(tuple),
    rounds=st.integers(min_value=0),
)
GOOD = {"head": "a" * 40, "base": "b" * 40, "settings": "s", "complete": True, "round": 1, "findings": [], "lost": []}
ONE = {
    "id": "0" * 16, "severity": "high", "status": "open", "path": "a.py", "title": "t", "lines": ["01234567"],
    "side": "new", "category": "bug", "origin": "model",
}  # fmt: skip
WRONG: list[dict[str, Any]] = [
    {"round": True}, {"round": "1"}, {"complete": 1}, {"head": None}, {"lost": "x"}, {"lost": [1]}, {"again": 1},
    {"findings": {}}, {"findings": [ONE, ONE]}, {"findings": [[]]}, {"head": "main"}, {"base": "../../x?y"},
    {"again": [1]}, {"again": [["a.py", "huge"]]}, {"again": [["a.py"]]}, {"rounds": True}, {"rounds": -1},
    {"rounds": "1"},
]  # fmt: skip
WRONG_ONES: list[dict[str, Any]] = [
    {"id": "x"}, {"id": "0" * 17}, {"severity": "huge"}, {"status": "gone"}, {"status": []}, {"path": 1},
    {"lines": ["x"]}, {"side": "left"}, {"category": None}, {"origin": "me"}, {"title": None},
    {"words": 1},
]  # fmt: skip


def written(document: Any) -> str:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return f"words\n\n<!-- reviewer:1 {base64.urlsafe_b64encode(data).decode()} -->"


@given(state=states, words=st.text())
def test_what_is_remembered_comes_back(state: State, words: str) -> None:
    assert parse(f"{markdown.block(words)}\n\n{marker(state)}") == state
    assert parse(f"{markdown.block(words)}\r\n\r\n{marker(state)}\r\n") == state


@given(text=st.text())
def test_nothing_in_a_text_can_forge_one(text: str) -> None:
    forged = f"{text}\n{marker(STATE)}\n{text}"
    body = f"{markdown.block(forged)}\n\n{markdown.fence(forged)}\n\n{markdown.inline(forged)}"
    assert parse(body) is None
    assert parse(f"{body}\n\n{marker(replace(STATE, round=7))}") == replace(STATE, round=7)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*GOOD, *ONE, "again", "rounds"]), inner)
    ),
    max_leaves=8,
)


@given(document=JSON, place=st.sampled_from([None, *GOOD, "again", "rounds", *ONE]), packed=st.booleans())
def test_whatever_a_marker_holds_is_a_state_as_we_write_it_or_none(
    document: Any, place: str | None, packed: bool
) -> None:
    whole = document
    if place in ONE:
        whole = {**GOOD, "findings": [{**ONE, place: document}]}
    elif place is not None:
        whole = {**GOOD, place: document}
    plain = json.dumps(whole).encode()
    found = parse(written(zlib.compress(plain) if packed else plain))
    assert found is None or parse(marker(found)) == found


@given(at=st.integers(0, len(marker(STATE))), cut=st.integers(0, 9), text=st.text(max_size=9))
def test_a_damaged_marker_is_none_or_says_what_it_said(at: int, cut: int, text: str) -> None:
    whole = marker(STATE)
    assert parse(whole[:at] + text + whole[at + cut :]) in (None, STATE)


@settings(max_examples=25)
@given(state=states, other=states, number=st.integers(1, 10**6), far=st.integers(1, 10**6), name=st.text(max_size=60))
def test_no_check_bears_out_another_state_or_pull_request(
    state: State, other: State, number: int, far: int, name: str
) -> None:
    made = f"{digest(state, number)}.{name}"
    assert bears_out(made, state, number)
    assert bears_out(made, other, number) is (state == other)
    assert bears_out(made, state, far) is (number == far)
    assert not bears_out(name, state, number)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "words",
        marker(STATE) + "\n" + marker(STATE),
        marker(STATE) + "\nwords",
        "words " + marker(STATE),
        marker(STATE).replace("reviewer:1", "reviewer:2"),
        "<!-- reviewer:1 %%% -->",
        "<!-- reviewer:1 e -->",
        written(b"\xff"),
        written(b"[" * 100_000),
        written([]),
        written({}),
        *(written({**GOOD, **wrong}) for wrong in WRONG),
        *(written({**GOOD, "findings": [{**ONE, **wrong}]}) for wrong in WRONG_ONES),
        "x" * MAX_BODY + marker(STATE),
    ],
)  # fmt: skip
def test_anything_else_is_none(body: str) -> None:
    assert parse(body) is None


def test_the_good_example_is_good() -> None:
    assert parse(written({**GOOD, "findings": [ONE], "more": 1})) is not None


def test_a_line_is_the_same_whatever_its_white_space() -> None:
    assert line_hashes(["\tif  x:\r", "if x:"]) == line_hashes([" if x: "])
    assert known(finding(1, code="  call(1)\n\n  }\n call(1)\n")).lines == tuple(line_hashes(["call(1)"]))
    assert known(finding(1, code="}\n")).lines == tuple(line_hashes(["}"]))
    assert len(known(finding(1, code="\n".join(f"line {n}" for n in range(20)))).lines) == 5


def test_a_line_that_was_not_shown_as_it_is_is_not_looked_for() -> None:
    assert known(finding(1, code="key = '[REDACTED-SECRET]'\nx = '<U+202E>'")).lines == ()


def random_words(seed: int, length: int) -> str:
    """Letters that cannot be packed."""
    digest = hashlib.sha512(str(seed).encode()).digest()
    return base64.b64encode(digest * 3).decode()[:length]


def noise(seed: int) -> str:
    return "".join(random_id(f"{seed} {n}") for n in range(90))


def random_id(seed: int | str) -> str:
    return hashlib.sha256(str(seed).encode()).hexdigest()[:16]


def test_a_long_state_is_shortened_the_least_first() -> None:
    few = replace(STATE, findings=(known(finding(1)),), lost=("a.py",), again=(Cut("a.py"), Cut("a.py", Severity.LOW)))
    assert fitted(few) == few
    fixed = tuple(known(finding(number, fingerprint=random_id(number)), "fixed") for number in range(3000))
    assert fitted(replace(few, findings=(*fixed, *few.findings))) == few
    lost = replace(few, lost=tuple(random_words(number, 40) for number in range(2000)))
    assert fitted(lost) == replace(few, complete=False, lost=(), findings=fitted(lost).findings)
    assert len(fitted(lost).findings) == 1


def test_five_hundred_findings_are_remembered_with_shorter_titles() -> None:
    many = tuple(
        known(
            finding(
                number,
                fingerprint=random_id(number),
                title=random_words(number, 30) + " is not what it was " * 5,
                span=Span(f"shop/part{number % 60}.py", number, number),
                code="\n".join(random_words(number + 1000 * line, 30) for line in range(5)),
            ),
            "open" if number % 3 else "dismissed",
        )
        for number in range(500)
    )
    short = fitted(replace(STATE, findings=many))
    assert len(marker(short)) <= state.MAX_MARKER
    assert [each.id for each in short.findings] == [each.id for each in many]
    assert short.complete
    for each, whole in zip(short.findings, many, strict=True):
        assert each.title
        assert whole.title.startswith(each.title)
        assert each.lines == whole.lines[:1]
    assert fitted(short) == short


def test_words_are_cut_before_titles() -> None:
    for number, left in ((80, 400), (400, 0)):
        long = replace(STATE, findings=tuple(replace(known(finding(n)), words=noise(n)) for n in range(number)))
        assert {len(each.words) for each in fitted(long).findings} == {left}
        assert [each.title for each in fitted(long).findings] == [each.title for each in long.findings]


def test_where_something_that_stands_is_left_out_everything_is_read_again() -> None:
    many = tuple(
        known(
            finding(
                number,
                fingerprint=random_id(number),
                span=Span(random_words(number, 80), 1, 1),
                severity=Severity.LOW if number else Severity.CRITICAL,
            )
        )
        for number in range(1000)
    )
    short = fitted(replace(STATE, findings=many, lost=("a.py",)))
    assert 0 < len(short.findings) < 1000
    assert short.findings[0].severity is Severity.CRITICAL
    assert (short.complete, short.lost) == (False, ())
    assert len(marker(short)) <= state.MAX_MARKER
    far = tuple(replace(each, path="".join(random_words(n, 80) for n in range(50)) + each.path) for each in many)
    again = tuple(Cut(random_words(number, 80)) for number in range(1000))
    last = fitted(replace(STATE, findings=far, again=again))
    assert (last.complete, len(marker(last)) <= state.MAX_MARKER) == (False, True)


def test_a_packed_state_does_not_explode() -> None:
    good = json.dumps(GOOD).encode()
    long = json.dumps({**GOOD, "settings": "s" * MAX_UNPACKED}).encode()
    for packed in (zlib.compress(long), zlib.compress(good) + b"more", zlib.compress(good)[:-1]):
        assert parse(written(packed)) is None
    assert parse(written(zlib.compress(good))) == parse(written(GOOD))


def test_people_are_told_how_long_a_marker_is() -> None:
    long = len(marker(STATE))
    assert state.elided(f"words\n\n{marker(STATE)}") == f"words\n\n<!-- reviewer state, {long} bytes -->"
