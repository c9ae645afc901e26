"""What `make fuzz` looks for holds of every file that it starts from: what it found becomes one of them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from fuzz import answers, bodies, bounds, diffs, documents, evidence

if TYPE_CHECKING:
    from types import ModuleType

TARGETS = (diffs, answers, bodies, evidence)


def burn(seconds: float) -> None:
    """Of the processor's time."""
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.__name__)
def test_every_promise_holds_of_what_the_search_starts_from(target: ModuleType) -> None:
    seeds = list(target.seeds())
    assert len(seeds) > (5 if target is evidence else 50)
    for seed in seeds:
        target.check(seed)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.__name__)
@pytest.mark.parametrize("share", [12, pytest.param(1, marks=pytest.mark.slow)], ids=["some", "all"])
def test_a_long_one_takes_no_longer_than_its_length(target: ModuleType, share: int) -> None:
    for seed in list(target.seeds())[::share]:
        bounds.grown(target.read, seed, always=True)


@pytest.mark.parametrize("seed", [b"x", b'{"text": "12345678901234567890"}'], ids=["repeated", "within"])
def test_work_that_grows_with_the_square_is_noticed(seed: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "LEAST", 0.001)

    def square(data: bytes) -> None:
        if seed == b"x" or data.count(b"text") == 1:
            burn(0.002 * (len(data) / bounds.LONG) ** 2)

    with pytest.raises(AssertionError, match="bytes take more than their share"):
        bounds.grown(square, seed, always=True)


def test_a_step_is_no_square(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "LEAST", 0.001)

    def step(data: bytes) -> None:
        burn(0.02 if len(data) > 2 * bounds.LONG else 0.0)

    bounds.grown(step, b"x", always=True)


def test_a_promise_that_is_broken_is_noticed() -> None:
    class Lost(Exception):
        """Not one of the errors that are declared."""

    def forgets(data: bytes) -> None:
        raise Lost(data)

    with pytest.raises(Lost):
        bounds.grown(forgets, b"x", always=True)


def test_bytes_make_documents_of_every_kind() -> None:
    made = [documents.made(bytes([first, 7, *range(40, 250, 3)]), ("a", "b", "c")) for first in range(256)]
    assert {type(value) for value in made} >= {dict, list, str, float, int, bool, type(None)}
    assert documents.made(b"", ("a",)) == {}
