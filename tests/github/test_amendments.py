"""The summary once the posting is done: everything in it once, where a reader sees it, the marker last."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from conversations import HEAD, after, again, drafted, finding, found, thread
from reports import WHOLE_FILE

from reviewer.github import bodies, state
from reviewer.github.amendments import amended
from reviewer.github.conclusion import bears_out
from reviewer.github.state import parse

NOW = "d" * 40
LONG = "Every word of it counts. " * 50
FINDINGS = tuple(replace(finding(n), body=LONG) for n in range(1, 4))
DRAFT = drafted(found(*FINDINGS))
FIRST, *OTHERS = (each.fingerprint for each in FINDINGS)


def unlike(seed: int) -> str:
    """Words that cannot be packed."""
    return " ".join(hashlib.sha256(f"{seed} {n}".encode()).hexdigest() for n in range(20))


def test_what_has_no_comment_after_all_is_said_once_and_in_full() -> None:
    written = amended(DRAFT, NOW, stale=[FIRST], refused=OTHERS).summary
    headline, moved, _ = written.split("\n\n", 2)
    assert headline == "### 3 findings"
    assert moved.endswith("this speaks of `aaaaaaaaaaaa`, its head is `dddddddddddd` now.")
    assert "**New**" not in written
    stale, refused = written.split("**Not accepted by GitHub as a comment on the diff**")
    assert stale.partition("**No longer on the diff of `dddddddddddd`**")[2].count(LONG.strip()) == 1
    assert refused.count(LONG.strip()) == 2
    for number in (1, 2, 3):
        assert written.count(f"- critical · `shop/orders.py:{number}` · Defect number {number} in words") == 1


def test_what_was_posted_is_new_as_before() -> None:
    said = amended(DRAFT, HEAD, stale=(), refused=[FIRST])
    assert said.summary.count("Defect number") == 3
    assert "moved on" not in said.summary
    assert said.check.summary == said.summary.rpartition("\n\n")[0]
    there, _, silent = said.summary.partition("**Not accepted")
    assert ("Defect number 2" in there, "Defect number 1" in there, "Defect number 1" in silent) == (True, False, True)
    assert amended(DRAFT, HEAD, stale=(), refused=()) is DRAFT


def test_its_words_are_remembered_and_said_again() -> None:
    said = amended(DRAFT, HEAD, stale=(), refused=[FIRST])
    remembered = parse(said.summary)
    assert remembered is not None
    assert [each.words for each in remembered.findings] == [LONG, "", ""]
    assert bears_out(said.check.external_id, remembered, 12)
    threads = [thread(each) for each in FINDINGS[1:]]
    before = after(said, *threads)
    second = drafted(again(found(), before), before)
    assert second.is_empty
    third = drafted(again(found(), before, None, **{OTHERS[0]: True}), before)
    assert third.summary_changed
    assert third.summary.count(LONG.strip()) == 1


def test_what_never_had_a_place_keeps_its_words_too() -> None:
    first = drafted(found(FINDINGS[0], WHOLE_FILE))
    before = after(first, thread(FINDINGS[0]))
    assert drafted(again(found(), before), before).is_empty
    second = drafted(again(found(), before, None, **{FIRST: True}), before)
    assert WHOLE_FILE.body in second.summary
    before = after(second, thread(FINDINGS[0]))
    assert drafted(again(found(), before, None, **{FIRST: True}), before).is_empty


def test_with_less_room_it_says_less() -> None:
    many = tuple(replace(finding(n), body=unlike(n), title=f"Defect {n} " + "and more " * 20) for n in range(1, 301))
    said = amended(drafted(found(*many)), NOW, stale=(), refused=[each.fingerprint for each in many])
    assert bodies.fits(said.summary)
    remembered = parse(said.summary)
    assert remembered is not None
    assert len(state.marker(remembered)) <= state.MAX_MARKER
    assert len(remembered.findings) == 300
    assert {each.words for each in remembered.findings} == {""}
    before = after(said)
    assert drafted(again(found(), before), before).is_empty
