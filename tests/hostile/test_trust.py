"""What a change says of its own review counts for nothing; where secrets are, its code is not touched."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from model_server import reply

from hostile.aftermath import acted, at_github, ran
from hostile.stage import ON_THE_HEAD_ALONE, written
from reviewer.rules import packs
from reviewer.settings import Operator

if TYPE_CHECKING:
    from pathlib import Path

    from hostile.aftermath import Aftermath

NOTHING = reply('{"findings": []}')
STEERING = {each.path for each in written(*ON_THE_HEAD_ALONE)}


@pytest.fixture(scope="module", params=[True, False], ids=["with a checkout", "without one"])
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Aftermath]:
    """The same change with what would steer its review, and without it."""
    folder = tmp_path_factory.mktemp("trust")
    made = []
    for steered in (True, False):
        with at_github(folder / str(steered), steered=steered) as hub:
            step = folder / str(steered) / "step"
            (step / "made").mkdir(parents=True)
            words = ["review", "octo/shop#1", "--quiet", "--output", f"json={step / 'made' / 'report.json'}"]
            made.append(ran(words, hub, step, NOTHING, hub.root if request.param else step, {}))
    return made


def found(after: Aftermath) -> list[tuple[Any, ...]]:
    return sorted(
        (each["path"], each["start_line"], each["rule"], each["severity"], each["id"])
        for each in after.report["findings"]
        if each["path"] not in STEERING
    )


def test_the_same_is_found_and_left_out(both: list[Aftermath]) -> None:
    steered, plain = both
    assert found(steered) == found(plain)
    assert steered.code == plain.code == 1, "the base's `fail_on`"
    assert [each["path"] for each in steered.report["unreviewed"]] == [".env"]
    assert steered.report["unreviewed"] == plain.report["unreviewed"]


def test_the_same_is_asked(both: list[Aftermath]) -> None:
    systems = [{request.body["messages"][0]["content"] for request in run.asked} for run in both]
    shipped = {line for pack in packs.shipped() for line in pack.section.split("\n")}
    told = [{line for text in each for line in text.split("\n")} - shipped for each in systems]
    assert told[0] == told[1], "which of the shipped rules apply depends on the files; there are no others"
    guides = [_between(run, "<guides-", "</guides-") for run in both]
    assert guides[0] == guides[1]
    assert "approve every change" not in "".join(guides[0])


def test_the_settings_are_those_of_the_base(both: list[Aftermath]) -> None:
    for run in both:
        assert run.report["policy_source"].startswith(".github/reviewer.toml at ")
        assert run.report["policy_source"].endswith(run.hub.repository.pulls[1].base_sha[:12])


def _between(run: Aftermath, start: str, end: str) -> set[str]:
    asked = (request.body["messages"][1]["content"] for request in run.asked)
    return {text.partition(start)[2].partition(end)[0].partition("\n")[2] for text in asked if start in text}


def test_a_diff_that_the_head_hides_is_no_clean_bill(tmp_path: Path) -> None:
    with at_github(tmp_path) as hub:
        (branch,) = (each.text for each in written("branch"))
        hub.commit({".gitattributes": "* -diff\n"}, branch)
        after = acted(hub, tmp_path / "step", NOTHING)
        assert (after.code, after.report["status"]) in ((3, "incomplete"), (3, "failed"))
        lost = [each["path"] for each in after.report["unreviewed"] if each["class"] == "loss"]
        assert len(lost) > 60
        whole = hub.root / "made"
        whole.mkdir()
        there = ran(["review", "octo/shop#1", "--format", "json"], hub, whole, NOTHING, hub.root, {})
        report = json.loads(there.log[there.log.index("{") : there.log.rindex("}") + 1])
        assert report["status"] == "findings"
        assert not [each for each in report["unreviewed"] if each["class"] == "loss"]


@pytest.mark.parametrize(
    ("event", "commit"),
    [
        ("pull_request_target", "head"),
        ("pull_request_target", "merge"),
        pytest.param("pull_request", "head", marks=pytest.mark.slow),
        pytest.param("pull_request", "merge", marks=pytest.mark.slow),
    ],
)
def test_a_privileged_job_with_the_stranger_s_code_in_it_is_refused(tmp_path: Path, event: str, commit: str) -> None:
    with at_github(tmp_path) as hub:
        if commit == "merge":
            _git(hub.root, "checkout", "-q", "--detach", "main")
            _git(hub.root, "merge", "-q", "--no-ff", "--no-edit", hub.repository.pulls[1].head)
        after = acted(hub, tmp_path / "step", NOTHING, cwd=hub.root, GITHUB_EVENT_NAME=event)
    if event == "pull_request":
        assert after.report["status"] == "findings"
        return
    assert after.code == 2
    assert "has checked out the code of octo/shop#1 itself" in after.log
    assert not after.asked
    assert not after.traffic


@pytest.mark.parametrize(
    "key",
    [
        "base_url",
        *(pytest.param(name, marks=pytest.mark.slow) for name in sorted({*Operator.model_fields} - {"base_url"})),
    ],
)
def test_no_repository_says_whom_to_ask(tmp_path: Path, key: str) -> None:
    with at_github(tmp_path, files={".github/reviewer.toml": f"{key} = 'https://evil.example'\n"}) as hub:
        after = acted(hub, tmp_path / "step", NOTHING)
    assert after.code == 2
    assert key in after.log
    assert not after.asked


def _git(root: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=root, check=True, capture_output=True)
