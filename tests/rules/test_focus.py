from __future__ import annotations

from reviewer.rules.focus import focuses
from reviewer.text.tokens import estimate


def test_the_first_reading_looks_for_everything() -> None:
    (first,) = focuses(1)
    assert (first.text, first.backwards) == ("", False)


def test_no_two_readings_are_the_same_question() -> None:
    readings = focuses(7)
    assert [each.name for each in readings] == ["everything", *["correctness", "security", "tests"] * 2]
    assert len({(each.text, each.backwards) for each in readings}) == 7


def test_a_focus_is_short() -> None:
    assert all(0 < estimate(each.text) < 250 for each in focuses(4)[1:])
