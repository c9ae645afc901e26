"""Runners that share a Redis, as their users run them: processes, a real Redis, a loopback model."""

from __future__ import annotations

import json
import os
import subprocess
from importlib.resources import files
from itertools import count
from typing import TYPE_CHECKING, Any

import jsonschema
from model_server import Answer, ModelServer, reply
from processes import Done, asking, command, many_files, reviewer
from redis_server import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from redis_server import RedisServer

SCHEMA = json.loads(files("reviewer.outputs").joinpath("reviewer-1.schema.json").read_text())
NOTHING = reply('{"findings": []}')


def at_once(runners: int, diff: Path, tmp_path: Path, environment: Mapping[str, str], *flags: str) -> list[Done]:
    """So many runners, each with a cache of its own."""
    words = command("review", diff, "--format", "json", "--chunk-tokens", "700", *flags)
    running = [
        subprocess.Popen(
            [*words, "--cache-dir", str(tmp_path / f"cache{number}")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        for number in range(runners)
    ]
    ended = [process.communicate(timeout=100) for process in running]
    return [Done(process.returncode, *said) for process, said in zip(running, ended, strict=True)]


def codes(report: Any) -> set[str]:
    jsonschema.validate(report, SCHEMA)
    return {note["code"] for note in report["notes"]}


def test_four_runners_and_one_rate(redis: RedisServer, tmp_path: Path) -> None:
    diff = many_files(tmp_path, 3)
    with ModelServer(NOTHING) as server:
        environment = asking(server.url, redis_url=redis.url, requests_per_minute="5", cache="false", deadline="12")
        runs = at_once(4, diff, tmp_path, environment)
        assert len(server.requests) == 5
    reports = [run.report for run in runs]
    assert sum(report["usage"]["calls"] for report in reports) == 5
    left = [each for report in reports for each in report["unreviewed"] if each["reason"] == "deadline"]
    assert len(left) == 4 * 3 - 5
    assert all("sharing_lost" not in codes(report) for report in reports)


def test_what_one_runner_paid_for_is_free_for_another(redis: RedisServer, tmp_path: Path) -> None:
    diff = many_files(tmp_path, 3)
    with ModelServer(NOTHING) as server:
        environment = asking(server.url, redis_url=redis.url)
        (first,) = at_once(1, diff, tmp_path / "one", environment)
        (second,) = at_once(1, diff, tmp_path / "two", environment)
        assert len(server.requests) == 3
    assert (first.report["usage"]["calls"], second.report["usage"]["calls"]) == (3, 0)
    assert "all_cached" in codes(second.report)


def test_killed_in_the_middle(redis: RedisServer, tmp_path: Path) -> None:
    asked = count(1)

    def answer(*_: Any) -> Answer:
        if next(asked) == 2:
            redis.kill()
        return NOTHING

    with ModelServer(answer) as server:
        environment = asking(server.url, redis_url=redis.url, requests_per_minute="100")
        run = reviewer(
            "review", many_files(tmp_path, 4), "--format", "json", "--chunk-tokens", "700", "--concurrency", "1",
            variables=environment,
        )  # fmt: skip
        assert len(server.requests) == 4
    assert (run.code, run.report["status"]) == (0, "clean")
    assert "sharing_lost" in codes(run.report)
    assert [note["code"] for note in run.report["notes"]].count("sharing_lost") == 1
    assert PASSWORD not in run.out + run.err


def test_an_address_that_is_none_is_wrong_usage(tmp_path: Path) -> None:
    environment = asking("http://127.0.0.1:1", redis_url=f"http://:{PASSWORD}@127.0.0.1")
    run = reviewer("review", many_files(tmp_path, 1), variables=environment)
    assert run.code == 2
    assert "REVIEWER_REDIS_URL is no address of a Redis" in run.err
    assert PASSWORD not in run.out + run.err
