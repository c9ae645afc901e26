"""The runs that many tests look at: each is made once a process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hostile.aftermath import acted, at_github, ran
from hostile.canaries import IN_THE_CHANGE
from hostile.obedient import Obedient

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hostile.aftermath import Aftermath


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile")


@pytest.fixture(scope="session")
def model() -> Obedient:
    return Obedient()


@pytest.fixture(scope="session")
def posted(folder: Path, model: Obedient) -> Iterator[Aftermath]:
    """With the right to write, no checkout."""
    with at_github(folder / "posted") as hub:
        yield acted(hub, folder / "posted" / "step", model)


@pytest.fixture(scope="session")
def forked(folder: Path) -> Iterator[Aftermath]:
    """From a fork, with a token that may only read, and a key all the same."""
    with at_github(folder / "forked", fork=True) as hub:
        token = hub.fake.token("github-actions[bot]", contents="read", pull_requests="read")
        yield acted(hub, folder / "forked" / "step", token=token)


@pytest.fixture(scope="session")
def local(folder: Path) -> Iterator[Aftermath]:
    """In a checkout of the head, with tools, a judge and every output there is."""
    with at_github(folder / "local") as hub:
        (folder / "local" / "secret.txt").write_text(IN_THE_CHANGE["credentials file"].value)
        (hub.root / "outside.py").symlink_to(folder / "local" / "secret.txt")
        step = folder / "local" / "step"
        (step / "made").mkdir(parents=True)
        names = ("json=report.json", "html=page.html", "sarif=a.sarif", "markdown=a.md", "annotations=a.log")
        outputs = [word for name in names for word in ("--output", name.replace("=", f"={step / 'made'}/"))]
        yield ran(
            ["review", "octo/shop#1", "--tools", "--passes", "2", *outputs],
            hub,
            step,
            Obedient(),
            hub.root,
            {"REVIEWER_VERIFY": "true", "REVIEWER_MAX_TOOL_CALLS": "20"},
        )


@pytest.fixture(params=["posted", "forked", "local"])
def after(request: pytest.FixtureRequest) -> Aftermath:
    found: Aftermath = request.getfixturevalue(request.param)
    return found
