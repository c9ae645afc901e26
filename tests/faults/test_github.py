"""GitHub's bad days: each row of github.toml, as a process, and the review after it.

What is proven elsewhere is not here again. `test_action_end_to_end.py`: a secondary limit that is waited for; a review
and a summary that are stored while the answer is 502 or missing; 502 to every review; one comment of several refused; a
head that moves and a pull request that is closed while the model reads; a token that may only read.
`test_pull_end_to_end.py`: no such pull request; no token. `commands/test_pull.py`: the deadline; a newer review; a head
that moves while it is read; the rights of people that cannot be had. `github/`: the client and the posting by
themselves, circles of redirects, waits by every header, bisection, annotations in batches.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from fake_github import FakeGitHub
from model_server import ModelServer
from processes import asking
from risky import TARGET, about, bad, connection, opened, posted

from faults.github_day import Row, table
from reviewer.commands import hub as github
from reviewer.commands import review

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hub import Hub
    from model_server import Answer
    from processes import Done
    from warm import Warm

KEY = "sk-reviewer-test-0123456789"
BOTH = ("shop/part0.py", "shop/part1.py")
WORDS = ("--post", "--format", "json", "--quiet", "--fail-on", "high")
ROWS = table()
SCHEMA = json.loads(
    (Path(review.__file__).parents[1] / "outputs" / "reviewer-1.schema.json").read_text(encoding="utf-8")
)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with opened(tmp_path / "shop") as made:
        made.repository.collaborator("alice", "write")
        yield made


class Days:
    """One bad day and the days around it, which differ in nothing but what GitHub does."""

    def __init__(self, hub: Hub, warm: Warm, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.hub, self._warm, self._patch, self._capsys = hub, warm, patch, capsys

    def bad(self, row: Row, folder: Path, variables: Mapping[str, str]) -> Done:
        """A process, in a folder that is no checkout."""
        token = self.hub.token
        if row.outsider:
            self.hub.repository.private = True
            token = self.hub.fake.token("github-actions[bot]", repositories=("octo/other",), pull_requests="write")
        given = {**variables, "GITHUB_TOKEN": token}
        return self._warm.run("review", row.target, *WORDS, *row.flags, cwd=folder, variables=given)

    def good(self, folder: Path, variables: Mapping[str, str]) -> tuple[int, Any]:
        """In this process, with a clock for which nobody waits; exit code, and the report if there is one."""
        clock = self.hub.clock
        self._patch.chdir(folder)
        self._patch.setattr(github, "time", SimpleNamespace(monotonic=clock, sleep=clock.sleep))
        for name, value in variables.items():
            self._patch.setenv(name, value)
        code = review.run([TARGET, *WORDS])
        told = self._capsys.readouterr().out
        return code, json.loads(told) if told else None


def test_the_table_is_in_order() -> None:
    names = [row.name for row in ROWS]
    assert len(names) == len(set(names)) >= 40
    assert [row.name for row in ROWS if row.exit not in (1, -9) and len(row.says) < 2] == [], "a cause, and a way out"


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_nothing_is_lost_and_nothing_is_said_twice(
    row: Row,
    hub: Hub,
    warm: Warm,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder, days = tmp_path / "elsewhere", Days(hub, warm, monkeypatch, capsys)
    folder.mkdir()

    def answer(body: Any, headers: Mapping[str, str]) -> Answer:
        happens.pop()()
        happens.append(lambda: None)
        return about(body, headers)

    happens: list[Any] = [lambda: None]
    with ModelServer(answer) as server, FakeGitHub() as other:
        variables = {**connection(hub), **asking(server.url)}
        if row.earlier:
            days.good(folder, variables)
            hub.commit({"shop/part2.py": bad(2)}, "topic")
        before = len(server.requests)
        happens[:] = [row.script(hub, other.api_url, warm.send)]
        done = days.bad(row, folder, variables)
        assert_as_the_row_says(row, done, hub)
        assert len(server.requests) - before == row.asked
        hub.fake.heal()
        code, report = days.good(folder, variables)
        assert_whole_again(row, code, report, hub)
        prompts = [json.dumps(body, sort_keys=True) for body in server.bodies]
        assert len(prompts) == len(set(prompts)), "what was answered is not asked again"
        assert other.traffic == []


def assert_as_the_row_says(row: Row, done: Done, hub: Hub) -> None:
    """Exit code, status, what stands on the pull request, and why: without a traceback, and without a token."""
    said = done.err
    if row.result is None:
        assert (done.out, said.count("\n")) == ("", int(row.exit != -9)), said
    else:
        report = done.report
        jsonschema.validate(report, SCHEMA)
        said += "\n".join(note["message"] for note in report["notes"])
        said += "\n".join(f"{each['reason']}: {each['detail']}" for each in report["unreviewed"])
        assert report["status"] == row.result, said
    assert done.code == row.exit, said
    assert [text for text in row.says if text not in said] == [], said
    assert_stands(hub, row.posted, row.summaries, row.checks)
    kept = [path.read_bytes() for path in Path(os.environ["HOME"]).rglob("*") if path.is_file()]
    for place in (done.out, done.err, *(each.decode("latin-1") for each in kept)):
        assert "Traceback" not in place
        assert hub.token not in place
        assert KEY not in place


def assert_whole_again(row: Row, code: int, report: Any, hub: Hub) -> None:
    """After a healthy run every comment stands once, whatever had been there."""
    then = (*BOTH, "shop/part2.py") if row.earlier and row.then is None else row.then
    assert (code, report and report["status"]) == (row.then_exit, "findings" if row.then_exit else None)
    assert_stands(hub, BOTH if then is None else then, 1, None)
    assert hub.fake.most_writers == 1


def assert_stands(hub: Hub, files: tuple[str, ...], summaries: int, checks: int | None) -> None:
    """`checks`: of the head; null: as many as there are."""
    pull = hub.repository.pulls[1]
    assert tuple(path for path, _ in posted(hub)) == files
    assert len([comment for comment in pull.comments if "<!-- reviewer:" in comment.body]) == summaries
    runs = [run for run in hub.repository.check_runs if run.head_sha == pull.head_sha]
    assert checks in (None, len(runs))
