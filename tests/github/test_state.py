"""The marker in our comments: what it holds comes back, and nothing else is believed."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from conversations import STATE, finding
from hypothesis import given
from hypothesis import strategies as st

from reviewer.findings import Category, Origin, Severity, Side
from reviewer.github import state
from reviewer.github.state import Known, State, fitted, known, line_hashes, marker, parse
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
)
states = st.builds(
    State,
    head=st.text(),
    base=st.text(),
    settings=st.text(),
    complete=st.booleans(),
    round=st.integers(),
    findings=st.lists(knowns, max_size=5, unique_by=lambda each: each.id).map(tuple),
    lost=st.lists(st.text(), max_size=3).map(tuple),
)
GOOD = {"head": "h", "base": "b", "settings": "s", "complete": True, "round": 1, "findings": [], "lost": []}
ONE = {
    "id": "0" * 16, "severity": "high", "status": "open", "path": "a.py", "title": "t", "lines": ["01234567"],
    "side": "new", "category": "bug", "origin": "model",
}  # fmt: skip
WRONG: list[dict[str, Any]] = [
    {"round": True}, {"round": "1"}, {"complete": 1}, {"head": None}, {"lost": "x"}, {"lost": [1]},
    {"findings": {}}, {"findings": [ONE, ONE]}, {"findings": [[]]},
]  # fmt: skip
WRONG_ONES: list[dict[str, Any]] = [
    {"id": "x"}, {"id": "0" * 17}, {"severity": "huge"}, {"status": "gone"}, {"status": []}, {"path": 1},
    {"lines": ["x"]}, {"side": "left"}, {"category": None}, {"origin": "me"}, {"title": None},
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
        "x" * state.MAX_BODY + marker(STATE),
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


def test_a_long_state_is_shortened_the_least_first() -> None:
    few = replace(STATE, findings=(known(finding(1)),), lost=("a.py",))
    assert fitted(few) == few
    fixed = tuple(known(finding(number), "fixed") for number in range(100))
    open_ones = tuple(known(finding(number + 100)) for number in range(20))
    assert fitted(replace(few, findings=(*fixed, *open_ones))).findings == open_ones
    lost = replace(few, lost=tuple(f"some/path/{number}.py" for number in range(5000)))
    assert fitted(lost) == replace(few, lost=())


def test_a_state_of_any_size_fits() -> None:
    many = tuple(
        known(finding(number, title="ä" * 200, severity=Severity.LOW if number else Severity.CRITICAL))
        for number in range(1000)
    )
    short = fitted(replace(STATE, findings=many))
    assert len(short.findings) == 50
    assert short.findings[0].severity is Severity.CRITICAL
    assert len(marker(short)) <= state.MAX_MARKER
    far = tuple(replace(each, path="p" * 4000) for each in many)
    assert len(marker(fitted(replace(STATE, findings=far)))) <= state.MAX_MARKER
