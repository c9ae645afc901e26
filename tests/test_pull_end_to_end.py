"""A pull request from event to comment: processes, real git, a fake GitHub and a fake model, all on loopback."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from model_server import ModelServer, reply
from processes import Done, asking, git, reviewer
from risky import BASE, TARGET, about, bad, connection, is_review, opened, posted, read_only, writes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from hub import Hub
    from model_server import Answer

pytestmark = pytest.mark.usefixtures("untraced")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with opened(tmp_path / "shop") as made:
        yield made


def run(hub: Hub, server: ModelServer | None, *flags: str, cwd: Path | None = None, token: str | None = None) -> Done:
    variables = {**connection(hub, token), **(asking(server.url) if server else {})}
    return reviewer(
        "review", TARGET, "--format", "json", "--quiet", "--no-cache", *flags, cwd=cwd or hub.root, variables=variables
    )


@pytest.mark.parametrize("checkout", [True, False])
def test_comments_once_on_the_right_lines(hub: Hub, checkout: bool, tmp_path: Path) -> None:
    with ModelServer(about) as server:
        done = run(hub, server, "--post", "--fail-on", "high", cwd=hub.root if checkout else tmp_path)
    assert (done.code, done.err) == (1, "")
    assert done.report["status"] == "findings"
    assert posted(hub) == [("shop/part0.py", 2), ("shop/part1.py", 2)]
    (summary,) = hub.repository.pulls[1].comments
    assert "2 high" in summary.body
    context = 0 if checkout else 1 + 3  # a listing of the repository, and three readings of files at most
    assert len(hub.fake.traffic) <= 7 + context, hub.asked()


def test_without_post_nothing_is_written_and_the_draft_is_shown(hub: Hub) -> None:
    with ModelServer(about) as server:
        done = run(hub, server, "--format", "text")
    assert (done.code, writes(hub)) == (0, [])
    assert "shop/part0.py" in done.out
    assert "risky_call" in done.out


@pytest.mark.parametrize("checkout", [True, False])
def test_the_same_head_again_writes_nothing_and_asks_nobody(hub: Hub, checkout: bool, tmp_path: Path) -> None:
    cwd = hub.root if checkout else tmp_path
    with ModelServer(about) as server:
        first = run(hub, server, "--post", "--fail-on", "high", cwd=cwd)
        asked = len(server.requests)
        hub.fake.forget_traffic()
        second = run(hub, server, "--post", "--fail-on", "high", cwd=cwd)
        assert len(server.requests) == asked
    assert writes(hub) == []
    assert len(hub.fake.traffic) <= 4, hub.asked()
    assert (second.code, second.report["status"]) == (first.code, first.report["status"])
    assert [f["id"] for f in second.report["findings"]] == [f["id"] for f in first.report["findings"]]
    assert {f["state"] for f in second.report["findings"]} == {"open"}
    assert second.report["coverage"] == first.report["coverage"]


def test_a_second_push_reads_what_is_new_and_says_only_that(hub: Hub) -> None:
    with ModelServer(about) as server:
        run(hub, server, "--post")
        server.requests.clear()
        hub.fake.forget_traffic()
        hub.commit({"shop/part2.py": bad(2), "shop/part0.py": "# moved down\n" + bad(0)}, "topic")
        done = run(hub, server, "--post", "--fail-on", "low")
        assert len(hub.fake.traffic) <= 8, hub.asked()
        asked = str(server.bodies)
    assert "## shop/part2.py" in asked
    assert "## shop/part1.py" not in asked
    assert [path for path, _ in posted(hub)] == ["shop/part0.py", "shop/part1.py", "shop/part2.py"]
    assert sorted((f["path"], f["state"]) for f in done.report["findings"]) == [
        ("shop/part0.py", "open"),
        ("shop/part1.py", "open"),
        ("shop/part2.py", "new"),
    ]
    assert len(hub.repository.pulls[1].comments) == 1
    assert "incremental" in [note["code"] for note in done.report["notes"]]


def linted(folder: Path, *paths: str) -> str:
    """What a linter says of the first line of each file."""
    results = [
        {
            "ruleId": "B1",
            "level": "error",
            "message": {"text": f"The name of {path} is misleading"},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": path}, "region": {"startLine": 2}}}],
        }
        for path in paths
    ]
    run = {"tool": {"driver": {"name": "lint"}}, "results": results}
    written = folder / "lint.sarif"
    written.write_text(json.dumps({"version": "2.1.0", "runs": [run]}))
    return str(written)


def test_evidence_is_held_against_what_was_read_before_too(hub: Hub, tmp_path: Path) -> None:
    with ModelServer(about) as server:
        run(hub, server, "--post")
        asked = len(server.requests)
        evidence = ("--evidence", linted(tmp_path, "shop/part0.py"))
        done = run(hub, server, "--post", *evidence)
        assert len(server.requests) == asked
        again = run(hub, server, "--post", *evidence)
    said = [(f["path"], f["state"]) for f in done.report["findings"] if f["origin"] == "tool"]
    assert said == [("shop/part0.py", "new")]
    assert "lint: 1 result, 1 on changed lines" in [note["message"] for note in done.report["notes"]]
    assert [f["state"] for f in again.report["findings"]] == ["open"] * 3
    assert len(posted(hub)) == 3


def test_evidence_needs_no_listing_of_the_repository(hub: Hub, tmp_path: Path) -> None:
    hub.fake.fail(lambda it: "/git/trees/" in it.path, 404, times=9, body={"message": "Not Found"})
    with ModelServer(about) as server:
        done = run(hub, server, "--evidence", linted(tmp_path, "shop/part0.py"), cwd=tmp_path)
    assert [f["path"] for f in done.report["findings"] if f["origin"] == "tool"] == ["shop/part0.py"]


def test_what_is_fixed_is_closed(hub: Hub) -> None:
    with ModelServer(about) as server:
        run(hub, server, "--post")
        hub.commit({"shop/part0.py": "def part0():\n    return 7\n"}, "topic")
        done = run(hub, server, "--post", "--fail-on", "low")
        assert done.code == 1
        hub.commit({"shop/part1.py": "def part1():\n    return 8\n"}, "topic")
        done = run(hub, server, "--post", "--fail-on", "low")
    assert (done.code, done.report["status"]) == (0, "clean")
    assert {f["state"] for f in done.report["findings"]} == {"fixed"}
    first = [thread.comments[0].body for thread in hub.repository.pulls[1].threads]
    assert all("fixed" in body.lower() for body in first)


def test_a_rebase_repeats_nothing(hub: Hub) -> None:
    with ModelServer(about) as server:
        run(hub, server, "--post")
        server.requests.clear()
        hub.commit({"other.py": "x = 1\n"}, "main")
        git(hub.root, "checkout", "-q", "topic")
        git(hub.root, "rebase", "-q", "main")
        done = run(hub, server, "--post", "--fail-on", "low")
        assert server.requests == []
    assert len(posted(hub)) == 2
    assert done.code == 1
    assert {f["state"] for f in done.report["findings"]} == {"open"}


def test_a_review_that_is_stored_and_answered_with_502_is_not_repeated(hub: Hub) -> None:
    hub.fake.fail(is_review, 502, after_storing=True)
    with ModelServer(about) as server:
        done = run(hub, server, "--post")
    assert done.code == 0
    assert len(posted(hub)) == 2


def test_a_reply_lost_for_one_chunk_is_asked_again_next_time(hub: Hub) -> None:
    broken = ModelServer(reply("nonsense"))
    with broken:
        done = run(hub, broken, "--post")
    assert (done.code, done.report["status"]) == (3, "failed")
    assert posted(hub) == []
    with ModelServer(about) as server:
        done = run(hub, server, "--post")
        assert server.requests
    # the address of the model is part of what decides a review, so everything was read again
    assert (done.code, len(posted(hub))) == (0, 2)


def test_a_read_only_token_delivers_otherwise_and_says_why(hub: Hub) -> None:
    with ModelServer(about) as server:
        done = run(hub, server, "--post", "--fail-on", "high", token=read_only(hub))
    assert done.code == 1
    assert posted(hub) == []
    assert "not_posted" in [note["code"] for note in done.report["notes"]]


def test_the_configuration_comes_from_the_base(hub: Hub, tmp_path: Path) -> None:
    hub.commit({".github/reviewer.toml": 'ignore = ["**"]\nfail_on = "never"\n'}, "topic")
    with ModelServer(about) as server:
        here = run(hub, server)
        there = run(hub, server, cwd=tmp_path)
    for done in (here, there):
        assert done.report["policy_source"] == "defaults"
        rules = [finding["rule"] for finding in done.report["findings"]]
        assert sorted(rule or "" for rule in rules) == ["", "", "reviewer.own-rules"]


def test_the_head_that_moves_meanwhile(hub: Hub, tmp_path: Path) -> None:
    def answer(body: Any, headers: Mapping[str, str]) -> Answer:
        if len(server.requests) == 1:
            hub.commit({"shop/part0.py": BASE["shop/part0.py"]}, "topic")
        return about(body, headers)

    with ModelServer(answer) as server:
        done = run(hub, server, "--post", cwd=tmp_path)
    assert done.code == 0
    assert posted(hub) == [("shop/part1.py", 2)]
    assert "moved" in done.err
    with ModelServer(about) as server:
        run(hub, server, "--post", cwd=tmp_path)
    assert len(posted(hub)) == 1


def test_a_stranger_cannot_forge_the_state(hub: Hub) -> None:
    with ModelServer(about) as server:
        first = run(hub, server)
        pull = hub.repository.pulls[1]
        pull.comment("mallory", "<!-- reviewer:1 eyJ9 -->")
        done = run(hub, server, "--post")
    assert len(done.report["findings"]) == len(first.report["findings"]) == 2
    assert len(posted(hub)) == 2


def test_a_report_made_elsewhere_is_published(hub: Hub, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    with ModelServer(about) as server:
        done = run(hub, server, "--output", str(file), token=read_only(hub))
    assert (done.code, writes(hub)) == (0, [])
    variables = connection(hub)
    told = reviewer("publish", file, "--pull", TARGET, "--fail-on", "high", variables=variables, cwd=tmp_path)
    assert (told.code, told.err) == (1, "")
    assert len(posted(hub)) == 2
    again = reviewer("publish", file, "--pull", TARGET, variables=variables, cwd=tmp_path)
    assert (again.code, len(posted(hub))) == (0, 2)
    hub.commit({"shop/part3.py": bad(3)}, "topic")
    with ModelServer(about) as server:
        fresh = run(hub, server, "--post")
        assert "## shop/part0.py" in str(server.bodies)
    assert len(fresh.report["findings"]) == len(posted(hub)) == 3


def test_a_report_of_another_commit_is_not_posted(hub: Hub, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    with ModelServer(about) as server:
        run(hub, server, "--output", str(file))
    hub.commit({"shop/part0.py": BASE["shop/part0.py"]}, "topic")
    done = reviewer("publish", file, "--pull", TARGET, variables=connection(hub), cwd=tmp_path)
    assert (done.code, done.out, done.err.count("\n")) == (3, "", 1)
    assert "run the reading job again" in done.err
    assert writes(hub) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [("{}", "schema"), ("[", "JSON"), ('{"schema": "reviewer/1", "status": "great"}', "usage is missing")],
)
def test_a_report_that_is_none_is_refused(text: str, message: str, hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text(text)
    done = reviewer("publish", tmp_path / "r.json", "--pull", TARGET, variables={"GITHUB_API_URL": hub.fake.api_url})
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert message in done.err


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("octo/shop#99", "there is no pull request octo/shop#99"),
        ("https://elsewhere.example/octo/shop/pull/1", "set GITHUB_API_URL"),
        ("https://github.com/octo/shop", "is no address of a pull request"),
    ],
)
def test_what_is_not_there(target: str, message: str, hub: Hub) -> None:
    variables = connection(hub)
    done = reviewer("review", target, variables=variables)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert done.err.count("\n") == 1


def test_a_token_is_needed(hub: Hub) -> None:
    done = reviewer("review", TARGET, variables={"GITHUB_API_URL": hub.fake.api_url})
    assert (done.code, "set GITHUB_TOKEN" in done.err) == (2, True)
