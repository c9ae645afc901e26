"""The check run: annotations in batches that add up, and never a reason to fail."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import publishing
import pytest
from conversations import finding
from publishing import PATH, to

from reviewer.github.checkrun import BATCH
from reviewer.github.conclusion import Annotation

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


def test_a_run_that_cannot_be_made_is_noted(desk: Desk) -> None:
    desk.hub.fake.fail(to("/check-runs"))
    published = desk.review(finding(1))
    assert published.posted == 1
    assert published.notes[0].startswith("no check run (")
