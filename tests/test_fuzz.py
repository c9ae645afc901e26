"""What `make fuzz` looks for holds of every file that it starts from: what it found becomes one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fuzz import answers, bodies, bounds, diffs, documents

if TYPE_CHECKING:
    from types import ModuleType

TARGETS = (diffs, answers, bodies)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.__name__)
def test_every_promise_holds_of_what_the_search_starts_from(target: ModuleType) -> None:
    seeds = list(target.seeds())
    assert len(seeds) > 50
    for seed in seeds:
        target.check(seed)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.__name__)
def test_a_long_one_takes_no_longer_than_its_length(target: ModuleType) -> None:
    for seed in (seed for number, seed in enumerate(target.seeds()) if number % 20 == 0):
        bounds.grown(target.read, seed, always=True)


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
