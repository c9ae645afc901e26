"""Comments on the conversation, reactions, and check runs."""

from __future__ import annotations

from fake_github import builders, conversation_json, rest_issues
from fake_github.answers import Answer, Json, Refused, invalid
from fake_github.remarks import Comment, IssueComment, Remark
from fake_github.reviewing import BODY
from fake_github.routing import Call, Routes
from fake_github.state import CheckRun

ROUTES = Routes()
REPO = "/repos/{owner}/{repo}"
SCOPES = ("issues", "pull_requests")
"""A pull request's conversation is open to either permission."""


@ROUTES.get(REPO + "/issues/{issue_number}/comments", *SCOPES)
def comments(call: Call) -> Answer:
    if call.number("issue_number") in call.repo.issues:
        return call.listing(rest_issues.of(call).notes, rest_issues.note)
    return call.listing(call.pull.comments, conversation_json.issue_comment)


@ROUTES.write("POST", REPO + "/issues/{issue_number}/comments", *SCOPES)
def create_comment(call: Call) -> Answer:
    if call.number("issue_number") in call.repo.issues:
        return rest_issues.comment(call)
    made = call.pull.comment(call.user.user.login, _body(call))
    return Answer(conversation_json.issue_comment(made), 201)


@ROUTES.get(REPO + "/issues/comments/{comment_id}", *SCOPES)
def comment(call: Call) -> Answer:
    return Answer(conversation_json.issue_comment(call.remark(IssueComment, "comment_id")))


@ROUTES.write("PATCH", REPO + "/issues/comments/{comment_id}", *SCOPES)
def edit_comment(call: Call) -> Answer:
    found = call.remark(IssueComment, "comment_id")
    call.demand_edit(found)
    found.edit(_body(call))
    return Answer(conversation_json.issue_comment(found))


@ROUTES.write("DELETE", REPO + "/issues/comments/{comment_id}", *SCOPES)
def delete_comment(call: Call) -> Answer:
    found = call.remark(IssueComment, "comment_id")
    call.demand_edit(found)
    found.delete()
    return Answer(status=204)


@ROUTES.get(REPO + "/pulls/comments/{comment_id}/reactions", "pull_requests")
def review_comment_reactions(call: Call) -> Answer:
    return _reactions(call, call.remark(Comment, "comment_id"))


@ROUTES.write("POST", REPO + "/pulls/comments/{comment_id}/reactions", "pull_requests")
def react_to_review_comment(call: Call) -> Answer:
    return _react(call, call.remark(Comment, "comment_id"))


@ROUTES.get(REPO + "/issues/comments/{comment_id}/reactions", *SCOPES)
def comment_reactions(call: Call) -> Answer:
    return _reactions(call, call.remark(IssueComment, "comment_id"))


@ROUTES.write("POST", REPO + "/issues/comments/{comment_id}/reactions", *SCOPES)
def react_to_comment(call: Call) -> Answer:
    return _react(call, call.remark(IssueComment, "comment_id"))


@ROUTES.write("POST", REPO + "/check-runs", "checks")
def create_check_run(call: Call) -> Answer:
    run = CheckRun(
        id=call.state.number(),
        app=call.user.user,
        head_sha=call.commit(call.body["head_sha"]),
        name=call.body["name"],
        started_at=call.body.get("started_at") or call.state.timestamp(),
    )
    _update(call, run)
    call.repo.check_runs.append(run)
    return Answer(builders.check_run(run, call.repo), 201)


@ROUTES.get(REPO + "/check-runs/{check_run_id}", "checks")
def check_run(call: Call) -> Answer:
    return Answer(builders.check_run(_check_run(call), call.repo))


@ROUTES.write("PATCH", REPO + "/check-runs/{check_run_id}", "checks")
def edit_check_run(call: Call) -> Answer:
    run = _check_run(call)
    if run.app != call.user.user:
        raise Refused(403, "Invalid app_id - check run can only be modified by the GitHub App that created it.")
    _update(call, run)
    return Answer(builders.check_run(run, call.repo))


@ROUTES.get(REPO + "/check-runs/{check_run_id}/annotations", "checks")
def check_run_annotations(call: Call) -> Answer:
    run = _check_run(call)
    nulls = dict.fromkeys(("start_column", "end_column", "title", "raw_details"), None)
    href = f"{builders.repository_url(call.repo)}/blob/{run.head_sha}/"
    return call.listing(run.annotations, lambda it: {**nulls, "blob_href": href + it["path"], **it})


@ROUTES.get(REPO + "/commits/{ref}/check-runs", "checks")
def check_runs(call: Call) -> Answer:
    sha, name = call.commit(call.parameters["ref"]), call.query.get("check_name")
    found = [run for run in reversed(call.repo.check_runs) if run.head_sha == sha and name in (None, run.name)]
    shown, headers = call.page(found)
    runs = [builders.check_run(run, call.repo) for run in shown]
    return Answer({"total_count": len(found), "check_runs": runs}, headers=headers)


def _check_run(call: Call) -> CheckRun:
    wanted = call.number("check_run_id")
    for run in call.repo.check_runs:
        if run.id == wanted:
            return run
    raise Refused(404, "Not Found")


def _update(call: Call, run: CheckRun) -> None:
    """Annotations add up over requests; a conclusion completes the run."""
    body = call.body
    for name in ("name", "status", "external_id", "details_url", "conclusion", "completed_at"):
        if name in body:
            setattr(run, name, body[name])
    if "conclusion" in body:
        run.status = "completed"
        run.completed_at = run.completed_at or call.state.timestamp()
    output: Json = body.get("output") or {}
    run.output.update({name: value for name, value in output.items() if name != "annotations"})
    run.annotations += output.get("annotations", [])


def _body(call: Call) -> str:
    body: str = call.body["body"]
    if not body.strip():
        raise invalid("IssueComment", "body", "body can't be blank")
    if len(body) > BODY:
        raise invalid("IssueComment", "body", f"body is too long (maximum is {BODY} characters)")
    return body


def _reactions(call: Call, remark: Remark) -> Answer:
    wanted = call.query.get("content")
    found = [it for it in remark.reactions if wanted in (None, it.content)]
    return call.listing(found, lambda it: conversation_json.reaction(it, call.state))


def _react(call: Call, remark: Remark) -> Answer:
    before = len(remark.reactions)
    made = remark.react(call.user.user.login, call.body["content"])
    status = 201 if len(remark.reactions) > before else 200
    return Answer(conversation_json.reaction(made, call.state), status)
