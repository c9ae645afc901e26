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
        (("a", "b", "c", "d", "e"), {"b", "c"}, False),
        (("a", "b", "c", "d"), {"b", "c"}, False),
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


def test_only_telling_lines_that_were_shown_as_they_are_anchor() -> None:
    assert anchored("call(1)\n\n  }\nreturn x") == (*line_hash("call(1)"), *line_hash("return x"))
    assert anchored("}\n)") == (*line_hash("}"), *line_hash(")"))
    assert anchored("key = '[REDACTED-SECRET]'\nother = 1") == line_hash("other = 1")
    assert anchored("a = '<U+202E>'") == ()
    assert anchored("\n".join(f"line {n}" for n in range(9))) == tuple(
        h for n in range(5) for h in line_hash(f"line {n}")
    )
    assert anchored("same(1)\nsame( 1)\nsame(1)") == (*line_hash("same(1)"), *line_hash("same( 1)"))


def line_hash(line: str) -> tuple[str, ...]:
    return tuple(line_hashes([line]))


def test_a_hash_is_that_of_any_line_and_stays_what_it_was() -> None:
    """It is kept in comments: another one would make every finding a new one."""
    assert line_hash("  call( 1 )") == ("3f3b8c46",)
    (odd,) = line_hash("half a pair: \ud800")
    assert len(odd) == 8


def test_a_file_that_is_gone_was_renamed_perhaps_and_one_that_is_there_was_not() -> None:
    known = Trace("a" * 16, "old/name.py", "Defect number 1 in words", anchored("call(1, x)"), Side.NEW)
    for now, expected in ((frozenset(), {f"{1:016x}": "a" * 16}), (frozenset({"1"}), {}), (None, {})):
        assert matched([finding(1)], [known], lambda _, now=now: now) == expected  # type: ignore[misc]


def test_titles_are_compared_by_their_words() -> None:
    known = Trace("a" * 16, "shop/orders.py", "DEFECT -- number: 1, (in) words!", anchored("call(1, x)"), Side.NEW)
    assert matched([finding(1)], [known], lambda _: None) == {f"{1:016x}": "a" * 16}
    other = Trace("a" * 16, "shop/orders.py", "Nothing is said of that here", anchored("call(1, x)"), Side.NEW)
    assert matched([finding(1)], [other], lambda _: None) == {}
