"""The repository: its contents and commits, who may do what; and who one is."""

from __future__ import annotations

from fake_github import builders, git_json
from fake_github.answers import Answer, Refused, not_found
from fake_github.builders import repository_api, repository_url
from fake_github.objects import Entry
from fake_github.routing import Call, Routes

ROUTES = Routes()
REPO = "/repos/{owner}/{repo}"
RAW = "application/vnd.github.raw; charset=utf-8"
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


@ROUTES.get("/user")
def me(call: Call) -> Answer:
    """Not for an app's token: it is no user."""
    if call.token is None:
        raise Refused(401, "Requires authentication")
    if call.token.user.is_bot:
        raise Refused(403, call.token.refusal)
    return Answer(builders.profile(call.token.user, call.state))


@ROUTES.get("/users/{username}")
def somebody(call: Call) -> Answer:
    who = call.state.users.get(call.parameters["username"])
    if who is None:
        raise not_found()
    return Answer(builders.profile(who, call.state))


@ROUTES.get(REPO, "metadata")
def repository(call: Call) -> Answer:
    return Answer(builders.repository(call.repo))


@ROUTES.get(REPO + "/collaborators/{username}/permission", "metadata")
def permission(call: Call) -> Answer:
    who = call.state.users.get(call.parameters["username"])
    if who is None:
        raise not_found()
    role = call.repo.role(who.login)
    person = {**builders.user(who, call.state), "role_name": role}
    return Answer({"permission": role, "role_name": role, "user": person})


@ROUTES.get(REPO + "/contents/{path}", "contents")
def contents(call: Call) -> Answer:
    objects, path = call.repo.objects, call.parameters["path"].strip("/")
    ref = call.query.get("ref") or objects.default_branch()
    commit = objects.commit_sha(ref)
    if commit is None:
        raise Refused(404, f"No commit found for the ref {ref}")
    entry = objects.entry(commit, path)
    if entry is None:
        raise not_found()
    if entry.kind == "tree":
        shown = [_below(path, child) for child in objects.children(commit, path)]
        return Answer([git_json.content(child, call.repo, ref, None, call.limits) for child in shown])
    data = objects.blob(entry.sha) if entry.kind == "blob" else b""
    if "raw" in call.accept:
        return Answer(data, kind=RAW)
    return Answer(git_json.content(entry, call.repo, ref, data, call.limits))


def _below(folder: str, it: Entry) -> Entry:
    return Entry(it.mode, it.kind, it.sha, it.size, f"{folder}/{it.path}")


@ROUTES.get(REPO + "/git/blobs/{file_sha}", "contents")
def blob(call: Call) -> Answer:
    objects, sha = call.repo.objects, call.parameters["file_sha"]
    if objects.object_sha(f"{sha}^{{blob}}") is None:
        raise not_found()
    data = objects.blob(sha)
    return Answer(data, kind=RAW) if "raw" in call.accept else Answer(git_json.blob(sha, data, call.repo))


@ROUTES.get(REPO + "/git/trees/{tree_sha}", "contents")
def tree(call: Call) -> Answer:
    objects = call.repo.objects
    sha = objects.object_sha(f"{call.parameters['tree_sha']}^{{tree}}")
    if sha is None:
        raise not_found()
    entries = objects.tree(sha, recursive="recursive" in call.query)
    return Answer(git_json.tree(sha, entries, call.repo, call.limits))


@ROUTES.get(REPO + "/commits", "contents")
def commits(call: Call) -> Answer:
    objects = call.repo.objects
    start = objects.commit_sha(call.query.get("sha") or objects.default_branch())
    if start is None:
        raise not_found()
    shas = objects.history(start, 1000)
    return call.listing(shas, lambda sha: git_json.commit(objects.commit(sha), call.repo))


@ROUTES.get(REPO + "/commits/{ref}", "contents")
def commit(call: Call) -> Answer:
    found = call.repo.objects.commit(call.commit(call.parameters["ref"]))
    before = found.parents[0] if found.parents else EMPTY_TREE
    files = call.repo.diffs.between(before, found.sha)
    return Answer(git_json.whole_commit(found, call.repo, files, call.limits))


@ROUTES.get(REPO + "/compare/{basehead}", "contents")
def compare(call: Call) -> Answer:
    """The commits are paged; the files, 300 at most, come with the first page alone."""
    base, dots, head = call.parameters["basehead"].partition("...")
    objects = call.repo.objects
    ends = [objects.commit_sha(name.rpartition(":")[2]) for name in (base, head)]
    before, after = ends
    parted = objects.merge_base(before, after) if before and after else None
    if not dots or before is None or after is None or parted is None:
        raise not_found()
    ahead, behind = objects.between(before, after), objects.between(after, before)
    is_paged = call.query.keys() & {"page", "per_page"}
    shown, headers = call.page(ahead) if is_paged else (ahead[: call.limits.commits], {})
    files = call.repo.diffs.between(parted, after)[: call.limits.compare_files]
    is_first = call.query.get("page", "1") == "1"
    address = f"{repository_url(call.repo)}/compare/{base}...{head}"
    body = {
        "url": f"{repository_api(call.repo)}/compare/{base}...{head}",
        "html_url": address,
        "permalink_url": address,
        "diff_url": f"{address}.diff",
        "patch_url": f"{address}.patch",
        "base_commit": git_json.commit(objects.commit(before), call.repo),
        "merge_base_commit": git_json.commit(objects.commit(parted), call.repo),
        "status": _relation(len(ahead), len(behind)),
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": [git_json.commit(objects.commit(sha), call.repo) for sha in shown],
        "files": git_json.diff_entries(files, call.repo, after, call.limits) if is_first else [],
    }
    return Answer(body, headers=headers)


def _relation(ahead: int, behind: int) -> str:
    return {
        (False, False): "identical",
        (True, False): "ahead",
        (False, True): "behind",
        (True, True): "diverged",
    }[bool(ahead), bool(behind)]
