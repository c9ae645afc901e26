"""Which pull request is meant, who asks, and where its change and its settings are read."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from desk import Desk, states
from processes import repository
from risky import bad, opened

from reviewer import settings
from reviewer.commands import hub, target
from reviewer.errors import Misuse
from reviewer.sources.git import Repository
from reviewer.sources.pull import PullSource

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONFIG = ".github/reviewer.toml"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    with opened(tmp_path / "shop") as made, ExitStack() as stack:
        yield Desk(made, monkeypatch, capsys, stack)


GHES = {"GITHUB_API_URL": "https://git.corp.example/api/v3"}


@pytest.mark.parametrize(
    ("variables", "written"),
    [
        ({}, "octo/shop#12"),
        ({}, "https://github.com/octo/shop/pull/12"),
        ({}, "http://github.com/octo/shop/pull/12/files#diff-1"),
        (GHES, "octo/shop#12"),
        (GHES, "https://git.corp.example/octo/shop/pull/12?w=1"),
        ({**GHES, "GITHUB_SERVER_URL": "https://code.corp.example:8443"}, "https://code.corp.example:8443/octo/shop/pull/12"),
        ({"GITHUB_SERVER_URL": "https://github.com"}, "https://github.com/octo/shop/pull/12"),
    ],
)  # fmt: skip
def test_a_pull_request_by_name_or_address(
    variables: dict[str, str], written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert target.pull(written) == ("octo/shop", 12)


@pytest.mark.parametrize(
    "written", ["", "main...HEAD", "octo/shop", "octo/shop#0", "shop#1", "a/b/c#1", "octo/shop#1x"]
)
def test_anything_else_is_no_pull_request(written: str) -> None:
    assert target.pull(written) is None


@pytest.mark.parametrize(
    ("variables", "written", "message"),
    [
        ({}, "https://git.corp.example/octo/shop/pull/1", "is not at github.com: set GITHUB_API_URL"),
        (GHES, "https://github.com/octo/shop/pull/1", "is not at git.corp.example: set GITHUB_API_URL"),
        ({}, "https://github.com/octo/shop/issues/1", "is no address of a pull request, like"),
    ],
)
def test_an_address_elsewhere_says_what_to_set(
    variables: dict[str, str], written: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Misuse, match=message):
        target.pull(written)


@pytest.mark.parametrize(
    "variables",
    [
        {"REVIEWER_GITHUB_TOKEN": "ours", "GITHUB_TOKEN": "another", "GH_TOKEN": "a third"},
        {"REVIEWER_GITHUB_TOKEN": "", "GITHUB_TOKEN": "ours", "GH_TOKEN": "another"},
        {"GITHUB_TOKEN": "", "GH_TOKEN": "ours"},
    ],
)
def test_the_token_named_first_speaks(desk: Desk, variables: dict[str, str]) -> None:
    desk.monkeypatch.delenv("GITHUB_TOKEN")
    for name, value in variables.items():
        desk.monkeypatch.setenv(name, desk.hub.token if value == "ours" else value)
    desk.review("--post", "--deadline", "30")
    assert {each.login for each in desk.hub.fake.traffic} == {"github-actions[bot]"}


def test_no_token_is_a_mistake(desk: Desk) -> None:
    desk.monkeypatch.setenv("GITHUB_TOKEN", "")
    with pytest.raises(Misuse, match="set GITHUB_TOKEN"):
        desk.review()
    assert desk.hub.fake.traffic == []


def test_a_deadline_counts_for_github_too(desk: Desk) -> None:
    _, operator = settings.load({"deadline": 30}, {}, settings.REPOSITORY_FILE)
    with hub.open_client(operator) as client:
        desk.hub.fake.fail(lambda _: True, 429, headers={"Retry-After": "31"}, body={"message": "slowly"})
        with pytest.raises(Exception, match="longer than this run may"):
            client.rest("GET", "/repos/octo/shop")
    assert desk.hub.clock.slept == []
    desk.hub.fake.forget_traffic()


@pytest.mark.parametrize("place", ["checkout", "folder in it", "nowhere", "another repository", "no git"])
def test_the_change_is_read_where_it_is(desk: Desk, tmp_path: Path, place: str) -> None:
    folder = {
        "checkout": desk.hub.root, "folder in it": desk.hub.root / "shop", "nowhere": tmp_path,
        "another repository": tmp_path / "other", "no git": desk.hub.root,
    }[place]  # fmt: skip
    folder.mkdir(exist_ok=True)
    if place == "another repository":
        repository(folder, {"a.py": "a\n"})
    request, client = desk.hub.read(), desk.hub.client()
    with desk.monkeypatch.context() as patch:
        if place == "no git":
            patch.setenv("PATH", str(tmp_path))
            assert shutil.which("git") is None
        source = hub.source(client, request, folder)
    desk.stack.callback(source.close)
    assert isinstance(source, Repository if place in ("checkout", "folder in it") else PullSource)
    assert [file.path for file in source.change().files] == ["shop/part0.py", "shop/part1.py"]


@pytest.mark.parametrize("place", ["checkout", "elsewhere"])
def test_the_settings_are_the_bases(desk: Desk, tmp_path: Path, place: str) -> None:
    if place == "elsewhere":
        desk.sit(tmp_path)
    assert desk.review()["policy_source"] == "defaults"
    base = desk.hub.commit({CONFIG: 'ignore = ["shop/part0.py"]\n'}, "main")
    desk.hub.commit({CONFIG: "this is no TOML", "shop/part2.py": bad(2)}, "topic")
    report = desk.review()
    assert report["policy_source"] == f"{CONFIG} at {base[:12]}"
    assert states(report) == [(CONFIG, "new"), ("shop/part1.py", "new"), ("shop/part2.py", "new")]


@pytest.mark.parametrize("place", ["checkout", "elsewhere"])
def test_settings_that_are_none_stop_the_review(desk: Desk, tmp_path: Path, place: str) -> None:
    if place == "elsewhere":
        desk.sit(tmp_path)
    desk.hub.commit({CONFIG: "colour = 'red'\n"}, "main")
    with pytest.raises(Misuse, match=r"reviewer\.toml"):
        desk.review("--post")
    assert desk.server.requests == []
