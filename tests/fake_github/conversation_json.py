"""Reviews, comments and reactions as REST writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fake_github import builders, reviewing

if TYPE_CHECKING:
    from fake_github.answers import Json
    from fake_github.pulls import Tips
    from fake_github.remarks import Comment, IssueComment, Reaction, Remark, Review
    from fake_github.state import State


def review(it: Review) -> Json:
    html = f"{builders.pull_url(it.pull)}#pullrequestreview-{it.id}"
    # A pending review has no time of submission, which GitHub writes by leaving the key out.
    submitted = {} if it.state == "PENDING" else {"submitted_at": it.created_at}
    return {
        **_words(it),
        "state": it.state,
        "commit_id": it.commit_id,
        "html_url": html,
        "pull_request_url": builders.pull_api(it.pull),
        "_links": {"html": {"href": html}, "pull_request": {"href": builders.pull_api(it.pull)}},
        **submitted,
    }


def comment(it: Comment, tips: Tips, *, old_form: bool = False) -> Json:
    """A review comment. What is null for an outdated one is left out, since the description allows no null there.

    `old_form`: as the list of one review's comments has it, where `position` may be null.
    """
    thread, where = it.thread, reviewing.standing(it.thread, tips)
    url = f"{builders.repository_api(it.pull.repository)}/pulls/comments/{it.id}"
    html = f"{builders.pull_url(it.pull)}#discussion_r{it.id}"
    pull = builders.pull_api(it.pull)
    optional: dict[str, Any] = {
        "line": where.line,
        "position": where.position,
        "in_reply_to_id": it.reply_to.id if it.reply_to else None,
    }
    return {
        **_words(it),
        "url": url,
        "html_url": html,
        "pull_request_url": pull,
        "_links": {"self": {"href": url}, "html": {"href": html}, "pull_request": {"href": pull}},
        "pull_request_review_id": it.review.id,
        "diff_hunk": thread.excerpt,
        "path": thread.path,
        "commit_id": where.commit,
        "original_commit_id": thread.commit,
        "original_position": thread.position,
        "original_line": thread.line,
        "original_start_line": thread.start_line,
        "start_line": where.start_line,
        "start_side": thread.side if thread.start_line else None,
        "side": thread.side,
        "subject_type": "line",
        "created_at": it.created_at,
        "updated_at": it.updated_at,
        "reactions": builders.rollup(it, url),
        **{key: value for key, value in optional.items() if value is not None or (old_form and key == "position")},
    }


def issue_comment(it: IssueComment) -> Json:
    repo = it.pull.repository
    url = f"{builders.repository_api(repo)}/issues/comments/{it.id}"
    return {
        **_words(it),
        "url": url,
        "html_url": f"{builders.pull_url(it.pull)}#issuecomment-{it.id}",
        "issue_url": f"{builders.repository_api(repo)}/issues/{it.pull.number}",
        "created_at": it.created_at,
        "updated_at": it.updated_at,
        "reactions": builders.rollup(it, url),
        "performed_via_github_app": None,
    }


def reaction(it: Reaction, state: State) -> Json:
    return {
        "id": it.id,
        "node_id": f"REA_kwDO{it.id:08d}",
        "user": builders.user(it.user, state),
        "content": it.content,
        "created_at": it.created_at,
    }


def _words(it: Remark) -> Json:
    repo = it.pull.repository
    return {
        "id": it.id,
        "node_id": it.node_id,
        "user": builders.user(it.author, repo.state),
        "author_association": builders.association(it.author, repo),
        "body": it.body,
    }
