"""What is added to the summary once the posting is done: all of it where there is room, the marker last."""

from __future__ import annotations

from dataclasses import replace

from conversations import HEAD, drafted, finding, found

from reviewer.github import bodies
from reviewer.github.amendments import amended
from reviewer.github.state import parse

NOW = "d" * 40
LONG = "Every word of it counts. " * 50
DRAFT = drafted(found(*(replace(finding(n), body=LONG) for n in range(1, 4))))


def padded(summary: str, left: int) -> str:
    """The summary with words in front, so that so many bytes are left."""
    return "x" * (bodies.MAX - left - len(summary.encode()) - 2) + "\n\n" + summary


def test_the_words_of_a_comment_are_in_the_summary_instead() -> None:
    first, *others = DRAFT.comments
    written = amended(DRAFT.summary, HEAD, NOW, stale=[first], refused=others)
    assert "this speaks of `aaaaaaaaaaaa`, its head is `dddddddddddd` now" in written
    before, _, after = written.partition("**Not accepted by GitHub as a comment on the diff**")
    assert before.partition("**No longer on the diff of `dddddddddddd`**")[2].count(LONG.strip()) == 1
    assert after.count(LONG.strip()) == 2
    assert "- `shop/orders.py:2` · Critical · Defect number 2 in words" in after
    assert parse(written) == parse(DRAFT.summary)


def test_a_comment_without_words_has_its_title() -> None:
    comment = drafted(found(replace(finding(1), body=""))).comments[0]
    written = amended(DRAFT.summary, HEAD, HEAD, stale=(), refused=[comment])
    assert written.count("- `shop/orders.py:1` · Critical · Defect number 1 in words") == 1
    assert "moved on" not in written


def test_with_less_room_it_says_less() -> None:
    def said(left: int) -> str:
        before = padded(DRAFT.summary, left)
        written = amended(before, HEAD, HEAD, stale=(), refused=DRAFT.comments)
        assert bodies.fits(written)
        assert parse(written) == parse(DRAFT.summary)
        return written.removeprefix(before.rpartition("\n\n")[0])

    assert said(5_000).count(LONG.strip()) == 3
    assert said(2_000).count("Every word of it counts.") == 3 * 16
    assert said(500).count("Every word") == 0
    assert said(500).count("Defect number") == 3
    assert "as a comment on the diff**: 3\n" in said(100)
    assert "comment on the diff" not in said(10)
    full = padded(DRAFT.summary, 10)
    assert amended(full, HEAD, NOW, stale=(), refused=DRAFT.comments) == full
