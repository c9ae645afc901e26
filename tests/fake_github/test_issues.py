"""Issues and code scanning, as GitHub answers."""

from __future__ import annotations

import base64
import gzip
import json
from typing import TYPE_CHECKING

import pytest

from fake_github.shop import Asker

if TYPE_CHECKING:
    from fake_github import FakeGitHub, Pull
    from fake_github.shop import Work

REPO = "/repos/octo/shop"


@pytest.fixture
def auditor(github: FakeGitHub, pull: Pull) -> Asker:
    assert pull.number == 1
    return Asker(github, github.token("github-actions[bot]", issues="write", security_events="write"))


def test_an_issue_is_made_edited_commented_closed_and_opened(github: FakeGitHub, auditor: Asker) -> None:
    made = auditor("POST", f"{REPO}/issues", {"title": "Findings", "body": "words"})
    assert (made.status, made.body["number"]) == (201, 2)
    edited = auditor("PATCH", f"{REPO}/issues/2", {"body": "others", "state": "closed", "state_reason": "completed"})
    assert (edited.body["state"], edited.body["state_reason"], edited.body["body"]) == ("closed", "completed", "others")
    assert auditor("POST", f"{REPO}/issues/2/comments", {"body": "new"}).status == 201
    assert auditor("GET", f"{REPO}/issues/2/comments").body[0]["body"] == "new"
    opened = auditor("PATCH", f"{REPO}/issues/2", {"state": "open", "title": "Again"})
    assert (opened.body["state"], opened.body["state_reason"], opened.body["title"]) == ("open", "reopened", "Again")
    assert auditor("GET", f"{REPO}/issues/2").body["comments"] == 1
    assert [each["number"] for each in auditor("GET", f"{REPO}/issues?creator=github-actions[bot]").body] == [2]
    assert auditor("GET", f"{REPO}/issues?creator=ada&state=all").body == []
    github.assert_conforming()


def test_what_is_not_there_or_not_allowed_is_refused(github: FakeGitHub, auditor: Asker) -> None:
    reader = Asker(github, github.token("reader[bot]", issues="read", pull_requests="write"))
    auditor("POST", f"{REPO}/issues", {"title": "Findings"})
    assert auditor("GET", f"{REPO}/issues/7").status == 404
    assert reader("POST", f"{REPO}/issues", {"title": "x"}).status == 403
    assert reader("POST", f"{REPO}/issues/2/comments", {"body": "x"}).status == 403
    assert auditor("POST", f"{REPO}/issues", {"title": " "}).status == 422
    assert auditor("POST", f"{REPO}/issues", {"title": "x", "body": "x" * 65_537}).status == 422
    github.assert_conforming()


def test_graphql_sees_them_by_author_and_time(auditor: Asker) -> None:
    auditor("POST", f"{REPO}/issues", {"title": "Findings"})
    query = """query { repository(owner: "octo", name: "shop") {
      issues(first: 5, filterBy: {createdBy: "%s"}, orderBy: {field: UPDATED_AT, direction: DESC}) {
        totalCount nodes { number viewerDidAuthor state stateReason }
      }
      issue(number: 2) { title comments(last: 3) { totalCount } }
    } }"""
    found = auditor.graphql(query % "github-actions[bot]")["data"]["repository"]
    node = {"number": 2, "viewerDidAuthor": True, "state": "OPEN", "stateReason": None}
    assert found["issues"] == {"totalCount": 1, "nodes": [node]}
    assert found["issue"]["title"] == "Findings"
    assert auditor.graphql(query % "ada")["data"]["repository"]["issues"]["totalCount"] == 0
    missing = auditor.graphql('query { repository(owner: "octo", name: "shop") { issue(number: 9) { title } } }')
    assert missing["errors"][0]["type"] == "NOT_FOUND"


def test_sarif_is_taken_where_code_scanning_is_on(github: FakeGitHub, auditor: Asker, work: Work) -> None:
    packed = base64.b64encode(gzip.compress(json.dumps({"version": "2.1.0"}).encode())).decode()
    given = {"commit_sha": work.git("rev-parse", "HEAD"), "ref": "refs/heads/main", "sarif": packed}
    assert auditor("POST", f"{REPO}/code-scanning/sarifs", given).status == 202
    assert auditor("POST", f"{REPO}/code-scanning/sarifs", {**given, "sarif": "xx"}).status == 400
    github.assert_conforming()
