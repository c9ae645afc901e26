from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fake_github.shop import Asker

if TYPE_CHECKING:
    from fake_github import FakeGitHub, Pull

COMMENTS = "/repos/octo/shop/issues/1/comments"
RUNS = "/repos/octo/shop/check-runs"


def note(line: int) -> dict[str, Any]:
    return {"path": "new.py", "start_line": line, "end_line": line, "annotation_level": "warning", "message": "Hm."}


def test_the_conversation(bot: Asker, github: FakeGitHub, pull: Pull) -> None:
    made = bot("POST", COMMENTS, {"body": "Hello"})
    assert made.status == 201
    pull.comment("alice", "Hi")
    assert [it["user"]["login"] for it in bot("GET", COMMENTS).body] == ["github-actions[bot]", "alice"]
    assert len(bot("GET", COMMENTS + "?per_page=1&page=2").body) == 1
    path = f"/repos/octo/shop/issues/comments/{made.body['id']}"
    assert bot("PATCH", path, {"body": "Hello again"}).body["body"] == "Hello again"
    assert bot("PATCH", path, {"body": "x" * 65_537}).status == 422
    assert bot("POST", COMMENTS, {"body": ""}).status == 422
    assert bot("POST", COMMENTS, {}).status == 422
    assert bot("POST", f"{path}/reactions", {"content": "eyes"}).status == 201
    assert len(bot("GET", f"{path}/reactions").body) == 1
    theirs = f"/repos/octo/shop/issues/comments/{pull.comments[1].id}"
    assert bot("PATCH", theirs, {"body": "No"}).status == 403
    alice = Asker(github, github.token("alice"))
    assert alice("PATCH", path, {"body": "Edited by someone who may push"}).status == 200
    assert bot("DELETE", path).status == 204
    assert bot("GET", path).status == 404
    assert bot("GET", "/repos/octo/shop/issues/9/comments").status == 404


def test_check_runs_take_fifty_annotations_at_a_time(bot: Asker, pull: Pull, github: FakeGitHub) -> None:
    output = {"title": "3 findings", "summary": "…", "annotations": [note(1)] * 50}
    begun = {"name": "reviewer", "head_sha": pull.head_sha, "status": "in_progress", "output": output}
    made = bot("POST", RUNS, begun)
    assert (made.status, made.body["output"]["annotations_count"]) == (201, 50)
    path = f"{RUNS}/{made.body['id']}"
    ended = {"conclusion": "neutral", "output": {**output, "title": "Done", "annotations": [note(2)] * 10}}
    github.assert_conforming()
    done = bot("PATCH", path, ended).body
    assert (done["status"], done["conclusion"]) == ("completed", "neutral")
    assert (done["output"]["annotations_count"], done["output"]["title"]) == (60, "Done")
    too_many = {**begun, "output": {**output, "annotations": [note(1)] * 51}}
    assert bot("POST", RUNS, too_many).status == 422
    assert bot("POST", RUNS, {**begun, "head_sha": "0" * 40}).status == 422
    assert bot("POST", RUNS, {"name": "reviewer"}).status == 422
    assert len(bot("GET", f"{path}/annotations?per_page=100").body) == 60
    listed = bot("GET", f"/repos/octo/shop/commits/{pull.head_sha}/check-runs?check_name=reviewer").body
    assert (listed["total_count"], bot("GET", path).body["id"]) == (1, made.body["id"])
    assert bot("GET", f"{RUNS}/1").status == 404
    other = Asker(github, github.token("other[bot]", checks="write"))
    assert other("PATCH", path, ended).status == 403
