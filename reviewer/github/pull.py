"""A pull request as GitHub describes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from reviewer.errors import Misuse
from reviewer.github import failures
from reviewer.github.answers import number as whole
from reviewer.github.answers import text
from reviewer.github.blobs import Blobs
from reviewer.github.failures import GitHubError

if TYPE_CHECKING:
    from reviewer.github.client import Client


@dataclass(frozen=True, slots=True)
class PullRequest:
    """What a pull request was when it was read: `head` and `base` are SHAs, `repository` is its present name."""

    repository: str
    number: int
    title: str
    body: str
    author: str
    state: Literal["open", "closed"]
    draft: bool
    head: str
    base: str
    head_ref: str
    base_ref: str
    fork: bool
    changed_files: int
    additions: int
    deletions: int

    @property
    def path(self) -> str:
        """Where the REST interface has it."""
        return f"/repos/{self.repository}/pulls/{self.number}"


def read(client: Client, repository: str, number: int) -> PullRequest:
    """The pull request as it is now; `Misuse` where there is none that the token may see."""
    try:
        _, data = client.rest("GET", f"/repos/{repository}/pulls/{number}")
    except GitHubError as error:
        if error.kind != "not_found":
            raise
        way = "check the name, and that the token may read the repository (`pull-requests: read`, `contents: read`)"
        raise Misuse(f"there is no pull request {repository}#{number} that this token can see: {way}") from error
    try:
        return _pull(data)
    except (KeyError, TypeError, AttributeError) as error:
        raise failures.strange(f"GitHub describes {repository}#{number}", error) from error


def merge_base(client: Client, pull: PullRequest, *, with_files: bool = False) -> tuple[str | None, list[Any] | None]:
    """Where the head left the base, which GitHub's diff is against, and at most 300 of the files if they are wanted.

    Null what GitHub cannot tell.
    """
    # Page 1 carries the files with their patches, later pages have none; the commits are paged alone.
    query = {"per_page": 1, "page": 1 if with_files else 2}
    try:
        _, data = client.rest("GET", f"/repos/{pull.repository}/compare/{pull.base}...{pull.head}", query=query)
    except GitHubError as error:
        if error.kind in ("not_found", "server", "validation"):
            return None, None
        raise
    told = data if isinstance(data, dict) else {}
    commit, files = told.get("merge_base_commit"), told.get("files")
    sha = commit.get("sha") if isinstance(commit, dict) else None
    return sha if isinstance(sha, str) else None, files if with_files and isinstance(files, list) else None


def base_file(client: Client, pull: PullRequest, path: str, blobs: Blobs | None = None) -> str | None:
    """The file as it is at the base; null where there is none. `Misuse` where it is there and no readable text."""
    blobs = blobs or Blobs(client, pull.repository, pull.number)
    blobs.fetch([(pull.base, path)])
    blob = blobs.get(pull.base, path)
    if blob is not None and blob.text is None:
        raise Misuse(f"{path} on {pull.base_ref} is binary or too large to be read: mend it there")
    return None if blob is None else blob.text


def wanted_commits(pull: PullRequest) -> tuple[str, str]:
    """Base and head: a checkout that has both, and what they come from, needs no files API (`base...head`)."""
    return pull.base, pull.head


def _pull(data: Any) -> PullRequest:
    head, base = data["head"], data["base"]
    theirs, ours = head["repo"], base["repo"]
    return PullRequest(
        repository=text(ours["full_name"]),
        number=whole(data["number"]),
        title=text(data["title"] or ""),
        body=text(data["body"] or ""),
        author=text((data["user"] or {"login": "ghost"})["login"]),
        state="open" if data["state"] == "open" else "closed",
        draft=bool(data.get("draft")),
        head=text(head["sha"]),
        base=text(base["sha"]),
        head_ref=text(head["ref"]),
        base_ref=text(base["ref"]),
        fork=theirs is None or theirs["full_name"] != ours["full_name"],
        changed_files=whole(data["changed_files"]),
        additions=whole(data["additions"]),
        deletions=whole(data["deletions"]),
    )
