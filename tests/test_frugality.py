from __future__ import annotations

from changed import added
from hypothesis import given
from hypothesis import strategies as st

from reviewer import examination
from reviewer.change import chunks
from reviewer.change.pieces import Chunk
from reviewer.conversation import Answer
from reviewer.examination import Examined, frugal
from reviewer.findings import Reason

(CHUNK,) = (each for each in chunks.pack([added("a.py", "x = 1")], budget=500, show=list) if isinstance(each, Chunk))


def lost(reason: Reason) -> Examined:
    return Examined(answer=Answer(lost=chunks.lost(CHUNK, reason, "why")))


@given(st.lists(st.sampled_from([Reason.BUDGET, Reason.BUDGET, Reason.TIMEOUT, None]), max_size=120))
def test_nobody_is_asked_any_more_after_so_many_refusals_in_a_row(reasons: list[Reason | None]) -> None:
    asked: list[Reason | None] = []

    def examine(_: Chunk) -> Examined:
        asked.append(reasons[len(asked)])
        return Examined() if asked[-1] is None else lost(asked[-1])

    tried = frugal(examine)
    results = [tried(CHUNK) for _ in reasons]
    most = next(
        (n for n in range(len(reasons)) if reasons[max(0, n - 32) : n] == [Reason.BUDGET] * examination.REFUSED),
        len(reasons),
    )
    assert len(asked) == most
    for result in results[most:]:
        (entry,) = result.answer.lost
        assert (entry.path, entry.reason, entry.lines) == ("a.py", Reason.BUDGET, 1)
