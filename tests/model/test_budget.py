"""A cap holds, also while many calls are under way."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from asking import QUESTION, failure_of
from model_server import Answer, error, reply

from reviewer.errors import Misuse
from reviewer.findings import Reason
from reviewer.messages import Usage
from reviewer.model.budget import EXPECTED_ANSWER, Budget, Caps
from reviewer.model.dialects import flat_price
from reviewer.model.failures import ModelFailure

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def reached(budget: Budget, prompt: int) -> str:
    with pytest.raises(ModelFailure) as caught:
        budget.reserve(prompt)
    failure = caught.value
    assert (failure.reason, failure.fatal, failure.splittable) == (Reason.BUDGET, False, False)
    return str(failure)


def test_no_cap_no_end() -> None:
    budget = Budget(Caps(), None)
    for _ in range(100):
        budget.settle(budget.reserve(10**6), None)


def test_calls_are_counted_whether_or_not_they_succeed() -> None:
    budget = Budget(Caps(calls=2), None)
    budget.settle(budget.reserve(1), None)
    budget.reserve(1)
    assert "REVIEWER_MAX_CALLS=2" in reached(budget, 1)
    assert "REVIEWER_MAX_CALLS=0" in reached(Budget(Caps(calls=0), None), 1)


def test_tokens_under_way_are_counted_as_expected() -> None:
    budget = Budget(Caps(tokens=5_000), None)
    first = budget.reserve(3_000)
    assert "REVIEWER_MAX_TOKENS=5000" in reached(budget, 1)
    budget.settle(first, Usage(prompt_tokens=1_000, completion_tokens=100))
    budget.settle(budget.reserve(2_900), None)
    budget.reserve(2_900)


def test_what_is_not_reported_counts_as_expected() -> None:
    budget = Budget(Caps(tokens=5_000, cost=1.0), flat_price(100, 100))
    budget.settle(budget.reserve(1_500), Usage(calls=1))
    reached(budget, 1_501)
    budget.reserve(1_500)


def test_cost_by_price_and_by_the_provider_s_word() -> None:
    budget = Budget(Caps(cost=0.01), flat_price(1, 2))
    first = budget.reserve(6_000)  # 0.006 + 0.002
    assert "REVIEWER_MAX_COST=0.01" in reached(budget, 6_000)
    budget.settle(first, Usage(prompt_tokens=6_000, completion_tokens=10, cost_usd=0.001))
    budget.reserve(6_000)


def test_a_cap_on_cost_needs_a_price() -> None:
    with pytest.raises(Misuse, match="REVIEWER_PRICE_INPUT and REVIEWER_PRICE_OUTPUT"):
        Budget(Caps(cost=1.0), None)


def test_many_threads_never_reserve_more_than_the_cap() -> None:
    cap = 40_000
    budget = Budget(Caps(tokens=cap), None)
    admitted: list[int] = []

    def work() -> None:
        for _ in range(20):
            try:
                budget.reserve(100)
            except ModelFailure:
                continue
            admitted.append(100 + EXPECTED_ANSWER)

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cap - 1_100 < sum(admitted) <= cap


def test_a_run_stops_at_its_cap(ask: Callable[..., Any]) -> None:
    connection, server = ask(reply("yes"), caps=Caps(calls=3))
    for _ in range(3):
        connection.complete(QUESTION)
    assert failure_of(connection).reason is Reason.BUDGET
    assert len(server.requests) == 3


def test_retries_of_a_call_are_one_call(ask: Callable[..., Any]) -> None:
    connection, server = ask([error(503), reply("yes")], caps=Caps(calls=1))
    connection.complete(QUESTION)
    assert len(server.requests) == 2


def test_kept_replies_are_free(ask: Callable[..., Any], tmp_path: Path) -> None:
    connection, server = ask(reply("yes"), caps=Caps(calls=1), cache=tmp_path)
    for _ in range(3):
        connection.complete(QUESTION)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("answer", "left"),
    [(error(400, "no"), True), (Answer(200, "x" * 90, drop="body"), False), (Answer(hang=True), False)],
    ids=["refused", "cut", "late"],
)
def test_what_may_have_been_billed_in_vain_is_counted(answer: Answer, left: bool, ask: Callable[..., Any]) -> None:
    one_and_a_half = Caps(tokens=(EXPECTED_ANSWER * 3) // 2)
    connection, _ = ask(answer, caps=one_and_a_half, timeout=0.1)
    failure_of(connection)
    assert (failure_of(connection).reason is Reason.BUDGET) != left


def test_a_cap_on_cost_with_an_own_price(ask: Callable[..., Any]) -> None:
    connection, _ = ask(reply("yes"), "segmind", caps=Caps(cost=1.0), price=flat_price(1, 1))
    assert connection.complete(QUESTION).usage.cost_usd == pytest.approx(0.00012)
    with pytest.raises(Misuse):
        ask(reply("yes"), "segmind", caps=Caps(cost=1.0))
