"""From the third round of a pull request on, what is small is not brought up any more."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from desk import Desk
from model_server import Answer, reply
from risky import bad, opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    with opened(tmp_path / "shop") as hub, ExitStack() as stack:
        yield Desk(hub, monkeypatch, capsys, stack)


def small(body: Any, _: Mapping[str, str]) -> Answer:
    """A low finding in every file that is asked about."""
    text = body["messages"][-1]["content"].split("<change-")[-1]
    names = [line.split()[1] for line in text.split("\n") if line.startswith("## ")]
    finding = {"quote": "    return total", "title": "Named total", "body": "It is a part.", "severity": "low"}
    return reply(json.dumps({"findings": [{**finding, "path": name} for name in names]}))


def push(desk: Desk, n: int) -> Any:
    desk.hub.commit({f"shop/part{n}.py": bad(n)}, "topic")
    return desk.review("--post")


def raised(report: Any) -> list[str]:
    return [note["message"] for note in report["notes"] if note["code"] == "floor_raised"]


def test_the_third_round_raises_the_floor_and_says_so(desk: Desk) -> None:
    desk.ask(small)
    first = desk.review("--post")
    assert {finding["severity"] for finding in first["findings"]} == {"low"}
    assert raised(first) == []
    second = push(desk, 2)
    assert [f["path"] for f in second["findings"] if f["state"] == "new"] == ["shop/part2.py"]
    assert raised(second) == []
    third = push(desk, 3)
    assert [f["path"] for f in third["findings"] if f["state"] == "new"] == []
    assert len([f for f in third["findings"] if f["state"] == "open"]) == 3  # what was said stays said
    assert raised(third) == ["in round 3 new findings below medium are not shown (calm_after = 2)"]
    assert "below_severity" in [drop["reason"] for drop in third["dropped"]]
    bodies = " ".join(str(comment.body) for comment in desk.pull.comments)
    assert "in round 3 new findings below medium" in bodies
    again = desk.review("--post")
    assert raised(again) == raised(third)


def test_it_can_be_switched_off(desk: Desk) -> None:
    desk.ask(small)
    desk.review("--post", "--calm-after", "0")
    for n in (2, 3):
        desk.hub.commit({f"shop/part{n}.py": bad(n)}, "topic")
        report = desk.review("--post", "--calm-after", "0")
        assert [f["path"] for f in report["findings"] if f["state"] == "new"] == [f"shop/part{n}.py"]
        assert raised(report) == []
