"""How long and how often something is looked for whose answer got lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import hub as hubs
import pytest

from reviewer.github import attempts
from reviewer.github.failures import GitHubError

if TYPE_CHECKING:
    from pathlib import Path

LOST = GitHubError("no answer", status=502, kind="server")


class Shelf:
    """Stores what is written, or not; what is stored shows after `lag` seconds. The answer always gets lost."""

    def __init__(self, *, lag: float, time: float = 100.0, stores: bool = True) -> None:
        self.lag, self.time, self.stores = lag, time, stores
        self.written: list[float] = []
        self.waited: list[float] = []

    def write(self) -> str:
        self.written.append(sum(self.waited))
        raise LOST

    def stored(self) -> str | None:
        is_there = self.stores and sum(self.waited) - self.written[0] >= self.lag
        return "there" if is_there else None

    def settle(self, pause: float) -> bool:
        if sum(self.waited) + pause > self.time:
            return False
        self.waited.append(pause)
        return True

    def put(self) -> str:
        return attempts.once(self.write, self.stored, is_late=lambda: False, settle=self.settle)


@pytest.mark.parametrize(("lag", "waited"), [(0.0, [2]), (2.0, [2]), (3.0, [2, 4]), (6.0, [2, 4]), (13.0, [2, 4, 8])])
def test_what_shows_late_is_not_written_again(lag: float, waited: list[float]) -> None:
    shelf = Shelf(lag=lag)
    assert shelf.put() == "there"
    assert (len(shelf.written), shelf.waited) == (1, waited)


def test_what_is_not_stored_is_written_again_and_looked_for_with_less_patience() -> None:
    shelf = Shelf(lag=0, stores=False)
    with pytest.raises(GitHubError):
        shelf.put()
    assert (len(shelf.written), shelf.waited) == (attempts.MOST, [2, 4, 8, 2, 2])


@pytest.mark.parametrize(("time", "waited"), [(1.0, []), (3.0, [2]), (10.0, [2, 4])])
def test_without_the_time_to_look_it_is_not_written_again(time: float, waited: list[float]) -> None:
    shelf = Shelf(lag=50, time=time)
    with pytest.raises(GitHubError):
        shelf.put()
    assert (len(shelf.written), shelf.waited) == (1, waited)


def test_there_is_always_time_for_one_look() -> None:
    shelf = Shelf(lag=0, time=0)
    assert (shelf.put(), shelf.waited) == ("there", [])


def test_a_client_settles_within_its_deadline(tmp_path: Path) -> None:
    with hubs.opened(tmp_path / "shop") as hub:
        client = hub.client(deadline=hub.clock() + 7)
        assert [client.settle(pause) for pause in (2, 4, 8)] == [True, True, False]
        assert hub.clock.slept == [2, 4]
