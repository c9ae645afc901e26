"""The check run: annotations in batches that add up, and never a reason to fail."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import publishing
import pytest
from conversations import STATE, drafted, finding, found
from publishing import PATH, to

from reviewer.github.checkrun import BATCH, Run, runs
from reviewer.github.conclusion import Annotation, bears_out, identified
from reviewer.github.failures import GitHubError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from publishing import Desk

    from reviewer.github.draft import Draft

MANY = tuple(Annotation(PATH, n, n, "warning", f"title {n}", "words") for n in range(1, 2 * BATCH + 21))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with publishing.opened(tmp_path / "shop") as desk:
        yield desk


def with_many(draft: Draft) -> Draft:
    return replace(draft, check=replace(draft.check, annotations=MANY))


def shown(desk: Desk) -> list[int]:
    (check,) = desk.hub.repository.check_runs
    return [each["start_line"] for each in check.annotations]


def test_annotations_come_in_batches(desk: Desk) -> None:
    published = desk.review(finding(1), change=with_many)
    assert shown(desk) == [each.start_line for each in MANY]
    sent = [
        len(each.body["output"].get("annotations", ()))
        for each in desk.hub.fake.traffic
        if each.is_write and "check-runs" in each.path
    ]
    assert sent == [BATCH, BATCH, 20]
    assert published.notes == ()
    desk.hub.fake.assert_conforming()


def test_without_annotations_the_run_has_its_title(desk: Desk) -> None:
    desk.review()
    (check,) = desk.hub.repository.check_runs
    assert (check.status, check.conclusion, check.output["title"]) == ("completed", "success", "No findings")
    assert check.annotations == []


def test_a_batch_whose_answer_got_lost_is_not_sent_twice(desk: Desk) -> None:
    desk.hub.fake.fail(lambda exchange: exchange.method == "PATCH", after_storing=True)
    published = desk.review(finding(1), change=with_many)
    assert shown(desk) == list(range(1, 2 * BATCH + 1))
    assert published.notes[0].startswith(f"the check run may lack {BATCH + 20} of its {len(MANY)} annotations (")


@pytest.mark.parametrize("body", [[], {}, {"id": "7"}, None])
def test_a_run_that_is_answered_with_something_else_is_looked_for(desk: Desk, body: Any) -> None:
    desk.hub.fake.fail(to("/check-runs"), 201, after_storing=True, body=json.dumps(body).encode())
    assert desk.review(finding(1)).notes == ()
    assert len(desk.hub.repository.check_runs) == 1


def test_a_run_that_cannot_be_made_is_noted(desk: Desk) -> None:
    desk.hub.fake.fail(to("/check-runs"), times=3)
    published = desk.review(finding(1))
    assert published.posted == 1
    assert published.notes[0].startswith("no check run (")


class Told:
    """A client that has one answer."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def rest(self, *_: Any, **__: Any) -> tuple[dict[str, str], Any]:
        return {}, self.answer


def run(number: Any, external_id: Any, name: str = "reviewer", slug: str | None = "github-actions") -> Any:
    return {"id": number, "external_id": external_id, "name": name, "app": slug and {"slug": slug}}


def test_of_the_checks_there_are_ours_count_the_newest_first() -> None:
    told = [
        run(1, "a"),
        run(3, "c", slug=None),
        run(2, "b"),
        run(9, "x", slug="another-app"),
        run(9, "x", name="build"),
        run(None, "x"),
        run(9, None),
        None,
        {},
    ]
    client: Any = Told({"total_count": len(told), "check_runs": told})
    found = runs(client, "octo/shop", "a" * 40, "github-actions[bot]")
    assert found == [Run(3, "c"), Run(2, "b"), Run(1, "a")]


@pytest.mark.parametrize("answer", [None, [], {}, {"check_runs": None}])
def test_an_answer_that_is_none_is_no_absence_of_checks(answer: Any) -> None:
    client: Any = Told(answer)
    with pytest.raises(GitHubError, match="check runs"):
        runs(client, "octo/shop", "a" * 40, "github-actions[bot]")


def test_a_commit_that_is_gone_has_no_checks(desk: Desk) -> None:
    assert runs(desk.hub.client(), "octo/shop", "e" * 40, "github-actions[bot]") == []


def test_a_check_bears_out_one_state_of_one_pull_request() -> None:
    made = identified(drafted(found(finding(1))).check, STATE, 12).external_id
    assert bears_out(made, STATE, 12)
    assert not bears_out(made, STATE, 13)
    assert not bears_out(made, replace(STATE, round=2), 12)
    assert not bears_out("", STATE, 12)
