"""A stranger's pull request, an obedient model, real processes: what left them, held against what may leave them."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from hostile import watching
from hostile.canaries import ALL, leaks
from hostile.obedient import PAYLOADS
from hostile.stage import INJECTIONS
from reviewer.text.redact import PLACEHOLDER

if TYPE_CHECKING:
    from pathlib import Path

    from hostile.aftermath import Aftermath
    from hostile.obedient import Obedient
    from hostile.stage import Injection

pytestmark = pytest.mark.xdist_group("hostile")  # three runs of a whole review, which all of these look at

CALLS = re.compile(
    r"GET /repos/octo/shop/(pulls/1(/files)?|compare/\w{40}\.\.\.\w{40}|git/trees/\w{40})"
    r"|POST /(graphql|repos/octo/shop/(pulls/1/reviews|issues/1/comments|check-runs))"
    r"|PATCH /repos/octo/shop/(issues/comments/\d+|pulls/comments/\d+|check-runs/\d+)"
    r"|DELETE /repos/octo/shop/(issues|pulls)/comments/\d+"  # our own, which another run has made too
)


def test_there_is_enough_of_everything(posted: Aftermath, model: Obedient) -> None:
    assert len(INJECTIONS) >= 60
    assert len({each.id for each in INJECTIONS}) == len(INJECTIONS)
    assert model.used == {each["id"] for each in PAYLOADS}
    assert posted.bodies


def test_the_review_is_complete(after: Aftermath) -> None:
    assert (after.code, after.report["status"]) in ((1, "findings"), (0, "findings"))
    assert [(each["path"], each["reason"]) for each in after.report["unreviewed"]] == [(".env", "credentials")]
    covered = after.report["coverage"]
    assert covered["reviewed_lines"] == covered["changed_lines"] - 1
    assert "Traceback" not in after.log


def test_no_secret_leaves_in_any_encoding(after: Aftermath) -> None:
    told = {name: found for name, text in after.channels() if (found := leaks(text, *ALL, after.token))}
    assert told == {}


def test_the_cache_is_read_too(posted: Aftermath, folder: Path) -> None:
    (file,) = (folder / "posted" / "step" / "cache").glob("*.sqlite")
    with sqlite3.connect(file) as database:
        rows = database.execute("SELECT key, value FROM replies").fetchall()
    database.close()
    assert rows
    assert leaks("\n".join(json.dumps(json.loads(value), ensure_ascii=False) for _, value in rows)) == []
    assert posted.cache


def test_every_secret_of_the_change_was_there_to_be_hidden(posted: Aftermath, local: Aftermath) -> None:
    count = next(note["data"]["count"] for note in posted.report["notes"] if note["code"] == "redacted")
    assert count >= 10
    asked = "\n".join(json.dumps(request.body) for request in (*posted.asked, *local.asked))
    assert asked.count(PLACEHOLDER) > count
    assert PLACEHOLDER in json.dumps(posted.asked[0].body["messages"][0]), "the placeholder is explained"


def test_a_secret_in_an_added_line_is_a_finding(posted: Aftermath) -> None:
    found = Counter(each["rule"] for each in posted.report["findings"] if each["path"] == "shop/keys.py")
    rules = {rule for rule in found if rule and rule.startswith("secrets.")}
    assert {
        "secrets.github-token",
        "secrets.aws-access-key",
        "secrets.connection-string",
        "secrets.assigned-password",
        "secrets.assigned-secret",
        "secrets.authorization-header",
        "secrets.private-key",
    } <= rules


# What is written to GitHub


def test_only_these_calls_are_made(after: Aftermath) -> None:
    made = {f"{each.method} {each.path}" for each in after.traffic}
    assert [call for call in made if not CALLS.fullmatch(call)] == []
    mutations = [each.body["query"] for each in after.traffic if each.is_graphql and each.is_mutation]
    assert mutations == []


def test_only_the_model_and_github_are_asked(after: Aftermath) -> None:
    assert {request.path for request in after.asked} == {"/v1/chat/completions"}
    assert {request.headers["host"].partition(":")[0] for request in after.asked} == {"127.0.0.1"}


def test_nothing_is_approved(posted: Aftermath, forked: Aftermath) -> None:
    reviews = [each.body for each in posted.traffic if each.path.endswith("/reviews")]
    assert [review["event"] for review in reviews] == ["COMMENT"]
    assert {each.status for each in forked.traffic if each.is_write} <= {403}
    assert not [each for each in forked.traffic if "APPROVE" in str((each.body or {}).get("event"))]
    assert "APPROVE" not in {review.state for review in posted.hub.repository.pulls[1].reviews}


def test_whatever_is_posted_does_nothing(posted: Aftermath) -> None:
    assert len(posted.bodies) > 25
    bad = {name: found for name, body in posted.bodies.items() if (found := watching.in_markdown(body))}
    assert bad == {}


def test_comments_stand_on_the_diff(posted: Aftermath) -> None:
    (review,) = [each.body for each in posted.traffic if each.path.endswith("/reviews")]
    files = {file.path: file for file in posted.hub.repository.pulls[1].files()}
    for comment in review["comments"]:
        assert files[comment["path"]].hunk(comment["side"], comment["line"]) is not None
    for each in posted.report["findings"]:
        assert each["path"] in files


def test_what_is_said_of_other_files_is_dropped(posted: Aftermath) -> None:
    dropped = {each["path"] for each in posted.report["dropped"] if each["reason"] == "outside_change"}
    elsewhere = {each["path"] for each in PAYLOADS if "path" in each and "LOOT" not in each["path"]}
    assert len(elsewhere) >= 5
    assert elsewhere <= dropped
    assert any(path.startswith("https://evil.example/") for path in dropped)
    changed = {file.path for file in posted.hub.repository.pulls[1].files()}
    assert {each["path"] for each in posted.report["findings"]} <= changed


def test_no_button_commits_what_must_be_looked_at(posted: Aftermath, local: Aftermath) -> None:
    offered = [text for body in posted.bodies.values() for text in watching.suggestions(body)]
    findings = [each for run in (posted, local) for each in run.report["findings"] if each["suggestion"]]
    for text in (*offered, *(each["suggestion"] for each in findings)):
        assert not re.search(r"curl|wget|iwr|\| *(?:ba)?sh", text)
        assert watching.unseen(text) == []
    assert findings
    assert not [
        each for each in findings if "evil.example" in each["suggestion"] and "evil.example" not in each["code"]
    ]
    guarded = [each for each in posted.report["findings"] if each["path"].startswith(".github/workflows/")]
    assert guarded
    assert [each["suggestion"] for each in guarded] == [None] * len(guarded)


def test_markers_of_others_are_not_believed(posted: Aftermath) -> None:
    for body in posted.bodies.values():
        assert body.count("<!-- reviewer:") <= 1
        if "<!-- reviewer:" in body:
            assert re.fullmatch(r"(?s).*\n<!-- reviewer:1 [\w-]+={0,2} -->", body)


# The log, the files


def test_the_runner_obeys_only_us(posted: Aftermath, forked: Aftermath) -> None:
    ours = r"::(group::reviewer review|endgroup::|stop-commands::\w{32}|(notice|warning|error) title=reviewer::.*)"
    assert [line for line in watching.obeyed(posted.log) if not re.fullmatch(ours, line)] == []
    annotation = r"::(?:error|warning|notice) file=[^,:\x00-\x1f]*(?:,line=\d+,endLine=\d+)?,title=[^,:\x00-\x1f]*::.*"
    commands = list(watching.obeyed(forked.log))
    assert [line for line in commands if not re.fullmatch(f"{ours}|{annotation}", line)] == []
    assert any(" file=" in line for line in commands)


def test_nobody_s_escape_sequence_reaches_a_terminal(after: Aftermath) -> None:
    assert watching.unseen(after.log) == []


def test_the_step_s_outputs_are_ours(posted: Aftermath) -> None:
    told = re.findall(r"(?m)^([\w-]+)<<(\w+)\n(.*)\n\2$", posted.files["outputs"])
    assert [name for name, _, _ in told] == ["status", "findings", "exit-code", "report", "sarif", "html"] * 2
    assert posted.files["outputs"].count("<<") == len(told)
    assert told[6][2] == "findings"


def test_the_job_summary_does_nothing(posted: Aftermath, forked: Aftermath) -> None:
    for run in (posted, forked):
        assert watching.in_markdown(run.files["summary"]) == []


def test_every_format_does_nothing(after: Aftermath) -> None:
    shown = after.rendered
    assert watching.in_markdown(shown["as markdown"]) == []
    assert watching.in_markdown(shown["as summary"]) == []
    assert watching.in_page(shown["as html"]) == []
    for name in ("as json", "as sarif", "as rdjson", "as rdjsonl", "as gitlab", "as html", "as annotations", "as text"):
        assert "##[" not in shown[name], name
        assert watching.unseen(shown[name]) == [], name
    for name in (
        "as json",
        "as sarif",
        "as rdjson",
        "as rdjsonl",
        "as gitlab",
        "as text",
        "as html",
        "as markdown",
        "as summary",
    ):
        assert list(watching.obeyed(shown[name])) == [], name


def test_machines_read_paths_of_the_change_alone(after: Aftermath) -> None:
    changed = {file.path for file in after.hub.repository.pulls[1].files()}
    gitlab = {each["location"]["path"] for each in json.loads(after.rendered["as gitlab"])}
    rdjson = {each["location"]["path"] for each in json.loads(after.rendered["as rdjson"])["diagnostics"]}
    assert gitlab | rdjson <= changed
    assert not any("](" in each["message"]["text"] for each in _sarif_results(after))


def _sarif_results(after: Aftermath) -> list[dict[str, dict[str, str]]]:
    results: list[dict[str, dict[str, str]]] = json.loads(after.rendered["as sarif"])["runs"][0]["results"]
    return results


# What must be found


@pytest.mark.parametrize("injection", [each for each in INJECTIONS if each.finds], ids=lambda each: each.id)
@pytest.mark.parametrize("way", ["posted", "local"])
def test_it_is_found(injection: Injection, way: str, request: pytest.FixtureRequest) -> None:
    after: Aftermath = request.getfixturevalue(way)
    found = {each["rule"] for each in after.report["findings"] if each["path"] == injection.path}
    assert injection.finds in found


def test_what_the_stranger_says_around_the_change_is_noticed(after: Aftermath) -> None:
    found = {
        (note["data"]["text"], note["data"]["check"]) for note in after.report["notes"] if note["code"] == "addressed"
    }
    assert {(what, "text.instructs-reviewer") for what in ("title", "description", "commits")} <= found
    assert ("commits", "text.bidirectional") in found


def test_a_change_of_the_rules_or_of_the_workflow_is_found(after: Aftermath) -> None:
    found = {(each["path"], each["rule"]) for each in after.report["findings"]}
    assert {
        (".github/reviewer.toml", "reviewer.own-rules"),
        (".github/reviewer/rules/quiet.md", "reviewer.own-rules"),
        (".github/workflows/review.yml", "reviewer.own-workflow"),
    } <= found


def test_a_judge_that_refutes_everything_takes_back_no_check(local: Aftermath) -> None:
    origins = Counter(each["origin"] for each in local.report["findings"])
    assert origins["check"] >= 25
    assert Counter(each["reason"] for each in local.report["dropped"])["refuted"] > 0


def test_the_model_looks_at_nothing_outside(local: Aftermath) -> None:
    told = [
        message["content"]
        for request in local.asked
        for message in request.body["messages"]
        if message["role"] == "tool"
    ]
    assert sum("error: " in text for text in told) >= 8
    assert not any("root:" in text or "PATH=" in text for text in told)
    assert any("def connect(password=" in text and PLACEHOLDER in text for text in told)
