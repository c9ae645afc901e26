"""Issues, comments on them, and what is uploaded to code scanning."""

from __future__ import annotations

import base64
import binascii
import gzip
import json
from typing import TYPE_CHECKING

from fake_github import builders
from fake_github.answers import Answer, Json, Refused, invalid, not_found
from fake_github.people import demand
from fake_github.reviewing import BODY
from fake_github.routing import Call, Routes

if TYPE_CHECKING:
    from fake_github.issues import Issue, IssueNote

ROUTES = Routes()
REPO = "/repos/{owner}/{repo}"
MAX_GZIPPED = 10_000_000


@ROUTES.get(REPO + "/issues", "issues")
def issues(call: Call) -> Answer:
    """The newest first; without the pull requests that GitHub lists among them."""
    state, creator = call.query.get("state", "open"), call.query.get("creator")
    found = [
        it for it in call.repo.issues.values() if state in ("all", it.state) and creator in (None, it.author.login)
    ]
    return call.listing(list(reversed(found)), issue)


@ROUTES.write("POST", REPO + "/issues", "issues")
def create(call: Call) -> Answer:
    title: str = call.body["title"]
    if not title.strip() or len(title) > 256:
        raise invalid("Issue", "title", "title is too short or too long (maximum is 256 characters)")
    return Answer(issue(call.repo.open_issue(call.user.user.login, title, checked_body("Issue", call.body))), 201)


@ROUTES.get(REPO + "/issues/{issue_number}", "issues")
def one(call: Call) -> Answer:
    return Answer(issue(of(call)))


@ROUTES.write("PATCH", REPO + "/issues/{issue_number}", "issues")
def edit(call: Call) -> Answer:
    found = of(call)
    if "title" in call.body:
        found.title = call.body["title"]
    if "body" in call.body:
        found.body = checked_body("Issue", call.body)
    wanted = call.body.get("state", found.state)
    if wanted != found.state:
        found.close(call.body.get("state_reason") or "completed") if wanted == "closed" else found.reopen()
    found.touch()
    return Answer(issue(found))


@ROUTES.write("POST", REPO + "/code-scanning/sarifs", "security_events")
def upload(call: Call) -> Answer:
    """Taken as GitHub takes it: unpacked later, so that only what is no SARIF at all is refused at once."""
    if not call.repo.scanning:
        raise Refused(403, "Code scanning is not enabled for this repository.")
    call.commit(call.body["commit_sha"])
    try:
        packed = base64.b64decode(call.body["sarif"], validate=True)
        document = json.loads(gzip.decompress(packed))
    except (binascii.Error, OSError, ValueError) as error:
        raise Refused(400, "Invalid SARIF. The content is no gzipped and base64-encoded SARIF.") from error
    if len(packed) > MAX_GZIPPED:
        raise Refused(413, "Payload too large")
    call.repo.sarifs.append({**call.body, "sarif": document})
    number = str(call.state.number())
    url = f"{builders.repository_api(call.repo)}/code-scanning/sarifs/{number}"
    return Answer({"id": number, "url": url}, 202)


def of(call: Call) -> Issue:
    found = call.repo.issues.get(call.number("issue_number"))
    if found is None:
        raise not_found()
    return found


def comment(call: Call) -> Answer:
    """On an issue that is no pull request the permission for those does not help."""
    found = of(call)
    demand(call.token, call.repo, ("issues",), "write")
    made = found.comment(call.user.user.login, checked_body("IssueComment", call.body) or "")
    return Answer(note(made), 201)


def checked_body(resource: str, given: Json) -> str | None:
    body: str | None = given.get("body")
    if body is not None and len(body) > BODY:
        raise invalid(resource, "body", f"body is too long (maximum is {BODY} characters)")
    return body


def issue(it: Issue) -> Json:
    repo = it.repository
    api, html = issue_api(it), issue_url(it)
    return {
        "id": it.id,
        "node_id": it.node_id,
        "number": it.number,
        "url": api,
        "html_url": html,
        "repository_url": builders.repository_api(repo),
        **{f"{name}_url": f"{api}/{name}" for name in ("comments", "events", "timeline")},
        "labels_url": f"{api}/labels{{/name}}",
        "title": it.title,
        "body": it.body,
        "state": it.state,
        "state_reason": it.state_reason,
        "user": builders.user(it.author, repo.state),
        "author_association": builders.association(it.author, repo),
        "labels": [],
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "locked": False,
        "comments": len(it.notes),
        "created_at": it.created_at,
        "updated_at": it.updated_at,
        "closed_at": it.closed_at,
        "performed_via_github_app": None,
    }


def note(it: IssueNote) -> Json:
    repo = it.repository
    return {
        "id": it.id,
        "node_id": it.node_id,
        "url": f"{builders.repository_api(repo)}/issues/comments/{it.id}",
        "html_url": f"{issue_url(it.issue)}#issuecomment-{it.id}",
        "issue_url": issue_api(it.issue),
        "user": builders.user(it.author, repo.state),
        "author_association": builders.association(it.author, repo),
        "body": it.body,
        "created_at": it.created_at,
        "updated_at": it.created_at,
        "performed_via_github_app": None,
    }


def issue_api(it: Issue) -> str:
    return f"{builders.repository_api(it.repository)}/issues/{it.number}"


def issue_url(it: Issue) -> str:
    return f"{builders.repository_url(it.repository)}/issues/{it.number}"
