from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import CLEAN, FULL, GONE, SQL, WHOLE_FILE

from reviewer.audit.merging import merged
from reviewer.errors import Misuse
from reviewer.findings import Coverage, Note, NoteCode, Report, Severity, Span, Status
from reviewer.messages import Usage

FINDINGS = tuple(
    replace(SQL, fingerprint=f"{n:016x}", severity=list(Severity)[n % 4], span=Span(f"src/m{n}.py", n + 1, n + 1))
    for n in range(12)
)


def part(*numbers: int) -> Report:
    found = tuple(FINDINGS[n] for n in numbers)
    usage = Usage(calls=len(numbers), prompt_tokens=10 * len(numbers), cost_usd=0.5 if numbers else None)
    status = Status.FINDINGS if numbers else Status.CLEAN
    return replace(CLEAN, status=status, findings=found, coverage=Coverage(1, 1, 4, 4), usage=usage)


@given(st.lists(st.integers(0, 3), min_size=12, max_size=12))
def test_however_it_is_cut_the_parts_make_the_same_whole(shards: list[int]) -> None:
    parts = [part(*(n for n, shard in enumerate(shards) if shard == number)) for number in range(4)]
    whole = merged(parts)
    assert whole.findings == merged([part(*range(12)), part(), part(), part()]).findings
    assert [finding.severity.rank for finding in whole.findings] == sorted(f.severity.rank for f in FINDINGS)
    assert whole.coverage == Coverage(4, 4, 16, 16)
    assert whole.usage.calls == 12
    assert whole.usage.cost_usd == 0.5 * sum(bool(each.findings) for each in parts)
    assert merged(parts[::-1]).findings == whole.findings


def test_one_is_itself() -> None:
    assert merged([FULL]) == replace(FULL, findings=(SQL, GONE, WHOLE_FILE))


def test_a_loss_in_one_part_makes_the_whole_incomplete() -> None:
    assert merged([replace(CLEAN, head=FULL.head, base=FULL.base), FULL]).status is Status.INCOMPLETE
    nothing_read = replace(FULL, coverage=Coverage(1, 0, 10, 0))
    assert merged([nothing_read, nothing_read]).status is Status.FAILED


def test_what_both_say_is_said_once_and_what_is_counted_is_added_up() -> None:
    both = merged([FULL, FULL])
    assert both.findings == merged([FULL]).findings
    assert both.dropped == FULL.dropped
    assert [(note.code, note.data) for note in both.notes] == [(NoteCode.REDACTED, {"count": 4})]


def test_what_is_true_of_a_part_alone_is_not_said_of_the_whole() -> None:
    cached = replace(CLEAN, notes=(Note(NoteCode.ALL_CACHED, "every reply came from the cache"),))
    assert merged([cached, CLEAN]).notes == ()
    assert merged([cached, cached]).notes == cached.notes


def test_models_are_joined() -> None:
    mixed = merged([replace(CLEAN, provider="segmind", model="a"), replace(CLEAN, provider="segmind", model="b")])
    assert (mixed.provider, mixed.model) == ("segmind", "a, b")


def test_different_commits_are_no_whole() -> None:
    with pytest.raises(Misuse, match="aaaaaaaaaaaa and no commit"):
        merged([FULL, CLEAN])
