"""`reviewer action` on a schedule: an audit as the runner starts it, the one issue it keeps, and code scanning."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hub as hubs
import pytest
from audits import defects
from jobs import Job, Outcome
from model_server import Answer, ModelServer
from processes import reviewer
from publishing import to
from risky import connection

from reviewer.audit.issue import TITLE, Known, Memory, marker, parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fake_github import Exchange
    from fake_github.issues import Issue
    from hub import Hub

pytestmark = pytest.mark.usefixtures("untraced")

BOT = "github-actions[bot]"
STOP, SWALLOW = "breakpoint()\n", "try:\n    work()\nexcept Exception:\n    pass\n"
FINE = "def price():\n    return 3\n"


def token(hub: Hub, *, issues: str = "write", security_events: str = "write") -> str:
    return hub.fake.token(BOT, contents="read", issues=issues, security_events=security_events)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with hubs.opened(tmp_path / "shop") as made:
        made.token = token(made)
        made.commit({"shop/part0.py": FINE, "shop/part1.py": STOP}, "main")
        yield made
        if made.fake.traffic:
            made.fake.assert_conforming()


@pytest.fixture
def job(hub: Hub, tmp_path: Path) -> Job:
    return Job(hub, tmp_path)


def audited(job: Job, server: ModelServer | None = None, **variables: str) -> Outcome:
    """On a Monday, after actions/checkout, with the traffic of before forgotten."""
    job.hub.fake.forget_traffic()
    given = variables if server else {"REVIEWER_PROVIDER": "none", **variables}
    return job.step("schedule", {"schedule": "17 4 * * 1"}, server, checkout=True, **given)


def written(hub: Hub) -> list[str]:
    """What was written, but for what is handed to code scanning each time."""
    return [
        f"{each.method} {each.path}"
        for each in hub.fake.traffic
        if each.is_write and not each.path.endswith("/code-scanning/sarifs")
    ]


def the_issue(hub: Hub) -> Issue:
    (issue,) = (issue for issue in hub.repository.issues.values() if issue.author.login == BOT)
    return issue


def alerts(hub: Hub) -> list[str]:
    """What code scanning shows."""
    (run,) = hub.repository.sarifs[-1]["sarif"]["runs"]
    return sorted(
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run.get("results", ())
    )


def notices(done: Outcome) -> list[str]:
    return [line for line in done.obeyed if line.startswith("::notice")]


# --- the life of the issue


def test_findings_open_one_issue_and_stand_in_code_scanning_the_summary_and_the_files(job: Job) -> None:
    done = audited(job)
    assert (done.code, done.outputs["status"], done.outputs["findings"]) == (1, "findings", "1"), done.log
    assert "reviewer audit --post octo/shop --output json=" in done.log
    issue = the_issue(job.hub)
    assert (issue.title, issue.state) == (TITLE, "open")
    assert "shop/part1.py" in (issue.body or "")
    assert f"the findings are in {job.hub.fake.url}/octo/shop/issues/1" in done.log
    arrived = job.hub.repository.sarifs[-1]
    assert (arrived["ref"], arrived["commit_sha"]) == ("refs/heads/main", job.hub.git("rev-parse", "HEAD"))
    assert alerts(job.hub) == ["shop/part1.py"]
    assert "| high |" in done.summary
    assert "shop/part1.py" in done.summary
    assert Path(done.outputs["html"]).read_text().startswith("<!doctype html>")
    assert json.loads(Path(done.outputs["sarif"]).read_text()) == arrived["sarif"]
    assert (done.notes.count("not_posted"), done.annotations, notices(done)) == (0, [], [])


def test_unchanged_it_writes_nothing_then_comments_closes_and_opens_again(job: Job) -> None:
    hub = job.hub
    audited(job)
    issue = the_issue(hub)
    assert audited(job).outputs["findings"] == "1"
    assert written(hub) == []

    hub.commit({"shop/part2.py": SWALLOW})
    audited(job)
    (note,) = issue.notes
    assert note.body.startswith("**1 new finding** at ")
    assert "shop/part2.py" in note.body
    assert "shop/part1.py" not in note.body

    hub.commit({"shop/part1.py": FINE, "shop/part2.py": FINE})
    clean = audited(job)
    assert (clean.code, clean.outputs["status"]) == (0, "clean")
    assert (issue.state, issue.state_reason, len(issue.notes)) == ("closed", "completed", 1)
    assert alerts(hub) == []
    audited(job)
    assert written(hub) == []

    hub.commit({"shop/part3.py": STOP})
    assert audited(job).code == 1
    assert (issue.state, len(issue.notes)) == ("open", 2)
    assert "shop/part3.py" in issue.notes[-1].body
    assert list(hub.repository.issues) == [1]


def test_another_place_of_what_is_known_is_new_and_said_as_that_place_alone(job: Job) -> None:
    hub = job.hub
    audited(job)
    hub.commit({"shop/part0.py": STOP, "shop/part2.py": STOP})
    done = audited(job)
    assert done.outputs["findings"] == "1"
    (note,) = the_issue(hub).notes
    assert "shop/part0.py" in note.body
    assert "Also here: `shop/part2.py:1`" in note.body
    assert "shop/part1.py" not in note.body
    audited(job)
    assert written(hub) == []


def test_what_the_team_accepts_is_not_said(job: Job) -> None:
    hub = job.hub
    accepted = reviewer("audit", hub.root, "--no-model", "--quiet", "--update-baseline")
    assert accepted.code == 0, accepted.err
    hub.commit({})
    done = audited(job)
    assert (done.code, done.outputs["status"], hub.repository.issues, alerts(hub)) == (0, "clean", {}, [])
    hub.commit({"shop/part2.py": SWALLOW})
    audited(job)
    body = the_issue(hub).body or ""
    assert "shop/part2.py" in body
    assert "shop/part1.py" not in body


def test_a_marker_that_others_wrote_is_no_memory(job: Job) -> None:
    hub = job.hub
    finding = audited(job).report["findings"][0]["id"]
    hub.repository.issues.clear()
    forged = f"words\n{marker(Memory((Known(finding),)))}"
    theirs = hub.repository.open_issue("mallory", TITLE, forged)
    audited(job)
    mine = the_issue(hub)
    assert mine.number == 2
    hub.commit({"shop/part2.py": SWALLOW})
    known = audited(job, REVIEWER_POST="false").report["findings"]
    mine.comment("mallory", f"seen\n{marker(Memory(tuple(Known(each['id']) for each in known)))}")
    audited(job)
    assert [note.author.login for note in mine.notes] == ["mallory", BOT]
    assert (theirs.body, theirs.notes, theirs.state) == (forged, [], "open")


# --- what was not read


def half_deaf(body: Any, _headers: Mapping[str, str]) -> Answer:
    """Reads all but part1."""
    if "## shop/part1" in body["messages"][-1]["content"]:
        return Answer(status=400, body={"error": {"message": "no"}})
    return defects(body)


def booms(hub: Hub) -> None:
    """Two files that are read apart."""
    for n in range(2):
        lines = "".join(f"    total = total + price_{n}_{line} * quantity\n" for line in range(40))
        hub.commit({f"shop/part{n}.py": f"def total(total, quantity):\n{lines}    boom(total, {n})\n"})


def test_an_incomplete_audit_closes_nothing_and_takes_nothing_for_fixed(job: Job) -> None:
    hub = job.hub
    booms(hub)
    small = {"REVIEWER_CHUNK_TOKENS": "500", "REVIEWER_ALLOW_INCOMPLETE": "true"}
    with ModelServer(lambda body, _: defects(body)) as server:
        whole = audited(job, server, **small)
    assert (whole.code, whole.outputs["findings"]) == (1, "2"), whole.log
    hub.commit({"shop/part0.py": FINE})
    uploads = len(hub.repository.sarifs)
    with ModelServer(half_deaf) as server:
        partly = audited(job, server, **small)
    assert (partly.code, partly.outputs["status"], partly.outputs["findings"]) == (0, "incomplete", "0"), partly.log
    issue = the_issue(hub)
    assert (issue.state, issue.notes) == ("open", [])
    memory = parse(issue.body or "")
    assert memory is not None
    assert {each.path for each in memory.known} == {"shop/part0.py", "shop/part1.py"}
    assert len(hub.repository.sarifs) == uploads
    (said,) = notices(partly)
    assert "GitHub would take what this audit did not get to read for fixed" in said

    with ModelServer(lambda body, _: defects(body)) as server:
        again = audited(job, server, **small)
    assert (again.outputs["status"], issue.notes, alerts(hub)) == ("findings", [], ["shop/part1.py"])


def test_the_first_of_several_capped_audits_is_seen_in_code_scanning(job: Job) -> None:
    booms(job.hub)
    with ModelServer(half_deaf) as server:
        done = audited(job, server, REVIEWER_CHUNK_TOKENS="500")
    assert (done.code, done.outputs["status"]) == (3, "incomplete")
    assert alerts(job.hub) == ["shop/part0.py"]
    assert the_issue(job.hub).state == "open"


def test_an_audit_that_read_nothing_says_nothing(job: Job) -> None:
    def deaf(_body: Any, _headers: Mapping[str, str]) -> Answer:
        return Answer(status=400, body={"error": {"message": "no"}})

    with ModelServer(deaf) as server:
        done = audited(job, server)
    assert (done.code, done.outputs["status"]) == (3, "failed")
    assert job.hub.fake.traffic == []


# --- what is not allowed, and what goes wrong


@pytest.mark.parametrize("missing", ["issues", "security_events"])
@pytest.mark.parametrize(("bar", "code"), [("high", 1), ("critical", 0)])
def test_without_a_permission_a_notice_takes_its_place(job: Job, missing: str, bar: str, code: int) -> None:
    hub = job.hub
    less = token(hub, issues="read") if missing == "issues" else token(hub, security_events="read")
    done = job.step("schedule", {}, token=less, checkout=True, REVIEWER_PROVIDER="none", REVIEWER_FAIL_ON=bar)
    assert (done.code, done.outputs["exit-code"], done.outputs["status"]) == (code, str(code), "findings")
    (said,) = notices(done)
    permission = missing.replace("_", "-") + ": write"
    assert permission in said
    assert done.notes.count("not_posted") == 1
    assert permission in done.summary
    assert (len(hub.repository.issues), len(hub.repository.sarifs)) == ((0, 1) if missing == "issues" else (1, 0))
    assert done.annotations == []


def test_where_both_are_switched_off_the_report_is_all_there_is(job: Job) -> None:
    job.hub.repository.scanning = False
    job.hub.fake.fail(to("/issues"), 410, body={"message": "Issues are disabled for this repo"})
    done = audited(job)
    assert (done.code, len(notices(done)), done.notes.count("not_posted")) == (1, 2, 2)
    assert "shop/part1.py" in done.summary


def test_trouble_with_the_one_keeps_nobody_from_the_other_and_is_made_up_for(job: Job) -> None:
    def is_issue(each: Exchange) -> bool:
        return each.method == "POST" and each.path.endswith("/issues")

    job.hub.fake.fail(is_issue, 502, times=3)
    done = audited(job)
    assert (done.code, done.outputs["exit-code"], done.outputs["status"]) == (3, "3", "findings")
    assert done.obeyed[-1].startswith("::error title=reviewer::the findings are in no issue: POST")
    assert (alerts(job.hub), notices(done)) == (["shop/part1.py"], [])
    job.hub.fake.fail(to("/sarifs"), 502, times=3)
    other = audited(job)
    assert (other.code, the_issue(job.hub).state) == (3, "open")
    assert other.obeyed[-1].startswith("::error title=reviewer::the findings are not in code scanning: POST")
    assert audited(job).code == 1


def test_what_is_no_commit_is_not_in_code_scanning(job: Job) -> None:
    (job.hub.root / "shop" / "part0.py").write_text(SWALLOW)
    done = audited(job)
    assert done.outputs["findings"] == "2"
    assert "the files are not those of a commit" in notices(done)[0]
    assert job.hub.repository.sarifs == []


def test_a_detached_checkout_is_of_the_branch_that_the_runner_names(job: Job) -> None:
    head = job.hub.git("rev-parse", "HEAD")
    job.hub.git("checkout", "-q", "--detach")
    audited(job, GITHUB_SHA=head, GITHUB_REF="refs/heads/main")
    assert job.hub.repository.sarifs[-1]["ref"] == "refs/heads/main"
    done = audited(job, GITHUB_SHA="0" * 40, GITHUB_REF="refs/heads/main")
    assert "no branch is checked out" in notices(done)[0]
    odd = audited(job, GITHUB_SHA=head, GITHUB_REF="main")
    assert "a full reference" in notices(odd)[0]
    assert len(job.hub.repository.sarifs) == 1


# --- the events


def test_without_a_checkout_one_line_says_which_step_is_missing(job: Job) -> None:
    done = job.step("schedule", {"schedule": "17 4 * * 1"}, REVIEWER_PROVIDER="none")
    assert (done.code, done.outputs["status"], done.log.count("\n")) == (2, "failed", 1)
    assert "put a step with actions/checkout before this one" in done.log
    assert job.hub.fake.traffic == []


def test_a_push_to_the_default_branch_is_audited_and_to_another_is_not(job: Job) -> None:
    push = job.other("push", ref="refs/heads/main")
    push["repository"]["default_branch"] = "main"
    done = job.step("push", push, checkout=True, REVIEWER_PROVIDER="none")
    assert (done.code, the_issue(job.hub).state) == (1, "open")
    other = job.step("push", {**push, "ref": "refs/heads/topic"}, checkout=True, REVIEWER_PROVIDER="none")
    assert (other.code, other.outputs["status"]) == (0, "skipped")
    assert "nothing is audited on a push to refs/heads/topic" in other.log


def test_a_dispatch_of_another_branch_is_audited_and_the_issue_left_alone(job: Job) -> None:
    done = job.step(
        "workflow_dispatch", job.other("workflow_dispatch", ref="refs/heads/x"), checkout=True, REVIEWER_PROVIDER="none"
    )
    assert (done.code, done.outputs["findings"], job.hub.fake.traffic) == (1, "1", [])
    assert notices(done)[0].startswith("::notice title=reviewer::this is refs/heads/x, not refs/heads/main")
    job.step("workflow_dispatch", job.other("workflow_dispatch"), checkout=True, REVIEWER_PROVIDER="none")
    assert the_issue(job.hub).state == "open"


def test_a_person_types_the_same(hub: Hub) -> None:
    variables = connection(hub)
    done = reviewer("audit", "--post", "octo/shop", "--no-model", "--quiet", cwd=hub.root, variables=variables)
    assert (done.code, the_issue(hub).state, alerts(hub)) == (0, "open", ["shop/part1.py"]), done.err
    assert done.err == f"reviewer: the findings are in {hub.fake.url}/octo/shop/issues/1\n"


def test_nobody_commands_the_runner(job: Job) -> None:
    evil = "::error::pwned ##[warning]pwned"
    job.hub.commit({f"shop/{evil}.py": f"# {evil}\n{SWALLOW}"})
    done = audited(job)
    assert (done.code, done.outputs["findings"]) == (1, "2")
    assert done.obeyed == ["::group::reviewer audit", "::endgroup::"]
    assert "##[" not in the_issue(job.hub).title
