from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.change import chunks, diff
from reviewer.change.pieces import Chunk
from reviewer.findings import Claim, Side
from reviewer.judgement.anchor import locate

if TYPE_CHECKING:
    from reviewer.findings import Finding

BEFORE = "import os\n\n\n"
ADDED = "def total(items):\n    return sum(items)\n"
AFTER = "\n\nprint(total([1]))\n"
GO_BEFORE, GO_ADDED = "package shop\n\n", "func Total() int {\n\treturn 1\n}\n"


def said(path: str, quote: str, replacement: str, whole: str | None, added: str = ADDED, first: int = 4) -> Finding:
    """A claim about added lines, tried on the file as it is."""
    rows = added.rstrip("\n").split("\n")
    body = "".join(f"+{row}\n" for row in rows)
    text = f"--- a/{path}\n+++ b/{path}\n@@ -{first},0 +{first},{len(rows)} @@\n{body}"
    packed = chunks.pack(diff.parse(text.encode()).files, budget=10_000, show=lambda lines: lines)
    pieces = tuple(piece for chunk in packed if isinstance(chunk, Chunk) for piece in chunk.pieces)

    def read(_: str, side: Side) -> str | None:
        assert side is Side.NEW
        return whole

    claim = Claim(path=path, quote=quote, title="t", body="b", replacement=replacement)
    (finding,) = locate([claim], pieces, read).findings
    return finding


@pytest.mark.parametrize(
    ("path", "quote", "replacement"),
    [
        ("a.py", "    return sum(items)", "    return sum(items"),
        ("a.py", "def total(items):", "def total(items"),
        ("a.py", "    return sum(items)", "    return 'sum"),
        ("a.py", "    return sum(items)", "        return ]"),
        ("a.py", "    return sum(items)", "    items = list(items)\n        return sum(items)"),
        ("a.py", "    return sum(items)", "    items = list(items)\n  return sum(items)"),
    ],
)
def test_what_would_break_the_file_is_shown_in_words(path: str, quote: str, replacement: str) -> None:
    finding = said(path, quote, replacement, BEFORE + ADDED + AFTER)
    assert finding.suggestion is None
    assert replacement.strip() in finding.body


def test_what_fits_is_offered() -> None:
    finding = said("a.py", "    return sum(items)", "    return sum(items, 0)", BEFORE + ADDED + AFTER)
    assert finding.suggestion == "    return sum(items, 0)"


@pytest.mark.parametrize(
    "replacement",
    ["    if items: items = 1; print()\n    return 2", "    # why\n    return (\n  1)", "    return 1; print()"],
)
def test_lines_that_python_lets_stand_are_offered(replacement: str) -> None:
    assert said("a.py", "    return sum(items)", replacement, BEFORE + ADDED + AFTER).suggestion == replacement


def test_only_the_whole_file_shows_what_a_line_closes() -> None:
    """The lines of the hunk alone are broken before and after; in the file, the brace that is taken away is missed."""
    whole = GO_BEFORE + GO_ADDED
    good = said("a.go", "\treturn 1\n}", "\treturn 2\n}", whole, GO_ADDED, 3)
    assert good.suggestion == "\treturn 2\n}"
    assert said("a.go", "\treturn 1\n}", "\treturn 2", whole, GO_ADDED, 3).suggestion is None


def test_a_file_that_is_broken_already_may_stay_as_broken_as_it_is() -> None:
    broken = BEFORE + ADDED + "\n\nprint((\n"
    assert said("a.py", "    return sum(items)", "    return max(items)", broken).suggestion == "    return max(items)"
    assert said("a.py", "    return sum(items)", "    return )max(items", broken).suggestion is None


@pytest.mark.parametrize("whole", [None, "something else\n", BEFORE, "x = 1\n" * 300_000])
def test_where_it_cannot_be_tried_it_is_offered(whole: str | None) -> None:
    assert said("a.py", "    return sum(items)", "    return sum(items", whole).suggestion == "    return sum(items"


def test_a_language_nobody_parses_is_offered() -> None:
    assert said("a.zig", "    return sum(items)", "    return sum(items", BEFORE + ADDED + AFTER).suggestion is not None


@given(st.text(max_size=60))
def test_it_never_raises(replacement: str) -> None:
    said("a.py", "    return sum(items)", replacement, BEFORE + ADDED + AFTER)
