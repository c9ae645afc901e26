"""A large pull request while one request in twenty fails on both sides, and many reviews at once on one cache.

`make load RUNS=20` repeats the first as often and tells what came of each run; the seed of a run is its number.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from fake_github import FakeGitHub
from hub import Hub
from model_server import ModelServer
from risky import about, bad

from faults import load
from faults.load import EXPECTED, Model, Weather

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from model_server import Answer

RUNS = int(os.environ.get("LOAD_RUNS", "1"))
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
    if RUNS > 1:
        with capsys.disabled():
            print(_line(seed, weather, how, said, stormy, calm))  # noqa: T201 - a person asked for it


def _line(seed: int, weather: Weather, how: str, said: int, stormy: load.Run, calm: load.Run) -> str:
    took = " ".join(
        f"| {each.done.code} | {each.seconds:.1f} | {each.processor:.1f} | {each.memory:.0f}" for each in (stormy, calm)
    )
    return f"| {seed} | {sum(weather.struck.values())} | {how} | {said} {took} | {dict(weather.struck)}"
