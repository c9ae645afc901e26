from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from goldens import same
from reports import CLEAN, EMPTY, FULL, SQL

from reviewer.findings import Reason, Report, Span, Unreviewed
from reviewer.outputs.look import Look
from reviewer.outputs.text import LISTED, PLACES, render

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize(
    ("name", "report", "look"),
    [
        ("full", FULL, Look(100)),
        ("full.narrow", FULL, Look(50)),
        ("full.colour", FULL, Look(100, colour=True)),
        ("clean", CLEAN, Look(100)),
        ("empty", EMPTY, Look(100)),
    ],
)
def test_golden(name: str, report: Report, look: Look) -> None:
    same(GOLDEN / f"{name}.txt", render(report, look))


def test_a_long_list_is_cut_and_says_so() -> None:
    entries = tuple(Unreviewed(f"v/{n}.js", Reason.VENDORED, "below v/") for n in range(LISTED + 5))
    written = render(replace(CLEAN, unreviewed=entries), Look())
    assert written.count("below v/") == 1
    assert written.count("      v/") == LISTED
    assert "vendored  and 5 more (--format json lists them all)" in written


def test_the_other_places_of_a_finding_are_named_and_counted() -> None:
    places = (
        Span("src/m0.py", 1, 1),
        Span("src/m1.py", 2, 3),
        *(Span("src/m2.py", n, n) for n in range(1, PLACES + 1)),
    )
    few, many = (
        render(replace(FULL, findings=(replace(SQL, places=places[:n]),)), Look(300)) for n in (2, len(places))
    )
    assert "  also here: src/m0.py:1, src/m1.py:2-3\n" in few
    assert "and 2 more (--format json lists them all)" in many
    assert "also here" not in render(replace(FULL, findings=(SQL,)), Look())


def test_hostile_text_cannot_steer_the_terminal() -> None:
    hostile = "a\x1b]0;pwned\x07b\x1b[2J\rc\u202ed"
    finding = replace(
        SQL,
        title=hostile,
        body=hostile,
        code=hostile,
        suggestion=hostile,
        rule=hostile,
        span=Span(hostile + "\n", 1, 1),
    )
    lost = Unreviewed(hostile, Reason.MODEL_ERROR, hostile)
    written = render(replace(FULL, findings=(finding,), unreviewed=(lost,), model=hostile), Look())
    for character in "\x1b\x07\r\u202e":
        assert character not in written


def test_markup_in_a_title_is_text() -> None:
    assert "[bold]x[/bold] :smile:" in render(
        replace(FULL, findings=(replace(SQL, title="[bold]x[/bold] :smile:"),)), Look()
    )
