"""An answer of GitHub's in which one thing is not what GitHub promises: a clear line or a whole review, never a bug."""

from __future__ import annotations

import copy
import random
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from desk import Desk
from risky import bad, opened, posted

from reviewer.errors import ReviewerError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from fake_github import Exchange
    from fake_github.answers import Answer

SAMPLE = 60
"""Of some 1 400 places: enough to meet each kind of answer."""
JUNK: tuple[Any, ...] = (None, [], {}, "x", -5, True)
ELSEWHERE = frozenset({"user", "_links", "app", "owner"})
"""What nobody reads."""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    with opened(tmp_path / "shop") as hub, ExitStack() as stack:
        hub.fake.limits.hourly = 100_000
        hub.repository.collaborator("alice", "write")
        (tmp_path / "elsewhere").mkdir()
        made = Desk(hub, monkeypatch, capsys, stack)
        made.sit(tmp_path / "elsewhere")
        made.code("--post")
        made.pull.threads[0].comments[0].react("alice", "-1")
        hub.commit({"shop/part2.py": bad(2)}, "topic")
        yield made


def places(body: Any, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in a JSON value, of a list the first one's."""
    yield above
    inside = body.items() if isinstance(body, dict) else list(enumerate(body))[:1] if isinstance(body, list) else ()
    for name, value in inside:
        if name not in ELSEWHERE and not str(name).endswith("url"):
            yield from places(value, (*above, name))


def spoilt(body: Any, place: Sequence[str | int], junk: Any) -> Any:
    """The body with the junk in that place."""
    if not place:
        return junk
    made = copy.deepcopy(body)
    inner = made
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = junk
    return made


@contextmanager
def taken_back(desk: Desk) -> Iterator[None]:
    """What is written inside is not there afterwards."""
    pull, runs = desk.pull, desk.hub.repository.check_runs
    lists: list[list[Any]] = [pull.all_threads, pull.all_reviews, pull.comments, runs]
    before, words = [list(each) for each in lists], [comment.body for comment in pull.comments]
    yield
    for there, was in zip(lists, before, strict=True):
        there[:] = was
    for comment, body in zip(pull.comments, words, strict=True):
        comment.body = body


@pytest.mark.slow
def test_whatever_is_wrong_with_an_answer_is_no_bug_of_ours(desk: Desk) -> None:
    with taken_back(desk):
        desk.code("--post")
        healthy = desk.hub.fake.traffic
    cases = [(at, place, junk) for at, each in enumerate(healthy) for place in places(each.response) for junk in JUNK]
    dice = random.Random(2026)  # noqa: S311 - it is to be repeatable
    for case in dice.sample(cases, SAMPLE):
        with taken_back(desk):
            asked: list[Exchange] = []
            _spoil(desk, asked, *case)
            with suppress(ReviewerError):  # anything else is a bug; `pytest -l` shows the case
                desk.code("--post")
            desk.hub.fake.heal()
            there = [path for path, _ in posted(desk.hub)]
            assert len(there) == len(set(there)), case


def _spoil(desk: Desk, asked: list[Exchange], at: int, place: tuple[str | int, ...], junk: Any) -> None:
    """The answer to request number `at`."""

    def when(exchange: Exchange) -> bool:
        asked.append(exchange)
        return len(asked) == at + 1

    def alter(answer: Answer) -> Answer:
        try:
            return replace(answer, body=spoilt(answer.body, place, junk))
        except (KeyError, IndexError, TypeError):  # it is another request this time
            return answer

    desk.hub.fake.spoil(when, alter)
