"""What makes a finding one that is known, and what of it still stands."""

from __future__ import annotations

import pytest
from conversations import finding
from hypothesis import given
from hypothesis import strategies as st

from reviewer.findings import Side
from reviewer.judgement.recognition import Trace, anchored, line_hashes, lines_of, matched, stands, trace


def as_shown(lines: object) -> object:
    return lines


def test_lines_of_a_whole_tree_and_of_a_part_of_it() -> None:
    texts = {"a.py": "x = 1\n", "binary": None}
    for whole, elsewhere in ((True, frozenset()), (False, None)):
        now = lines_of(texts.get, as_shown, texts, whole=whole)  # type: ignore[arg-type]
        assert now("a.py") == line_hashes(["x  = 1", ""])
        assert now("binary") is None
        assert now("b.py") == elsewhere


@pytest.mark.parametrize(
    ("lines", "now", "expected"),
    [
        (("a", "b", "c"), {"a"}, True),
        (("a", "b", "c"), {"b", "c"}, True),
        (("a", "b", "c"), {"c"}, False),
        (("a",), set(), False),
        ((), {"a"}, False),
    ],
)
def test_code_stands_by_its_first_line_or_most_of_it(lines: tuple[str, ...], now: set[str], expected: bool) -> None:
    assert stands(lines, now) is expected


@given(st.sets(st.integers(1, 9)), st.sets(st.integers(1, 9)))
def test_each_known_one_is_matched_once(found: set[int], known: set[int]) -> None:
    """All say the same of the same line: as many are known as there were."""
    findings = [finding(n, code="call(x)", title="The same defect") for n in sorted(found)]
    traces = [trace(finding(n, code="call(x)", title="The same defect")) for n in sorted(known)]
    matches = matched(findings, traces, lambda _: None)
    assert len(matches) == len(set(matches.values())) == min(len(found), len(known))
    assert all(matches[f"{n:016x}"] == f"{n:016x}" for n in found & known)


def test_what_is_most_alike_is_the_one() -> None:
    near = Trace("a" * 16, "shop/orders.py", "Defect number 1 in words", anchored("call(1, x)"), Side.NEW)
    far = Trace("b" * 16, "shop/orders.py", "Defect number 2 in other words", anchored("call(1, x)"), Side.NEW)
    old = Trace("c" * 16, "shop/orders.py", "Defect number 1 in words", anchored("call(1, x)"), Side.OLD)
    assert matched([finding(1)], [far, old, near], lambda _: None) == {finding(1).fingerprint: "a" * 16}
