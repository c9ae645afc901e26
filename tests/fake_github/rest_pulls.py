"""Pull requests, their files, reviews and review comments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_github import builders, conversation_json, git_json, reviewing
from fake_github.answers import Answer, Refused, not_found, unprocessable
from fake_github.remarks import Comment, Review
from fake_github.routing import Call, Routes

if TYPE_CHECKING:
    from fake_github.diffs import DiffFile

ROUTES = Routes()
PULLS = "/repos/{owner}/{repo}/pulls"
PULL = PULLS + "/{pull_number}"
SCOPE = "pull_requests"


@ROUTES.get(PULLS, SCOPE)
def pulls(call: Call) -> Answer:
    wanted = call.query.get("state", "open")
    head = call.query.get("head")
    found = [
        pull
        for pull in reversed(call.repo.pulls.values())
        if wanted in ("all", pull.state) and head in (None, f"{pull.head_repository.owner.login}:{pull.head}")
    ]
    return call.listing(found, lambda pull: builders.pull(pull, pull.tips()))


@ROUTES.get(PULLS + "/comments/{comment_id}", SCOPE)
def comment(call: Call) -> Answer:
    found = call.remark(Comment, "comment_id")
    return Answer(conversation_json.comment(found, found.pull.tips()))


@ROUTES.write("PATCH", PULLS + "/comments/{comment_id}", SCOPE)
def edit_comment(call: Call) -> Answer:
    found = call.remark(Comment, "comment_id")
    call.demand_edit(found)
    found.edit(reviewing.check_body(call.body["body"]))
    return Answer(conversation_json.comment(found, found.pull.tips()))


@ROUTES.write("DELETE", PULLS + "/comments/{comment_id}", SCOPE)
def delete_comment(call: Call) -> Answer:
    found = call.remark(Comment, "comment_id")
    call.demand_edit(found)
    found.delete()
    return Answer(status=204)


@ROUTES.get(PULL, SCOPE)
def pull(call: Call) -> Answer:
    """Or its diff, when the Accept header asks for that: not for a large one."""
    if "diff" not in call.accept:
        return Answer(builders.whole_pull(call.pull))
    files, tips = call.pull.files(), call.pull.tips()
    _refuse_large_diff(call, files)
    return Answer(call.repo.diffs.text(tips.merge_base, tips.head), kind="application/vnd.github.diff; charset=utf-8")


def _refuse_large_diff(call: Call, files: tuple[DiffFile, ...]) -> None:
    for what, size, most in (
        ("files", len(files), call.limits.diff_files),
        ("lines", sum(file.lines for file in files), call.limits.diff_lines),
    ):
        if size > most:
            error = {"resource": "PullRequest", "field": "diff", "code": "too_large"}
            raise Refused(406, f"Sorry, the diff exceeded the maximum number of {what} ({most}).", (error,))


@ROUTES.get(PULL + "/files", SCOPE)
def files(call: Call) -> Answer:
    shown, headers = call.page(call.pull.files()[: call.limits.files])
    return Answer(git_json.diff_entries(shown, call.repo, call.pull.head_sha, call.limits), headers=headers)


@ROUTES.get(PULL + "/commits", SCOPE)
def commits(call: Call) -> Answer:
    tips, objects = call.pull.tips(), call.repo.objects
    found = objects.between(tips.merge_base, tips.head)[: call.limits.commits]
    return call.listing(found, lambda sha: git_json.commit(objects.commit(sha), call.repo))


@ROUTES.get(PULL + "/comments", SCOPE)
def comments(call: Call) -> Answer:
    tips = call.pull.tips()
    found = sorted((c for thread in call.pull.threads for c in thread.comments), key=lambda c: c.id)
    if call.query.get("direction") == "desc":
        found.reverse()
    return call.listing(found, lambda it: conversation_json.comment(it, tips))


@ROUTES.write("POST", PULL + "/comments/{comment_id}/replies", SCOPE)
def reply(call: Call) -> Answer:
    first = call.remark(Comment, "comment_id")
    body = reviewing.check_body(call.body["body"])
    made = call.pull.reply(first.thread, call.user.user.login, body)
    return Answer(conversation_json.comment(made, call.pull.tips()), 201)


@ROUTES.get(PULL + "/reviews", SCOPE)
def reviews(call: Call) -> Answer:
    return call.listing([it for it in call.pull.all_reviews if _is_visible(call, it)], conversation_json.review)


@ROUTES.write("POST", PULL + "/reviews", SCOPE)
def create_review(call: Call) -> Answer:
    drafts = call.body.get("comments") or []
    most = call.limits.review_comments
    if most is not None and len(drafts) > most:
        raise unprocessable(f"Review comments is too long (maximum is {most})")
    made = reviewing.submit(
        call.pull,
        call.user.user,
        body=call.body.get("body") or "",
        event=call.body.get("event"),
        commit_id=call.body.get("commit_id"),
        comments=drafts,
    )
    return Answer(conversation_json.review(made))


@ROUTES.get(PULL + "/reviews/{review_id}", SCOPE)
def review(call: Call) -> Answer:
    return Answer(conversation_json.review(_review(call)))


@ROUTES.write("PUT", PULL + "/reviews/{review_id}", SCOPE)
def edit_review(call: Call) -> Answer:
    found = _review(call)
    call.demand_edit(found)
    found.edit(reviewing.check_body(call.body["body"]))
    return Answer(conversation_json.review(found))


@ROUTES.write("DELETE", PULL + "/reviews/{review_id}", SCOPE)
def delete_review(call: Call) -> Answer:
    """Only what was never submitted."""
    found = _review(call)
    call.demand_edit(found)
    if found.state != "PENDING":
        raise unprocessable("Can not delete a non-pending pull request review")
    for made in list(found.comments):
        made.delete()
    call.pull.all_reviews.remove(found)
    call.state.forget(found)
    return Answer(conversation_json.review(found))


@ROUTES.write("POST", PULL + "/reviews/{review_id}/events", SCOPE)
def submit_review(call: Call) -> Answer:
    found = _review(call)
    call.demand_edit(found)
    reviewing.finish(found, call.body["event"], call.body.get("body"))
    return Answer(conversation_json.review(found))


@ROUTES.get(PULL + "/reviews/{review_id}/comments", SCOPE)
def review_comments(call: Call) -> Answer:
    tips = call.pull.tips()
    return call.listing(_review(call).comments, lambda it: conversation_json.comment(it, tips, old_form=True))


def _review(call: Call) -> Review:
    found = call.remark(Review, "review_id")
    if found.pull is not call.pull or not _is_visible(call, found):
        raise not_found()
    return found


def _is_visible(call: Call, it: Review) -> bool:
    return it.state != "PENDING" or (call.token is not None and call.token.user == it.author)
