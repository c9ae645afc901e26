from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reviewer.findings import Claim, Origin, Severity, Side, Span
from reviewer.judgement.anchor import distinguish, locate
from reviewer.judgement.fingerprint import precedence

if TYPE_CHECKING:
    from collections.abc import Callable

    from reviewer.change.pieces import Piece
    from reviewer.findings import Finding

    Shown = Callable[..., tuple[Piece, ...]]


def diff(*lines: str, path: str = "a.py", start: int = 1) -> str:
    return "\n".join(
        [f"--- a/{path}", f"+++ b/{path}", f"@@ -{start},0 +{start},{len(lines)} @@", *(f"+{x}" for x in lines), ""]
    )


def at(line: int, side: Side = Side.NEW, **more: object) -> Claim:
    words = {"title": "Title", "body": "Body", **more}
    return Claim("a.py", "", span=Span("a.py", line, line, side), **words)  # type: ignore[arg-type]


def one(pieces: tuple[Piece, ...], claim: Claim) -> Finding:
    (finding,) = locate([claim], pieces).findings
    return finding


def test_it_has_16_hex_digits(shown: Shown) -> None:
    fingerprint = one(shown(diff("x = 1")), at(1)).fingerprint
    assert len(fingerprint) == 16
    int(fingerprint, 16)


def test_it_survives_moves_and_spaces(shown: Shown) -> None:
    before = one(shown(diff("x = 1")), at(1))
    after = one(shown(diff("y = 2", "    x  =  1", start=40)), at(41))
    assert before.fingerprint == after.fingerprint


def test_it_survives_a_rename(shown: Shown) -> None:
    renamed = diff("x = 1").replace("--- a/a.py", "--- a/a.py").replace("+++ b/a.py", "+++ b/b.py")
    header = "diff --git a/a.py b/b.py\nsimilarity index 90%\nrename from a.py\nrename to b.py\n"
    after = one(shown(header + renamed), replace(at(1), span=Span("b.py", 1, 1)))
    assert after.fingerprint == one(shown(diff("x = 1")), at(1)).fingerprint


def test_it_differs_by_text_rule_and_file(shown: Shown) -> None:
    pieces = shown(diff("x = 1", "y = 1"))
    other = shown(diff("x = 1", path="b.py"))
    findings = [
        one(pieces, at(1)),
        one(pieces, at(2)),
        one(pieces, at(1, rule="r")),
        one(other, replace(at(1), span=Span("b.py", 1, 1))),
    ]
    assert len({finding.fingerprint for finding in findings}) == 4


def test_equal_lines_count_up_on_their_own_side_only(shown: Shown) -> None:
    text = "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,3 @@\n-x = 1\n y = 2\n+x = 1\n+x = 1\n"
    first, second, old = (one(shown(text), claim).fingerprint for claim in (at(2), at(3), at(1, Side.OLD)))
    assert first != second
    assert first == old == one(shown(diff("x = 1")), at(1)).fingerprint


def test_equal_lines_count_up_over_all_pieces_of_the_file(shown: Shown) -> None:
    text = diff("x = 1", *(f"line_{n}()" for n in range(30)), "x = 1")
    pieces = shown(text, budget=60)
    assert len(pieces) > 1
    assert one(pieces[-1:], at(32)).fingerprint == one(shown(text), at(32)).fingerprint
    assert one(pieces[-1:], at(32)).fingerprint != one(pieces[:1], at(1)).fingerprint


def test_a_secret_leaves_no_trace(shown: Shown) -> None:
    def hide(lines: object) -> list[str]:
        return ["key = [SECRET]" if line.startswith("key") else line for line in lines]  # type: ignore[attr-defined]

    one_key = one(shown(diff("key = abc", "key = abc"), show=hide), at(2))
    other_key = one(shown(diff("key = abc", "key = xyz"), show=hide), at(2))
    assert one_key.fingerprint == other_key.fingerprint


def test_without_lines_the_title_counts(shown: Shown) -> None:
    pieces = shown(diff("x = 1"))
    first, same, other = (
        one(pieces, Claim("a.py", "", title, "Body")).fingerprint for title in ("No  tests", "no tests", "No docs")
    )
    assert first == same != other


def test_distinguish_numbers_the_equal_ones_whatever_their_order(shown: Shown) -> None:
    pieces = shown(diff("x = 1"))
    mild, bad = one(pieces, at(1)), one(pieces, at(1, severity=Severity.CRITICAL))
    assert mild.fingerprint == bad.fingerprint
    distinct = distinguish([mild, bad])
    assert distinct == distinguish([bad, mild]) == distinguish(distinct)
    assert [finding.severity for finding in distinct] == [Severity.CRITICAL, Severity.MEDIUM]
    assert distinct[0].fingerprint == bad.fingerprint != distinct[1].fingerprint


def test_many_with_one_fingerprint_are_told_apart_from_each_other_and_from_all_others(shown: Shown) -> None:
    pieces = shown(diff("x = 1", "y = 2"))
    same = [one(pieces, at(line, title=f"Title {n}")) for line in (1, 2) for n in range(3)]
    assert len({finding.fingerprint for finding in same}) == 2
    assert len({finding.fingerprint for finding in distinguish(same)}) == 6


def test_precedence_is_by_place_then_by_who_says_it_then_by_weight(shown: Shown) -> None:
    base = one(shown(diff("x = 1", "y = 2")), at(1))
    whole, tail = replace(base, span=Span("a.py")), replace(base, span=Span("a.py", 1, 2))
    checked = replace(base, origin=Origin.CHECK, severity=Severity.LOW)
    grave = replace(base, severity=Severity.CRITICAL, body="B")
    long = replace(base, body="Body and more")
    ruled, offered = replace(base, rule="A"), replace(base, suggestion="A")
    other_rule, other_offer = replace(base, rule="X" * 9), replace(base, suggestion="X" * 9)
    below, elsewhere = replace(base, span=Span("a.py", 2, 2)), replace(base, span=Span("b.py", 1, 1))
    order = [whole, checked, grave, long, base, offered, other_offer, ruled, other_rule, tail, below, elsewhere]
    assert sorted([*order[5:], *order[:5]], key=precedence) == order
