"""`reviewer action` as the runner starts it: from the event file to what stands on the pull request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from jobs import Job
from model_server import ModelServer
from risky import BASE, TARGET, about, bad, is_review, is_summary, opened, posted, read_only, writes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from fake_github import Exchange
    from hub import Hub
    from model_server import Answer

pytestmark = pytest.mark.usefixtures("untraced")

RARER = [pytest.param(name, marks=pytest.mark.slow) for name in ("reopened", "ready_for_review")]
REVIEWED = ("opened", "synchronize", *RARER)
HOSTILE = "::error::pwned ##[warning]pwned\n::set-output name=status::clean\n::stop-commands::x"
FILES = {"json": "report", "sarif": "sarif", "html": "html"}
BOTH = [("shop/part0.py", 2), ("shop/part1.py", 2)]
DOCS = {"documentation_url": "https://docs.github.com/rest"}
REFUSED = {"message": "Unprocessable Entity", "errors": ["Line could not be resolved"], **DOCS}
SECONDARY = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with opened(tmp_path / "shop") as made:
        yield made


@pytest.fixture
def fork(tmp_path: Path) -> Iterator[Hub]:
    with opened(tmp_path / "shop", fork=True) as made:
        yield made


@pytest.fixture
def job(hub: Hub, tmp_path: Path) -> Job:
    return Job(hub, tmp_path)


@pytest.fixture
def forked(fork: Hub, tmp_path: Path) -> Job:
    return Job(fork, tmp_path)


def assert_said_once(hub: Hub, *places: tuple[str, int | None]) -> None:
    """Every comment once, where it belongs, and one summary; with one writer at a time."""
    assert posted(hub) == sorted(places)
    assert len(hub.repository.pulls[1].comments) == 1
    assert hub.fake.most_writers == 1


# --- the events


@pytest.mark.parametrize("action", REVIEWED)
def test_a_pull_request_gets_its_comments(job: Job, action: str) -> None:
    with ModelServer(about) as server:
        done = job.step("pull_request", job.pull(action), server, checkout=action == "synchronize")
    assert done.code == 1, done.log
    written = [f"--output {kind}={done.outputs[name]}" for kind, name in FILES.items()]
    assert f"reviewer review '{TARGET}' --post {' '.join(written)}\n" in done.log
    assert done.outputs == {**done.outputs, "status": "findings", "findings": "2", "exit-code": "1"}
    assert [finding["state"] for finding in done.report["findings"]] == ["new", "new"]
    assert_said_once(job.hub, *BOTH)
    assert (done.annotations, done.notes) == ([], [])
    assert "2 findings" in done.summary
    assert "risky_call" in done.summary
    (check,) = job.hub.repository.check_runs
    assert (check.conclusion, check.head_sha) == ("failure", job.hub.repository.pulls[1].head_sha)


def test_a_draft_waits_unless_drafts_are_asked_for(job: Job) -> None:
    job.hub.repository.pulls[1].draft = True
    waiting = job.step("pull_request", job.pull("opened"))
    assert (waiting.code, waiting.outputs["status"]) == (0, "skipped")
    assert waiting.obeyed == [waiting.log.rstrip("\n")]
    assert waiting.log.startswith(f"::notice title=reviewer::{TARGET} is a draft")
    assert job.hub.fake.traffic == []
    with ModelServer(about) as server:
        done = job.step("pull_request", job.pull("opened"), server, REVIEWER_DRAFTS="true")
    assert (done.code, posted(job.hub)) == (1, BOTH)


@pytest.mark.parametrize("action", ["opened", "synchronize"])
def test_pull_request_target_reads_the_change_from_github(forked: Job, action: str) -> None:
    with ModelServer(about) as server:
        done = forked.step("pull_request_target", forked.pull(action), server)
    assert done.code == 1
    assert_said_once(forked.hub, *BOTH)


def test_pull_request_target_runs_beside_no_code_of_the_change(forked: Job) -> None:
    with ModelServer(about) as server:
        done = forked.step("pull_request_target", forked.pull("opened"), server, checkout=True)
        assert server.requests == []
    assert (done.code, done.outputs["status"], done.outputs["exit-code"]) == (2, "failed", "2")
    assert "take `ref:` out" in done.log
    assert forked.hub.fake.traffic == []


@pytest.mark.parametrize(
    ("name", "file", "says"),
    [
        ("pull_request", "pull_request.closed", f"{TARGET} is closed: nothing to review"),
        ("pull_request_target", "pull_request.closed", f"{TARGET} is closed: nothing to review"),
        ("merge_group", "merge_group", "a merge queue asks about changes that were reviewed"),
        ("issue_comment", "issue_comment.created", "nothing is reviewed on the event 'issue_comment': run this on"),
        ("push", "push", "nothing is audited on a push to refs/tags/simple-tag, only to the default branch"),
        ("workflow_run", "workflow_run.completed", "nothing is reviewed on the event 'workflow_run': run this on"),
    ],
)
def test_where_there_is_nothing_to_do_a_notice_says_why(job: Job, name: str, file: str, says: str) -> None:
    event = job.pull("closed") if file.startswith("pull_request.") else job.other(file)
    done = job.step(name, event)
    assert done.code == 0
    assert done.outputs == {
        "status": "skipped",
        "findings": "0",
        "exit-code": "0",
        **dict.fromkeys(("report", "sarif", "html"), ""),
    }
    assert done.log.startswith(f"::notice title=reviewer::{says}")
    assert (done.log.count("\n"), done.summary, job.hub.fake.traffic) == (1, "", [])


@pytest.mark.parametrize("given", ["event", "step"])
def test_a_dispatch_reviews_the_pull_request_it_names(job: Job, given: str) -> None:
    number = {"inputs": {"pull-request": "1"}} if given == "event" else {}
    own = "1" if given == "step" else ""
    with ModelServer(about) as server:
        done = job.step(
            "workflow_dispatch", job.other("workflow_dispatch", **number), server, REVIEWER_PULL_REQUEST=own
        )
    assert (done.code, done.outputs["findings"]) == (1, "2")
    assert_said_once(job.hub, *BOTH)


def test_a_dispatch_for_what_was_closed_is_skipped(job: Job) -> None:
    job.hub.repository.pulls[1].close()
    with ModelServer(about) as server:
        done = job.step("workflow_dispatch", job.other("workflow_dispatch", inputs={"pull-request": "1"}), server)
        assert server.requests == []
    assert (done.code, done.outputs["status"], writes(job.hub)) == (0, "skipped", [])
    assert f"{TARGET} is closed" in done.log


def test_a_dispatch_for_what_is_not_there_says_so(job: Job) -> None:
    with ModelServer(about) as server:
        done = job.step("workflow_dispatch", job.other("workflow_dispatch", inputs={"pull-request": "7"}), server)
    assert (done.code, done.outputs["status"]) == (2, "failed")
    assert done.obeyed[-1].startswith("::error title=reviewer::there is no pull request octo/shop#7")


def test_no_key_on_an_own_event_is_a_mistake(job: Job) -> None:
    done = job.step("pull_request", job.pull("opened"))
    assert (done.code, done.outputs["status"], done.outputs["exit-code"]) == (2, "failed", "2")
    (told,) = done.obeyed
    assert told.startswith("::error title=reviewer::there is no key to ask a model with: store the key as a secret")
    assert job.hub.fake.traffic == []


def test_nobody_is_to_be_asked_where_the_provider_is_none(job: Job) -> None:
    job.hub.commit({"shop/part2.py": "breakpoint()\n"}, "topic")
    done = job.step("pull_request", job.pull("opened"), REVIEWER_PROVIDER="none")
    assert (done.code, done.outputs["findings"]) == (1, "1")
    assert_said_once(job.hub, ("shop/part2.py", 1))


@pytest.mark.parametrize(
    "event", ["", "[]", '{"action": "opened"}', '{"action": "opened", "pull_request": {"number": "::error::x"}}', "{"]
)
def test_a_malformed_event_is_one_line(job: Job, event: str) -> None:
    done = job.step("pull_request", event)
    assert (done.code, done.outputs["status"], done.outputs["exit-code"]) == (2, "failed", "2")
    assert done.log.startswith("::error title=reviewer::the event")
    assert (done.log.count("\n"), done.obeyed) == (1, [done.log.rstrip("\n")])
    assert job.hub.fake.traffic == []


# --- forks


def test_a_fork_without_a_key_is_read_by_the_built_in_checks(forked: Job) -> None:
    forked.hub.commit({"shop/part2.py": "breakpoint()\n"}, "topic")
    done = forked.step("pull_request", forked.pull("opened"))
    assert (done.code, done.outputs["findings"]) == (1, "1")
    assert done.obeyed[0] == (
        f"::notice title=reviewer::{TARGET}: it comes from a fork, so there is no key, and only the built-in checks"
        " read it"
    )
    assert "--no-model" in done.log
    assert_said_once(forked.hub, ("shop/part2.py", 1))
    assert "No model was asked" in done.summary


@pytest.mark.parametrize(("bar", "code"), [("high", 1), ("critical", 0)])
def test_a_token_that_may_not_write_loses_nothing(forked: Job, bar: str, code: int) -> None:
    with ModelServer(about) as server:
        done = forked.step(
            "pull_request", forked.pull("opened"), server, token=read_only(forked.hub), REVIEWER_FAIL_ON=bar
        )
    assert (done.code, done.outputs["exit-code"], done.outputs["status"]) == (code, str(code), "findings")
    assert (posted(forked.hub), forked.hub.repository.pulls[1].comments) == ([], [])
    assert len(done.annotations) == 2
    assert all(line.startswith("::error file=shop/part") and "line=2" in line for line in done.annotations)
    assert done.notes == ["not_posted"]
    for text in (done.log, done.summary):
        assert text.count("this token may not comment on") == 1
    assert done.summary.count("risky_call(") >= 2


# --- a report that another job made


def made_elsewhere(job: Job) -> str:
    """The path of a report, as the job of a fork that reads makes it."""
    with ModelServer(about) as server:
        done = job.step(
            "pull_request_target", job.pull("opened"), server, token=read_only(job.hub), REVIEWER_POST="false"
        )
    assert (done.code, posted(job.hub), done.annotations) == (1, [], [])
    return done.outputs["report"]


def test_a_report_is_published_by_a_job_without_a_key(forked: Job) -> None:
    report = made_elsewhere(forked)
    done = forked.step("pull_request_target", forked.pull("opened"), REVIEWER_PUBLISH=report)
    assert (done.code, done.outputs["findings"], done.annotations) == (1, "2", [])
    assert_said_once(forked.hub, *BOTH)
    again = forked.step("pull_request_target", forked.pull("opened"), REVIEWER_PUBLISH=report)
    assert (again.code, again.outputs["findings"]) == (1, "2")
    assert_said_once(forked.hub, *BOTH)
    states = [[finding["state"] for finding in each.report["findings"]] for each in (done, again)]
    assert states == [["new", "new"], ["open", "open"]], "the output speaks of the pull request, not of the report"


def test_a_report_that_may_not_be_posted_stands_in_annotations(forked: Job) -> None:
    report = made_elsewhere(forked)
    done = forked.step(
        "pull_request_target", forked.pull("opened"), token=read_only(forked.hub), REVIEWER_PUBLISH=report
    )
    assert (done.code, len(done.annotations), done.notes) == (1, 2, ["not_posted"])
    assert "this token may not comment" in done.summary


def test_a_report_that_is_none_posts_nothing(forked: Job) -> None:
    (forked.folder / "report.json").write_text(HOSTILE)
    done = forked.step(
        "pull_request_target", forked.pull("opened"), REVIEWER_PUBLISH=str(forked.folder / "report.json")
    )
    assert (done.code, done.outputs["status"], writes(forked.hub)) == (2, "failed", [])
    assert [line.partition(" ")[0] for line in done.obeyed] == ["::group::reviewer", "::endgroup::", "::error"]


# --- what others wrote


@pytest.mark.parametrize("writes_allowed", [True, False])
def test_nobody_commands_the_runner(forked: Job, writes_allowed: bool) -> None:
    hub = forked.hub
    hub.repository.pulls[1].title = HOSTILE
    hub.repository.pulls[1].body = HOSTILE
    evil = "::warning file=x::risky_call() ##[error]pwned"
    hub.commit({"::error::evil,file=x.py": f"{evil}\n{HOSTILE}\n", "##[group]x.py": f"{evil}\n"}, "topic")
    token = hub.token if writes_allowed else read_only(hub)
    with ModelServer(about) as server:
        done = forked.step("pull_request", forked.pull("opened", body=HOSTILE), server, token=token)
    assert (done.code, done.outputs["status"]) == (1, "findings")
    ours = {"::group::reviewer review", "::endgroup::", *done.annotations}
    assert set(done.obeyed) == ours
    assert len(done.annotations) == (0 if writes_allowed else 4)
    for line in done.annotations:
        assert re.fullmatch(r"::error file=[^,:]+,line=\d+,endLine=\d+,title=[^,:]+::(?:(?!##\[).)*", line)
    assert "pwned" not in str({name: done.outputs[name] for name in ("status", "findings", "exit-code")})


def test_an_event_cannot_command_the_runner_either(job: Job) -> None:
    done = job.step("pull_request", {**job.pull("opened"), "action": HOSTILE[:90]})
    assert (done.code, done.log.count("\n"), len(done.obeyed)) == (0, 1, 1)
    assert done.log.startswith("::notice title=reviewer::nothing is reviewed when")
    done = job.step(HOSTILE, job.pull("opened"))
    assert (done.code, done.log.count("\n"), len(done.obeyed)) == (0, 1, 1)


# --- faults: nothing is lost, nothing is said twice


def test_a_second_run_writes_nothing_and_says_the_same(job: Job) -> None:
    with ModelServer(about) as server:
        first = job.step("pull_request", job.pull("opened"), server)
        server.requests.clear()
        job.hub.fake.forget_traffic()
        second = job.step("pull_request", job.pull("reopened"), server)
        assert server.requests == []
    assert writes(job.hub) == []
    for name in ("status", "findings", "exit-code"):
        assert second.outputs[name] == first.outputs[name]
    assert (second.code, second.annotations) == (first.code, [])
    assert "2 findings" in second.summary


def test_one_refused_comment_costs_no_other(job: Job) -> None:
    def refused(each: Exchange) -> bool:
        return is_review(each) and any(comment["path"] == "shop/part0.py" for comment in each.body["comments"])

    job.hub.commit({"shop/part2.py": bad(2)}, "topic")
    job.hub.fake.fail(refused, 422, times=9, body=REFUSED)
    with ModelServer(about) as server:
        done = job.step("pull_request", job.pull("opened"), server)
        assert (done.code, done.outputs["findings"]) == (1, "3")
        assert_said_once(job.hub, ("shop/part1.py", 2), ("shop/part2.py", 2))
        (summary,) = job.hub.repository.pulls[1].comments
        assert "Not accepted by GitHub as a comment on the diff" in summary.body
        assert "shop/part0.py:2" in summary.body
        assert "the comment on shop/part0.py:2 was not accepted by GitHub: it is in the summary" in done.log
        job.step("pull_request", job.pull("synchronize"), server)
    assert_said_once(job.hub, ("shop/part1.py", 2), ("shop/part2.py", 2))


def test_a_secondary_limit_is_waited_for(job: Job) -> None:
    job.hub.fake.fail(is_review, 403, headers={"Retry-After": "1"}, body=SECONDARY)
    job.hub.fake.fail(is_summary, 403, headers={"Retry-After": "1"}, body=SECONDARY)
    with ModelServer(about) as server:
        done = job.step("pull_request", job.pull("opened"), server)
    assert (done.code, done.annotations) == (1, [])
    assert_said_once(job.hub, *BOTH)


@pytest.mark.parametrize("when", [is_review, is_summary])
@pytest.mark.parametrize("how", [{"status": 502}, pytest.param({"drop": True}, marks=pytest.mark.slow)])
def test_what_was_stored_is_not_written_again(job: Job, when: Any, how: dict[str, Any]) -> None:
    job.hub.fake.fail(when, after_storing=True, **how)
    with ModelServer(about) as server:
        done = job.step("pull_request", job.pull("opened"), server)
    assert (done.code, done.outputs["findings"]) == (1, "2")
    assert_said_once(job.hub, *BOTH)


def test_what_github_does_not_take_today_is_told_and_completed_tomorrow(job: Job) -> None:
    job.hub.fake.fail(is_review, 502, times=3)
    with ModelServer(about) as server:
        done = job.step("pull_request", job.pull("opened"), server)
        assert (done.code, done.outputs["exit-code"], done.outputs["status"]) == (3, "3", "findings")
        assert len(done.annotations) == 2
        assert "nothing was posted on" in done.summary
        again = job.step("pull_request", job.pull("opened"), server)
    assert (again.code, again.annotations) == (1, [])
    assert_said_once(job.hub, *BOTH)


def test_no_annotation_vanishes_beside_the_others_of_the_step(job: Job) -> None:
    job.hub.commit({f"shop/more{n}.py": bad(n) for n in range(10)}, "topic")
    job.hub.fake.fail(is_review, 502, times=3)
    with ModelServer(about) as server:
        done = job.step("pull_request", job.pull("opened"), server, REVIEWER_MAX_COMMENTS="12")
    errors = [line for line in done.obeyed if line.startswith("::error")]
    assert (len(errors), len(done.annotations)) == (10, 9), "GitHub keeps ten of a level"
    assert "3 more findings: the report and the job summary have them all" in done.obeyed[-1]


def test_a_head_that_moves_meanwhile_loses_nothing(job: Job) -> None:
    def answer(body: Any, headers: Mapping[str, str]) -> Answer:
        if len(server.requests) == 1:
            job.hub.commit({"shop/part0.py": BASE["shop/part0.py"], "shop/part2.py": bad(2)}, "topic")
        return about(body, headers)

    with ModelServer(answer) as server:
        first = job.step("pull_request", job.pull("opened"), server)
        assert "the head moved to" in first.log
        assert_said_once(job.hub, ("shop/part1.py", 2))
        second = job.step("pull_request", job.pull("synchronize"), server)
    assert (second.code, second.outputs["findings"]) == (1, "2")
    assert_said_once(job.hub, ("shop/part1.py", 2), ("shop/part2.py", 2))


def test_a_pull_request_that_is_closed_meanwhile_still_gets_what_was_found(job: Job) -> None:
    def answer(body: Any, headers: Mapping[str, str]) -> Answer:
        job.hub.repository.pulls[1].close()
        return about(body, headers)

    with ModelServer(answer) as server:
        done = job.step("pull_request", job.pull("opened"), server)
    assert (done.code, done.outputs["findings"]) == (1, "2")
    assert_said_once(job.hub, *BOTH)
    assert job.step("pull_request", job.pull("closed")).outputs["status"] == "skipped"
