"""People, repositories and pull requests as REST writes them, with every key that GitHub promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fake_github.answers import Json
    from fake_github.people import User
    from fake_github.pulls import Pull, Tips
    from fake_github.remarks import Remark
    from fake_github.state import CheckRun, Repository, State

REACTIONS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes")
TEMPLATES = {
    "archive": "/{archive_format}{/ref}", "assignees": "{/user}", "blobs": "{/sha}", "branches": "{/branch}",
    "collaborators": "{/collaborator}", "comments": "{/number}", "commits": "{/sha}",
    "compare": "/{base}...{head}", "contents": "/{+path}", "git_commits": "{/sha}", "git_refs": "{/sha}",
    "git_tags": "{/sha}", "issue_comment": "{/number}", "issue_events": "{/number}", "issues": "{/number}",
    "keys": "{/key_id}", "labels": "{/name}", "milestones": "{/number}",
    "notifications": "{?since,all,participating}", "pulls": "{/number}", "releases": "{/id}",
    "statuses": "/{sha}", "trees": "{/sha}", "contributors": "", "deployments": "", "downloads": "", "events": "",
    "forks": "", "hooks": "", "languages": "", "merges": "", "stargazers": "", "subscribers": "",
    "subscription": "", "tags": "", "teams": "",
}  # fmt: skip
PATHS = {
    "archive": "", "blobs": "/git/blobs", "git_commits": "/git/commits", "git_refs": "/git/refs",
    "git_tags": "/git/tags", "trees": "/git/trees", "issue_comment": "/issues/comments",
    "issue_events": "/issues/events",
}  # fmt: skip


def user(who: User, state: State) -> Json:
    url, api = f"{state.url}/{who.login}", f"{state.api}/users/{who.login}"
    extras = {
        "followers": "", "following": "{/other_user}", "gists": "{/gist_id}", "starred": "{/owner}{/repo}",
        "subscriptions": "", "organizations": "", "repos": "", "events": "{/privacy}", "received_events": "",
    }  # fmt: skip
    paths = {"organizations": "orgs"}
    return {
        "login": who.login,
        "id": who.id,
        "node_id": who.node_id,
        "avatar_url": f"{state.url}/avatars/u/{who.id}?v=4",
        "gravatar_id": "",
        "url": api,
        "html_url": url,
        **{f"{name}_url": f"{api}/{paths.get(name, name)}{end}" for name, end in extras.items()},
        "type": "Bot" if who.is_bot else "User",
        "user_view_type": "public",
        "site_admin": False,
    }


def profile(who: User, state: State) -> Json:
    """The longer form, of GET /user and /users/{username}."""
    nothing = dict.fromkeys(("bio", "blog", "company", "email", "hireable", "location"), None)
    counts = dict.fromkeys(("followers", "following", "public_gists", "public_repos"), 0)
    times = dict.fromkeys(("created_at", "updated_at"), state.timestamp())
    return {**user(who, state), "name": who.login, **nothing, **counts, **times}


def repository(repo: Repository) -> Json:
    api, url, now = repository_api(repo), repository_url(repo), repo.state.timestamp()
    ssh = f"git@127.0.0.1:{repo.full_name}.git"
    counts = (
        "forks", "forks_count", "open_issues", "open_issues_count", "size", "stargazers_count", "watchers",
        "watchers_count", "network_count", "subscribers_count",
    )  # fmt: skip
    flags = {
        "has_issues": True, "has_projects": False, "has_wiki": False, "has_pages": False, "has_discussions": False,
        "has_downloads": True, "archived": False, "disabled": False,
    }  # fmt: skip
    return {
        "id": repo.id,
        "node_id": repo.node_id,
        "name": repo.name,
        "full_name": repo.full_name,
        "owner": user(repo.owner, repo.state),
        "private": repo.private,
        "fork": repo.parent is not None,
        "description": None,
        "homepage": None,
        "language": None,
        "license": None,
        "mirror_url": None,
        "default_branch": repo.objects.default_branch(),
        "url": api,
        "html_url": url,
        "clone_url": f"{url}.git",
        "git_url": f"git://127.0.0.1/{repo.full_name}.git",
        "ssh_url": ssh,
        "svn_url": url,
        **{f"{name}_url": f"{api}{PATHS.get(name, f'/{name}')}{end}" for name, end in TEMPLATES.items()},
        **dict.fromkeys(counts, 0),
        **flags,
        **dict.fromkeys(("created_at", "updated_at", "pushed_at"), now),
    }


def repository_api(repo: Repository) -> str:
    return f"{repo.state.api}/repos/{repo.full_name}"


def repository_url(repo: Repository) -> str:
    return f"{repo.state.url}/{repo.full_name}"


def pull(it: Pull, tips: Tips) -> Json:
    """As one of a list; `whole_pull` is the longer form."""
    repo = it.repository
    api, url = pull_api(it), pull_url(it)
    issue = f"{repository_api(repo)}/issues/{it.number}"
    addresses = {
        "html": url,
        "self": api,
        "issue": issue,
        "comments": f"{issue}/comments",
        "review_comments": f"{api}/comments",
        "review_comment": f"{repository_api(repo)}/pulls/comments{{/number}}",
        "commits": f"{api}/commits",
        "statuses": f"{repository_api(repo)}/statuses/{tips.head}",
    }
    keys = {
        "html": "html_url",
        "self": "url",
        **{name: f"{name}_url" for name in addresses if name not in ("html", "self")},
    }
    return {
        **{keys[name]: address for name, address in addresses.items()},
        "_links": {name: {"href": address} for name, address in addresses.items()},
        "id": it.id,
        "node_id": it.node_id,
        "number": it.number,
        "diff_url": f"{url}.diff",
        "patch_url": f"{url}.patch",
        "state": it.state,
        "locked": False,
        "title": it.title,
        "body": it.body,
        "user": user(it.author, repo.state),
        "author_association": association(it.author, repo),
        "created_at": it.created_at,
        "updated_at": it.created_at,
        "closed_at": it.closed_at,
        "merged_at": it.merged_at,
        "merge_commit_sha": None,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "labels": [],
        "milestone": None,
        "auto_merge": None,
        "draft": it.draft,
        "head": _end(it.head_repository, it.head, tips.head),
        "base": _end(repo, it.base, tips.base),
    }


def whole_pull(it: Pull) -> Json:
    tips, files = it.tips(), it.files()
    return {
        **pull(it, tips),
        "additions": sum(file.additions for file in files),
        "deletions": sum(file.deletions for file in files),
        "changed_files": len(files),
        "commits": len(it.repository.objects.between(tips.merge_base, tips.head)),
        "comments": len(it.comments),
        "review_comments": sum(len(thread.comments) for thread in it.threads),
        "mergeable": it.mergeable,
        "mergeable_state": "clean" if it.mergeable else "unknown",
        "rebaseable": it.mergeable,
        "merged": it.merged_at is not None,
        "merged_by": None,
        "maintainer_can_modify": it.head_repository is not it.repository,
    }


def pull_api(it: Pull) -> str:
    return f"{repository_api(it.repository)}/pulls/{it.number}"


def pull_url(it: Pull) -> str:
    return f"{repository_url(it.repository)}/pull/{it.number}"


def _end(repo: Repository, branch: str, sha: str) -> Json:
    owner = repo.owner
    return {
        "label": f"{owner.login}:{branch}",
        "ref": branch,
        "sha": sha,
        "user": user(owner, repo.state),
        "repo": repository(repo),
    }


def association(who: User, repo: Repository) -> str:
    if who == repo.owner:
        return "OWNER"
    return "COLLABORATOR" if who.login in repo.collaborators else "NONE"


def rollup(remark: Remark, url: str) -> Json:
    counts = {kind: sum(1 for r in remark.reactions if r.content == kind) for kind in REACTIONS}
    return {"url": f"{url}/reactions", "total_count": len(remark.reactions), **counts}


def _app(who: User, since: str, state: State) -> Json:
    """The app that a bot speaks for."""
    slug = who.login.removesuffix("[bot]")
    site = {"external_url": f"https://example.com/{slug}", "html_url": f"https://example.com/apps/{slug}"}
    return {
        "id": who.id, "node_id": f"A_kwDO{who.id}", "slug": slug, "name": slug, "description": None, **site,
        "owner": user(who, state), "created_at": since, "updated_at": since, "permissions": {"checks": "write"},
        "events": [],
    }  # fmt: skip


def check_run(run: CheckRun, repo: Repository) -> Json:
    url = f"{repository_api(repo)}/check-runs/{run.id}"
    output = {name: run.output.get(name) for name in ("title", "summary", "text")}
    return {
        "id": run.id,
        "node_id": run.node_id,
        "head_sha": run.head_sha,
        "name": run.name,
        "url": url,
        "html_url": f"{repository_url(repo)}/runs/{run.id}",
        "details_url": run.details_url or f"{repository_url(repo)}/runs/{run.id}",
        "external_id": run.external_id,
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": run.started_at,
        "completed_at": run.completed_at,
        "check_suite": {"id": run.id},
        "output": {
            **output,
            "annotations_count": len(run.annotations),
            "annotations_url": f"{url}/annotations",
        },
        "app": _app(run.app, run.started_at, repo.state),
        "pull_requests": [],
    }
