from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewer.findings import Claim, DropReason, Origin, Side, Span
from reviewer.judgement.anchor import MAX_EXCERPT, locate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reviewer.change.pieces import Piece
    from reviewer.findings import Finding

    Shown = Callable[..., tuple[Piece, ...]]

DIFF = """\
diff --git a/src/cart.py b/src/cart.py
--- a/src/cart.py
+++ b/src/cart.py
@@ -10,12 +10,14 @@ class Cart:
     def total(self, items):
         total = 0
         for item in items:
-            total += item.price
-            audit(item.price)
+            total += item.price * item.count
+            if item.discount is not None:
+                total -= item.discount
+
         return total
~
     def clear(self):
         self.items = []
-        self.total = 0
+        self.sum = 0
         return True
~
@@ -60,4 +62,5 @@ class Basket:
     def empty(self):
         self.items = []
+        self.sum = 0
         return True
~
diff --git a/src/old_name.py b/src/new_name.py
similarity index 90%
rename from src/old_name.py
rename to src/new_name.py
--- a/src/old_name.py
+++ b/src/new_name.py
@@ -1,2 +1,3 @@
 import os
+import sys
 print(os.name)
diff --git a/lib/index.ts b/lib/index.ts
--- a/lib/index.ts
+++ b/lib/index.ts
@@ -1,2 +1,3 @@
 export const one = 1;
+export const two = 2;
 export const three = 3;
diff --git a/app/index.ts b/app/index.ts
--- a/app/index.ts
+++ b/app/index.ts
@@ -1,2 +1,3 @@
 export const four = 4;
+export const five = 5;
 export const six = 6;
""".replace("\n~\n", "\n \n")


def claim(quote: str, line: int | None = None, path: str = "src/cart.py", **more: object) -> Claim:
    return Claim(path, quote, "Title", "Body", line=line, **more)  # type: ignore[arg-type]


def found(pieces: Sequence[Piece], one: Claim) -> Finding:
    located = locate([one], pieces)
    assert located.dropped == ()
    return located.findings[0]


NEW, OLD = Side.NEW, Side.OLD
NOWHERE = (None, None, NEW)


@pytest.mark.parametrize(
    ("quote", "hint", "expected"),
    [
        pytest.param("            total += item.price * item.count", 13, (13, 13, NEW), id="exact"),
        pytest.param("            total += item.price * item.count", 999, (13, 13, NEW), id="a number far off"),
        pytest.param("total += item.price * item.count", None, (13, 13, NEW), id="indentation lost"),
        pytest.param("total+=item.price*item.count", None, (13, 13, NEW), id="spaces lost"),
        pytest.param(
            "13+            total += item.price * item.count", None, (13, 13, NEW), id="number and marker kept"
        ),
        pytest.param("+total += item.price * item.count", None, (13, 13, NEW), id="marker kept"),
        pytest.param("13 | total += item.price * item.count", None, (13, 13, NEW), id="number and bar"),
        pytest.param("item.price * item.count", None, (13, 13, NEW), id="part of a line"),
        pytest.param("item.count\n   if item.discount is", None, (13, 14, NEW), id="part of two lines"),
        pytest.param("totals += item.prize * item.count", None, (13, 13, NEW), id="typing errors"),
        pytest.param("total -= item.discount\n\nreturn total", None, (15, 17, NEW), id="a blank line inside"),
        pytest.param("total -= item.discount\nreturn total", None, (15, 17, NEW), id="a blank line left out"),
        pytest.param("\n\n  total -= item.discount\n\n", None, (15, 15, NEW), id="blank lines around"),
        pytest.param(
            "total = 0\nfor item in items:\ntotal += item.price * item.count",
            None,
            (11, 13, NEW),
            id="old lines between",
        ),
        pytest.param("            audit(item.price)", None, (14, 14, OLD), id="deleted"),
        pytest.param(
            "-            total += item.price\n-            audit(item.price)",
            None,
            (13, 14, OLD),
            id="deleted, marked",
        ),
        pytest.param(
            "for item in items:\n    total += item.price\n    audit(item.price)",
            12,
            (12, 14, OLD),
            id="deleted with context",
        ),
        pytest.param("-        self.total = 0\n21+        self.sum = 0", None, (21, 21, NEW), id="both sides, marked"),
        pytest.param("self.total = 0\nself.sum = 0", None, (21, 21, NEW), id="both sides"),
        pytest.param("        self.sum = 0", 22, (21, 21, NEW), id="the first of two"),
        pytest.param("        self.sum = 0", 62, (64, 64, NEW), id="the second of two"),
        pytest.param("        self.sum = 0", None, (21, 21, NEW), id="of two without a number"),
        pytest.param("        self.sum = 0", 44, NOWHERE, id="halfway between two"),
        pytest.param("64+        self.sum = 0", 21, (64, 64, NEW), id="the copied number beats the other"),
        pytest.param("self.items = ", None, NOWHERE, id="a part of two lines without a number"),
        pytest.param("total = 0\n...\nreturn total", None, (11, 17, NEW), id="ellipsis"),
        pytest.param("not_there(at, all)\n# ...\nreturn total", None, (17, 17, NEW), id="ellipsis, first part unknown"),
        pytest.param(
            "return total\n...\ntotal = 0\nfor item in items:", None, (17, 17, NEW), id="ellipsis, order wrong"
        ),
        pytest.param("...", None, NOWHERE, id="nothing but an ellipsis"),
        pytest.param(
            "def total(self, items):\n    sum = 1\n    for item in items:", None, (10, 12, NEW), id="one line wrong"
        ),
        pytest.param(
            "def total(self, items):\n    total = 0\n    made_up()", None, (10, 11, NEW), id="last line made up"
        ),
        pytest.param(
            "def before():\n    def total(self, items):\n    total = 0\n    for item in items:",
            None,
            (10, 12, NEW),
            id="longer than what there is",
        ),
        pytest.param("        return True", 23, (22, 22, NEW), id="context, near"),
        pytest.param("return", 18, (None, None, NEW), id="trivial, no such line"),
        pytest.param("}", 13, NOWHERE, id="a bracket"),
        pytest.param("", 13, NOWHERE, id="empty"),
        pytest.param(" \n\t", 13, NOWHERE, id="blank"),
        pytest.param("this_is(nowhere, to, be, found)", 13, NOWHERE, id="a number alone"),
        pytest.param("x" * 8_000, 13, NOWHERE, id="very long"),
        pytest.param("\n".join(f"line {n} = value_{n}()" for n in range(300)), 13, NOWHERE, id="very many lines"),
    ],
)
def test_where_a_quote_stands(shown: Shown, quote: str, hint: int | None, expected: tuple[object, ...]) -> None:
    finding = found(shown(DIFF), claim(quote, hint))
    assert (finding.span.first, finding.span.last, finding.span.side) == expected


TRIVIAL = """\
--- a/a.go
+++ b/a.go
@@ -1,4 +1,8 @@
 func a() {
+	if x {
+	} else {
+	}
 }
 func b() {
+	return
 }
"""


@pytest.mark.parametrize(
    ("quote", "hint", "line"),
    [
        ("\t} else {", 5, 3),
        ("\t} else {", 7, None),
        ("\t} else {", None, None),
        ("return", 9, 7),
        ("}", 6, 5),
        ("}", 8, 8),
        ("+\t}", 3, 4),
    ],
)
def test_what_could_stand_anywhere_needs_a_number_nearby(
    shown: Shown, quote: str, hint: int | None, line: int | None
) -> None:
    assert found(shown(TRIVIAL), claim(quote, hint, "a.go")).span.first == line


TWINS = """\
diff --git a/twins.py b/twins.py
new file mode 100644
--- /dev/null
+++ b/twins.py
@@ -0,0 +1,24 @@
+if ready(cart):
+    total = price(cart, discount)
+    send(total)
~
~
~
~
~
~
~
~
~
+for cart in carts:
+    if ready(cart):
+        total = price(cart, discount)
+        send(total)
~
~
~
~
~
~
+log(checked(order), "in the middle")
+value = checked(order)
""".replace("\n~", "\n+")


@pytest.mark.parametrize(
    ("quote", "hint", "line"),
    [
        ("+        total = price(cart, discount)\n+        send(total)", 1, 15),
        ("+    total = price(cart, discount)\n+    send(total)", 16, 2),
        ("        total = price(cart, discount)\n        nothing(of, this)\n", 1, 15),
        ("    if ready(cart):\n        nothing(of, this)\n        send(total)", 1, 14),
        ("        totel = prize(cart, discount)\n        sent(total)", 1, 15),
        ("    totel = prize(cart, discount)\n    sent(total)", 24, 2),
    ],
)
def test_of_equal_lines_those_indented_as_in_the_quote_are_meant(
    shown: Shown, quote: str, hint: int, line: int
) -> None:
    assert found(shown(TWINS), claim(quote, hint, "twins.py")).span.first == line


def test_a_part_of_a_line_is_rather_one_end_of_it(shown: Shown) -> None:
    assert found(shown(TWINS), claim("checked(order)", 1, "twins.py")).span.first == 24


def test_a_changed_line_is_preferred_to_context(shown: Shown) -> None:
    diff = "--- a/a\n+++ b/a\n@@ -1,3 +1,4 @@\n same_line()\n one()\n+same_line()\n two()\n"
    assert found(shown(diff), claim("same_line()", path="a")).span.first == 3
    assert found(shown(diff), claim("same_line()", 2, path="a")).span.first == 3
    assert found(shown(diff), claim("same_line()", 1, path="a")).span.first == 1


def test_the_quote_is_matched_with_what_was_shown(shown: Shown) -> None:
    diff = '--- a/a\n+++ b/a\n@@ -0,0 +1,2 @@\n+key = "hunter2hunter2"\n+x = 1\n'
    hidden = shown(diff, show=lambda lines: [line.replace("hunter2hunter2", "[SECRET]") for line in lines])
    finding = found(hidden, claim('key = "[SECRET]"', path="a"))
    assert finding.span == Span("a", 1, 1)
    assert finding.code == 'key = "[SECRET]"'
    assert found(hidden, claim('key = "hunter2hunter2"', path="a")).span.first is None


@pytest.mark.parametrize(
    ("path", "quote", "resolved"),
    [
        ("src/cart.py", "return total", "src/cart.py"),
        ("b/src/cart.py", "return total", "src/cart.py"),
        ("./src/cart.py", "return total", "src/cart.py"),
        ("/src/cart.py", "return total", "src/cart.py"),
        ("`src/cart.py:12-14`", "return total", "src/cart.py"),
        ("## src/cart.py", "return total", "src/cart.py"),
        ("cart.py", "return total", "src/cart.py"),
        ("src/old_name.py", "import sys", "src/new_name.py"),
        ("a/src/old_name.py", "import sys", "src/new_name.py"),
        ("index.ts", "export const five = 5;", "app/index.ts"),
        ("index.ts", "export const nothing = 0;", None),
        ("index.ts", "}", None),
        ("nowhere/else.py", "export const five = 5;", "app/index.ts"),
        ("nowhere/else.py", "        self.sum = 0", "src/cart.py"),
        ("nowhere/else.py", "something.else()", None),
        ("nowhere/else.py", "", None),
        ("/", "something.else()", None),
    ],
)
def test_which_file_is_meant(shown: Shown, path: str, quote: str, resolved: str | None) -> None:
    located = locate([claim(quote, path=path)], shown(DIFF))
    assert [finding.span.path for finding in located.findings] == ([resolved] if resolved else [])
    assert [drop.reason for drop in located.dropped] == ([] if resolved else [DropReason.OUTSIDE_CHANGE])


def test_a_path_is_known_by_how_it_was_shown(shown: Shown) -> None:
    diff = '--- "a/a\\tb\\342\\200\\256.py"\n+++ "b/a\\tb\\342\\200\\256.py"\n@@ -1 +1,2 @@\n x\n+yes = 1\n'
    assert found(shown(diff), claim("yes = 1", path="a\\tb<U+202E>.py")).span == Span("a\tb\u202e.py", 2, 2)


def test_an_exact_span_is_taken_as_it_is(shown: Shown) -> None:
    exact = claim("", span=Span("src/cart.py", 14, 15), origin=Origin.CHECK, rule="r")
    finding = found(shown(DIFF), exact)
    assert finding.span == exact.span
    assert finding.code == "            if item.discount is not None:\n                total -= item.discount"
    assert finding.origin is Origin.CHECK
    outside = locate([replace(exact, span=Span("other.py", 1, 1))], shown(DIFF))
    (drop,) = outside.dropped
    assert (drop.reason, drop.line, drop.severity) == (DropReason.OUTSIDE_CHANGE, 1, exact.severity)
    assert drop.detail.startswith("the file is not among those that were shown")


def test_a_deleted_line_above_the_first_one_is_not_the_first_one(shown: Shown) -> None:
    diff = "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n-old = 1\n+new = 1\n rest = 2\n"
    exact = claim("", path="a.py", span=Span("a.py", 1, 1), origin=Origin.TOOL, replacement="new = 2")
    assert found(shown(diff), exact).suggestion == "new = 2"


@pytest.mark.parametrize(
    ("path", "first", "last", "offered"),
    [
        ("src/cart.py", 14, 15, True),
        ("src/cart.py", 20, 20, True),
        ("src/cart.py", 15, 90, False),
        (".github/workflows/x.yml", 1, 1, False),
        ("src/cart.py", None, None, False),
    ],
    ids=["whole lines", "beside a deleted one", "lines that were not shown", "a workflow", "the file"],
)
def test_what_an_exact_span_is_replaced_by(
    path: str, first: int | None, last: int | None, offered: bool, shown: Shown
) -> None:
    diff = f"{DIFF}--- /dev/null\n+++ b/.github/workflows/x.yml\n@@ -0,0 +1 @@\n+on: push\n"
    span = Span(path, first, last)
    finding = found(shown(diff), claim("", path=path, span=span, origin=Origin.TOOL, replacement="        fixed()"))
    assert finding.span == span
    assert finding.suggestion == ("        fixed()" if offered else None)
    assert ("Possible replacement" in finding.body) is not offered


def test_the_excerpt_has_an_end(shown: Shown) -> None:
    diff = "--- a/a\n+++ b/a\n@@ -0,0 +1,50 @@\n" + "".join(f"+line_{n} = {n}\r\n" for n in range(50))
    finding = found(shown(diff), claim("", span=Span("a", 1, 50), path="a"))
    assert finding.code.split("\n") == [f"line_{n} = {n}" for n in range(MAX_EXCERPT)]


def test_crlf_is_no_difference(shown: Shown) -> None:
    finding = found(shown("--- a/a\n+++ b/a\n@@ -1 +1,2 @@\n x\r\n+value = 1\r\n"), claim("x\nvalue = 1", path="a"))
    assert finding.span == Span("a", 1, 2)


def test_a_finding_without_a_place_keeps_what_was_said(shown: Shown) -> None:
    finding = found(shown(DIFF), claim("not_there()", 12, replacement="there()"))
    assert finding.span == Span("src/cart.py")
    assert finding.code == ""
    assert finding.suggestion is None
    assert finding.body == "Body\n\nPossible replacement:\n\n```\nthere()\n```"


def test_a_sound_replacement_is_offered(shown: Shown) -> None:
    finding = found(shown(DIFF), claim("self.sum = 0", 21, replacement="self.sum = Decimal(0)"))
    assert finding.suggestion == "        self.sum = Decimal(0)"
    assert finding.body == "Body"


ROWS = st.text(st.sampled_from("abcxyz(){}=+-._ \t\"'#/<é\U0001f469"), max_size=25)


@st.composite
def changes(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A diff that adds lines among others, and the lines of its new side."""
    rows = draw(st.lists(st.tuples(st.sampled_from("+++ -"), ROWS), min_size=2, max_size=12))
    old, new = (sum(mark != other for mark, _ in rows) for other in "+-")
    head = f"--- a/a.py\n+++ b/a.py\n@@ -{min(old, 1)},{old} +{min(new, 1)},{new} @@\n"
    return head + "".join(f"{mark}{row}\n" for mark, row in rows), [row for mark, row in rows if mark != "-"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=80)
@given(st.data(), changes())
def test_what_is_quoted_as_it_stands_is_placed_where_it_stands(
    shown: Shown, data: st.DataObject, change: tuple[str, list[str]]
) -> None:
    text, rows = change
    pieces = shown(text)
    if not pieces or not rows:
        return
    first = data.draw(st.integers(1, len(rows)))
    last = data.draw(st.integers(first, len(rows)))
    quoted = rows[first - 1 : last]
    span = found(pieces, claim("\n".join(quoted), first, path="a.py")).span
    if all(re.search(r"\w\W*\w\W*\w", row) for row in quoted):
        assert span == Span("a.py", first, last)
    elif span.first is not None and span.last is not None:
        assert 1 <= span.first <= span.last


PATHS = st.sampled_from(["src/cart.py", "src/old_name.py", "index.ts", "app/index.ts", "x", "", "/"])
LINES = st.sampled_from([line[1:] for line in DIFF.split("\n")]) | st.text(max_size=30) | st.just("...")
MARKS = st.sampled_from(["", "", "+", "-", " ", "12+", "7 | "])
QUOTES = st.lists(st.tuples(MARKS, LINES).map("".join), max_size=5).map("\n".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(st.builds(claim, QUOTES, st.none() | st.integers(-5, 90), PATHS), max_size=4), st.sampled_from([40, 9_999])
)
def test_every_claim_ends_somewhere_and_none_outside(shown: Shown, claims: list[Claim], budget: int) -> None:
    pieces = shown(DIFF, budget=budget)
    located = locate(claims, pieces)
    assert len(located.findings) + len(located.dropped) == len(claims)
    for finding in located.findings:
        span = finding.span
        if span.first is None or span.last is None:
            assert (span.last, finding.code) == (None, "")
            continue
        assert span.first <= span.last
        assert any(
            {span.first, span.last} <= {line.new if span.side is NEW else line.old for line in piece.lines}
            for piece in pieces
            if piece.file.path == span.path
        )
