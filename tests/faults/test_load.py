"""A large pull request while one request in twenty fails on both sides, and many reviews at once on one cache.

`make load RUNS=20 SHARE=5` repeats the first as often and prints a line a run: its seed, the faults met, how it ended,
the comments there were, and of it and of the healthy run after it exit code, seconds, seconds of the processor and MB.
"""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from fake_github import FakeGitHub
from hub import Hub
from model_server import ModelServer
from risky import bad

from faults import load
from faults.load import EXPECTED, Model, Weather

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

RUNS = int(os.environ.get("LOAD_RUNS", "2"))
ROUND = 100
"""Seconds that a run may take on a busy machine, beside the other."""
AT_ONCE = 8


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with load.opened(tmp_path / "shop") as made:
        yield made


@pytest.mark.slow
@pytest.mark.timeout(3 * ROUND)
@pytest.mark.parametrize("seed", range(1, RUNS + 1))
def test_nothing_is_lost_in_bad_weather(
    seed: int, hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weather = Weather(seed)
    model, pull = Model(weather), hub.repository.pulls[1]
    with ModelServer(model) as server:
        weather.over(hub)
        stormy = load.run(hub, server, tmp_path / "stormy")
        how = load.assert_honest(stormy.done, hub.token)
        load.assert_once(pull, (0, 1))
        said = sum(load.places(pull).values())
        hub.fake.heal()
        weather.fair = True
        calm = load.run(hub, server, tmp_path / "calm")
    assert (load.assert_honest(calm.done, hub.token), calm.done.code) == ("complete", 1), calm.done.err
    assert load.places(pull) == dict.fromkeys(EXPECTED.items(), 1)
    load.assert_once(pull, (1,))
    assert set(model.answered.values()) <= {0, 1}, "what was answered is not asked again"
    if "LOAD_RUNS" in os.environ:
        with capsys.disabled():
            print(_line(seed, weather, how, said, stormy, calm))  # noqa: T201 - a person asked for it


@dataclass(frozen=True)
class Crowd:
    """Pull requests that differ, but for the last two, which say the same."""

    hub: Hub
    folder: Path

    def __post_init__(self) -> None:
        self.hub.commit({"README.md": "# Many\n"}, "main")
        for number in range(AT_ONCE):
            which = min(number, AT_ONCE - 2)
            self.hub.git("checkout", "-q", "main")
            self.hub.commit({f"shop{which}/part{n}.py": bad(which, FILLER) for n in range(3)}, f"topic{number}")
            self.hub.repository.open_pull(base="main", head=f"topic{number}", author="mallory", title=f"Change {which}")

    def reviewed(self, server: ModelServer, numbers: Sequence[int], *flags: str) -> list[Any]:
        """All at once on one cache; the reports, each with its own findings and nobody else's."""
        cache = ("--cache-dir", str(self.folder / "cache"), "--chunk-tokens", "500", *flags)
        begun = [
            load.started(self.hub, server, self.folder / f"{len(flags)}{number}", f"octo/shop#{number + 1}", *cache)
            for number in numbers
        ]
        runs = [load.ended(each) for each in begun]
        assert [(run.done.code, run.done.err) for run in runs] == [(1, "")] * len(numbers)
        reports = [run.done.report for run in runs]
        for number, report in zip(numbers, reports, strict=True):
            assert report["status"] == "findings"
            assert sorted((each["path"], each["start_line"]) for each in report["findings"]) == places(number)
        return reports

    def assert_said_once(self) -> None:
        for number, pull in enumerate(self.hub.repository.pulls.values()):
            assert load.places(pull) == dict.fromkeys(places(number), 1)
            assert len(pull.comments) == 1


FILLER = "".join(f"    value_{n} = compute({n}, 'some text to fill the line with')\n" for n in range(30))


def places(number: int) -> list[tuple[str, int]]:
    """Where the findings on a pull request of the crowd belong."""
    return [(f"shop{min(number, AT_ONCE - 2)}/part{n}.py", 2) for n in range(3)]


@pytest.mark.slow
@pytest.mark.timeout(2 * ROUND)
def test_many_reviews_at_once_on_one_cache(tmp_path: Path) -> None:
    model = Model(Weather(0, fair=True))
    with FakeGitHub() as fake, ModelServer(model) as server:
        crowd = Crowd(Hub(fake, tmp_path / "shop"), tmp_path)
        reports = crowd.reviewed(server, range(AT_ONCE))
        crowd.assert_said_once()
        asked = Counter(model.asked)
        assert [report["usage"]["cached_calls"] for report in reports[: AT_ONCE - 2]] == [0] * (AT_ONCE - 2)
        twins = [question for question in asked if f"shop{AT_ONCE - 2}/" in question]
        alone = [question for question in asked if question not in twins]
        assert {asked[question] for question in alone} == {1}
        assert sum(report["usage"]["calls"] for report in reports[: AT_ONCE - 2]) == len(alone)
        assert {asked[question] for question in twins} <= {1, 2}, "two at once may both ask"
        (file,) = (tmp_path / "cache").glob("replies-*.sqlite")
        with closing(sqlite3.connect(file)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert database.execute("SELECT COUNT(*) FROM replies").fetchall() == [(len(asked),)]
        again = crowd.reviewed(server, (0, AT_ONCE - 1), "--full")
        crowd.assert_said_once()
        assert [report["usage"]["calls"] for report in again] == [0, 0]
        assert model.asked == asked, "nobody was asked twice"


def _line(seed: int, weather: Weather, how: str, said: int, stormy: load.Run, calm: load.Run) -> str:
    took = " ".join(
        f"| {each.done.code} | {each.seconds:.1f} | {each.processor:.1f} | {each.memory:.0f}" for each in (stormy, calm)
    )
    return f"| {seed} | {sum(weather.struck.values())} | {how} | {said} {took} | {dict(weather.struck)}"
