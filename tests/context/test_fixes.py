from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.context.fixes import applied
from reviewer.context.sarif.locations import Edit

AFTER = "    if name is None:\n        go()"
LINES = ("    if name == None:", "        pass")


@pytest.mark.parametrize(
    ("edits", "wanted"),
    [
        pytest.param([Edit(7, 13, 7, 15, "is")], "    if name is None:\n        pass", id="within a line"),
        pytest.param([Edit(7, 13, 7, 15, "is"), Edit(8, 9, 8, 13, "go()")], AFTER, id="two"),
        pytest.param([Edit(8, 9, 8, 13, "go()"), Edit(7, 13, 7, 15, "is")], AFTER, id="any order"),
        pytest.param([Edit(8, 1, 9, 1, "")], "    if name == None:", id="a line is deleted"),
        pytest.param([Edit(7, 1, 9, 1, "")], "", id="all are deleted"),
        pytest.param([Edit(7, 1, 8, None, "x")], "x", id="to the end of the line"),
        pytest.param([Edit(8, 13, 8, 13, "\r\ngo()")], "    if name == None:\n        pass\ngo()", id="inserted"),
        pytest.param([Edit(9, 1, 9, 1, "x\n")], "    if name == None:\n        pass\nx", id="inserted after"),
        pytest.param([Edit(9, 1, 9, 1, "x")], None, id="joins the next line"),
        pytest.param([Edit(8, 13, 9, 1, "")], None, id="takes the line feed alone"),
        pytest.param([Edit(6, 1, 7, 1, "")], None, id="before"),
        pytest.param([Edit(8, 1, 9, 2, "")], None, id="beyond"),
        pytest.param([Edit(8, 1, 10, None, "")], None, id="far beyond"),
        pytest.param([Edit(7, 1, 7, 99, "")], None, id="a column that is not there"),
        pytest.param([Edit(8, 5, 7, 1, "")], None, id="backwards"),
        pytest.param([Edit(7, 1, 7, 9, "a"), Edit(7, 5, 7, 12, "b")], None, id="overlapping"),
        pytest.param([Edit(7, 13, 7, 15, "==")], None, id="nothing changes"),
    ],
)  # fmt: skip
def test_what_stands_there_afterwards(edits: list[Edit], wanted: str | None) -> None:
    assert applied(edits, LINES, 7) == wanted


def test_where_columns_may_be_counted_in_two_ways_nothing_is_offered() -> None:
    assert applied([Edit(1, 1, 1, 2, "y")], ["x = '\U0001f600'"], 1) is None
    assert applied([Edit(1, 1, 1, 2, "y")], ["x = 'é'"], 1) == "y = 'é'"


numbers = st.integers(0, 6)
edits = st.builds(Edit, numbers, numbers, numbers, st.none() | numbers, st.text("a\n", max_size=3))


@given(st.lists(edits, max_size=3), st.lists(st.text("ab", max_size=3), max_size=3), numbers)
def test_no_edit_breaks_it(found: list[Edit], lines: list[str], first: int) -> None:
    text = applied(found, lines, first)
    assert text is None or text != "\n".join(lines) or lines in ([], [""], ["", ""])
