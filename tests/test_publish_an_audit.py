"""Shards on many machines, one report, one issue: `audit --shard`, `merge`, `publish --repository`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import hub as hubs
import pytest
from processes import Done, reviewer
from reports import CLEAN
from risky import connection
from ruamel.yaml import YAML
from test_schedule_end_to_end import FINE, STOP, SWALLOW, alerts, audited, job, notices, the_issue, token, written

from reviewer.commands import audit, merge, publish
from reviewer.outputs import json as as_json
from reviewer.outputs.look import Look

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fake_github.answers import Answer
    from hub import Hub
    from jobs import Job

__all__ = ["job"]  # a fixture

pytestmark = pytest.mark.usefixtures("untraced")
COUNT = 4
ROOT = Path(__file__).parent.parent


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with hubs.opened(tmp_path / "shop") as made:
        made.token = token(made)
        made.commit({f"shop/part{n}.py": STOP if n % 2 else FINE for n in range(8)}, "main")
        yield made
        if made.fake.traffic:
            made.fake.assert_conforming()


def shards(hub: Hub, folder: Path) -> list[Path]:
    """Of machines that may not write."""
    made = [folder / f"{number}.json" for number in range(1, COUNT + 1)]
    for number, path in enumerate(made, 1):
        words = ("--no-model", "--quiet", "--shard", f"{number}/{COUNT}", "--output", str(path))
        assert audit.run([str(hub.root), *words]) == 0
        assert json.loads(path.read_text())["coverage"]["files"] < 8
    return made


def merged(folder: Path, *parts: Path) -> Path:
    whole = folder / "whole.json"
    merge.run([*map(str, parts), "--group", "--allow-incomplete", "--output", str(whole)])
    return whole


def published(hub: Hub, report: Path, *words: str, **variables: str) -> Done:
    hub.fake.forget_traffic()
    given = {**connection(hub), **variables}
    return reviewer("publish", report, "--repository", "octo/shop", *words, cwd=hub.root.parent, variables=given)


def test_the_whole_of_the_shards_is_said_once(hub: Hub, tmp_path: Path) -> None:
    report = merged(tmp_path, *shards(hub, tmp_path))
    done = published(hub, report, "--fail-on", "high", "--output", str(tmp_path / "posted.sarif"))
    issue = the_issue(hub)
    assert (done.code, done.err) == (1, f"reviewer: the findings are in {hub.fake.url}/octo/shop/issues/1\n")
    assert all(f"shop/part{n}.py" in (issue.body or "") for n in (1, 3, 5, 7))
    arrived = hub.repository.sarifs[-1]
    assert (arrived["ref"], arrived["commit_sha"]) == ("refs/heads/main", hub.git("rev-parse", "HEAD"))
    assert json.loads((tmp_path / "posted.sarif").read_text()) == arrived["sarif"]
    assert published(hub, report).code == 0
    assert written(hub) == []


def test_what_an_audit_and_what_shards_say_is_one_issue(hub: Hub, job: Job, tmp_path: Path) -> None:
    assert audited(job).code == 1
    assert published(hub, merged(tmp_path, *shards(hub, tmp_path))).code == 0
    assert (written(hub), the_issue(hub).notes) == ([], [])
    hub.commit({f"shop/part{n}.py": FINE for n in range(8)})
    published(hub, merged(tmp_path, *shards(hub, tmp_path)))
    assert (the_issue(hub).state, alerts(hub)) == ("closed", [])
    hub.commit({"shop/part2.py": SWALLOW})
    published(hub, merged(tmp_path, *shards(hub, tmp_path)))
    assert (the_issue(hub).state, len(the_issue(hub).notes)) == ("open", 1)


def test_a_shard_that_failed_closes_nothing_and_takes_nothing_for_fixed(hub: Hub, tmp_path: Path) -> None:
    published(hub, merged(tmp_path, *shards(hub, tmp_path)))
    hub.commit({f"shop/part{n}.py": FINE for n in range(8)})
    parts = shards(hub, tmp_path)
    report = merged(tmp_path, *parts[:2], parts[3])
    assert json.loads(report.read_text())["status"] == "incomplete"
    uploads = len(hub.repository.sarifs)
    done = published(hub, report)
    assert (done.code, the_issue(hub).state, len(hub.repository.sarifs)) == (3, "open", uploads)
    assert "of 4 parts of the repository 3 is missing" in (the_issue(hub).body or "")
    assert "GitHub would take what this audit did not get to read for fixed" in " ".join(done.out.split())
    assert published(hub, report, "--allow-incomplete").code == 0


def test_the_action_publishes_what_a_job_without_the_right_to_write_made(hub: Hub, job: Job, tmp_path: Path) -> None:
    report = merged(tmp_path, *shards(hub, tmp_path))
    done = job.step("schedule", {"schedule": "17 4 * * 1"}, REVIEWER_PUBLISH=str(report))
    assert (done.code, done.outputs["status"], done.outputs["findings"]) == (1, "findings", "1"), done.log
    assert "| high |" in done.summary
    assert (the_issue(hub).state, done.annotations, notices(done)) == ("open", [], [])
    less = token(hub, security_events="read")
    other = job.step("workflow_dispatch", job.other("workflow_dispatch"), token=less, REVIEWER_PUBLISH=str(report))
    (said,) = notices(other)
    assert (other.code, "security-events: write" in said, other.annotations) == (1, True, [])


def merging(tmp_path: Path, **variables: str) -> Done:
    """The last step of the shipped workflow, as the runner does it."""
    jobs = YAML(typ="safe").load(ROOT / "examples" / "workflows" / "audit-org.yml")["jobs"]
    (step,) = (each for each in jobs["merge"]["steps"] if each.get("name") == "Merge and announce")
    path = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    given = {**os.environ, **path, "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"), **variables}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        check=False, capture_output=True, text=True, cwd=tmp_path, env=given,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)


def test_the_shipped_workflow_merges_and_announces_each_repository(hub: Hub, tmp_path: Path) -> None:
    for name in ("octo/shop", "octo/cart"):
        (tmp_path / "parts" / name).mkdir(parents=True)
        shards(hub, tmp_path / "parts" / name)
    quiet = merging(tmp_path, GITHUB_TOKEN="")
    assert (quiet.code, hub.repository.issues) == (0, {}), quiet.err
    assert "| high |" in (tmp_path / "summary").read_text()
    assert (tmp_path / "reports" / "octo" / "cart" / "report.html").is_file()
    odd = tmp_path / "parts" / "octo" / "cart" / "1.json"
    odd.write_text(odd.read_text().replace(hub.git("rev-parse", "HEAD"), "0" * 40))
    done = merging(tmp_path, **connection(hub))
    assert (done.code, the_issue(hub).state) == (1, "open"), "what failed for the one is said for the other"
    assert "merge only parts of one review" in done.err


def test_the_branch_is_the_one_of_the_workflow(hub: Hub, tmp_path: Path) -> None:
    report = merged(tmp_path, *shards(hub, tmp_path))
    ours = {"GITHUB_REPOSITORY": "octo/shop", "GITHUB_SHA": hub.git("rev-parse", "HEAD"), "GITHUB_REF": "refs/heads/x"}
    published(hub, report, **ours)
    published(hub, report, **{**ours, "GITHUB_REPOSITORY": "octo/platform"})
    assert [each["ref"] for each in hub.repository.sarifs] == ["refs/heads/x", "refs/heads/main"]


def test_what_is_not_about_the_whole_is_refused(hub: Hub, tmp_path: Path) -> None:
    part, *_ = shards(hub, tmp_path)
    scope, change, nothing = (tmp_path / f"{name}.json" for name in ("scope", "change", "nothing"))
    rules, severe, old = (tmp_path / f"{name}.json" for name in ("rules", "severe", "old"))
    hub.commit({"shop/new.py": FINE})
    for path, words in (
        (scope, ["--exclude", "x"]),
        (rules, ["--rules", "security"]),
        (severe, ["--severity", "high"]),
        (old, ["--commit", "HEAD~1"]),
    ):
        audit.run([str(hub.root), "--no-model", "--quiet", *words, "--output", str(path)])
    change.write_text(json.dumps({**json.loads(part.read_text()), "base": "0" * 40, "notes": []}))
    nothing.write_text(as_json.render(CLEAN, Look()))
    for path, said in (
        (part, "this is one part of an audit: post what `reviewer merge` makes of all of them"),
        *((each, "this report is about a part of the repository, or not") for each in (scope, rules, severe, old)),
        (change, "this is the report of a change, no audit: post it with --pull"),
        (tmp_path / "none.json", "none.json cannot be read"),
    ):
        done = published(hub, path)
        assert (done.code, said in done.err, done.err.count("\n")) == (2, True, 1), done.err
    assert hub.fake.traffic == []
    odd = reviewer("publish", nothing, "--repository", "shop", variables=connection(hub))
    assert (odd.code, "name the repository like owner/repo" in odd.err) == (2, True)
    both = reviewer("publish", nothing, "--repository", "octo/shop", "--pull", "octo/shop#1")
    assert (both.code, "not allowed with argument" in both.err) == (2, True)
    neither = reviewer("publish", nothing)
    assert (neither.code, "one of the arguments --pull --repository is required" in neither.err) == (2, True)


def test_who_cannot_say_which_branch_keeps_nobody_from_the_issue(hub: Hub, tmp_path: Path) -> None:
    report = merged(tmp_path, *shards(hub, tmp_path))
    hub.fake.fail(lambda asked: (asked.method, asked.path) == ("GET", "/repos/octo/shop"), 404)
    kept = tmp_path / "kept.json"
    done = published(hub, report, "--output", str(kept))
    assert (done.code, the_issue(hub).state, hub.repository.sarifs) == (3, "open", []), done.err
    (note,) = [each for each in json.loads(kept.read_text())["notes"] if each["code"] == "not_posted"]
    assert note["message"].startswith("the findings are not in code scanning: GET /repos/octo/shop: 404")
    assert "not in code scanning" in done.err


def test_an_interrupted_audit_is_not_posted(hub: Hub, tmp_path: Path) -> None:
    whole = merged(tmp_path, *shards(hub, tmp_path))
    note = {"code": "interrupted", "message": "interrupted", "data": {"exit_code": 130}}
    whole.write_text(json.dumps({**json.loads(whole.read_text()), "notes": [note]}))
    done = published(hub, whole)
    assert (done.code, hub.repository.issues) == (130, {})
    assert "is not posted" in done.err


def test_an_audit_of_no_commit_is_in_the_issue_alone(hub: Hub, tmp_path: Path) -> None:
    whole = merged(tmp_path, *shards(hub, tmp_path))
    whole.write_text(json.dumps({**json.loads(whole.read_text()), "head": None}))
    done = published(hub, whole)
    assert (done.code, the_issue(hub).state, hub.repository.sarifs) == (0, "open", [])
    assert "the files are not those of a commit" in done.out


@pytest.mark.parametrize("place", ["/issues", "/code-scanning/sarifs"])
@pytest.mark.parametrize("command", ["audit", "publish"])
def test_a_signal_while_it_is_posted_ends_the_posting_not_the_report(
    hub: Hub,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    place: str,
) -> None:
    def stopped(answer: Answer) -> Answer:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        return answer

    for name, value in connection(hub).items():
        monkeypatch.setenv(name, value)
    report, kept = merged(tmp_path, *shards(hub, tmp_path)), tmp_path / "kept.json"
    words = ["--output", str(kept)]
    run = {
        "audit": partial(audit.run, [str(hub.root), "--no-model", "--quiet", "--post", "octo/shop", *words]),
        "publish": partial(publish.run, [str(report), "--repository", "octo/shop", *words]),
    }[command]
    hub.fake.spoil(lambda each: each.is_write and each.path.endswith(place), stopped)
    capsys.readouterr()
    assert run() == 130
    page = " ".join(capsys.readouterr().out.split())
    assert "the review was interrupted while it was posted" in page
    assert "what is missing on octo/shop is posted when it is run again, and nothing twice" in page
    assert len(json.loads(kept.read_text())["findings"]) == len(json.loads(report.read_text())["findings"])
    assert run() == 0
    assert (the_issue(hub).state, len(hub.repository.issues), len(alerts(hub))) == ("open", 1, 1)
