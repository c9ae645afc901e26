"""One issue of ours in a repository: found again, written, commented, closed and opened, each thing once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reviewer.github import attempts
from reviewer.github.failures import GitHubError, strange
from reviewer.github.posting import address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reviewer.github.client import Client

    IsOurs = Callable[[str], bool]
    """Whether a body of ours has the marker that is looked for."""

RECENT = 30
"""Issues that are looked at before those of one author are asked for."""
MOST_PAGES = 20
"""Of 100 issues each, of one author."""
COMMENTS = 20
"""The last ones are looked at."""

_ISSUE = f"""
  number url title body state viewerDidAuthor
  comments(last: {COMMENTS}) {{ nodes {{ body viewerDidAuthor }} }}
"""
_RECENT = f"""
query Recent($owner: String!, $name: String!) {{
  viewer {{ login }}
  repository(owner: $owner, name: $name) {{
    issues(first: {RECENT}, orderBy: {{field: UPDATED_AT, direction: DESC}}) {{ nodes {{ {_ISSUE} }} }}
  }}
}}
"""
_BY_AUTHOR = f"""
query Ours($owner: String!, $name: String!, $author: String!, $after: String) {{
  repository(owner: $owner, name: $name) {{
    issues(
      first: 100, after: $after, filterBy: {{createdBy: $author}}, orderBy: {{field: CREATED_AT, direction: ASC}}
    ) {{ nodes {{ {_ISSUE} }} pageInfo {{ endCursor hasNextPage }} }}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Found:
    """The issue as it is. `comments`: the bodies of the last ones that are ours."""

    number: int
    url: str
    title: str
    body: str
    is_open: bool
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edition:
    """The issue as it is to be. `title` is for a new one: people may have given it another since."""

    title: str
    body: str
    is_open: bool
    comment: str | None = None


def find(client: Client, repository: str, is_ours: IsOurs) -> Found | None:
    """Ours is what GitHub says that we wrote, with our marker; of several the oldest. Raises `GitHubError`.

    It is among those that changed last, or it costs more requests: one for 100 issues of ours.
    """
    try:
        return _find(client, repository, is_ours)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise strange(f"GitHub tells of the issues of {repository}", error) from error


def _find(client: Client, repository: str, is_ours: IsOurs) -> Found | None:
    owner, _, name = repository.partition("/")
    where = {"owner": owner, "name": name}
    data = client.graphql(_RECENT, where)
    found = _oldest(_issues(data, repository), is_ours)
    if found is None:
        author = (data.get("viewer") or {}).get("login")
        found = _by_author(client, repository, {**where, "author": author}, is_ours) if author else None
    return found


def publish(
    client: Client,
    repository: str,
    found: Found | None,
    edition: Edition,
    *,
    is_ours: IsOurs,
    is_late: Callable[[], bool],
) -> str:
    """Writes what is not written yet; gives the issue's address. Raises `GitHubError`.

    The comment comes first: where the rest is lost, the next run finds it by its marker and does not say it again.
    """
    path = f"/repos/{repository}/issues"
    if found is None:
        return _created(client, path, edition, lambda: find(client, repository, is_ours), is_late)
    path = f"{path}/{found.number}"
    if edition.comment is not None and not _is_said(edition.comment, found):
        _comment(client, path, edition.comment, lambda: find(client, repository, is_ours), is_late)
    change = {} if _plain(edition.body) == _plain(found.body) else {"body": edition.body}
    if edition.is_open is not found.is_open:
        change |= {"state": "open" if edition.is_open else "closed"}
        change |= {"state_reason": "reopened" if edition.is_open else "completed"}
    if change:
        attempts.again(lambda: client.rest("PATCH", path, body=change), is_late=is_late)
    return found.url


def _created(
    client: Client, path: str, edition: Edition, look: Callable[[], Found | None], is_late: Callable[[], bool]
) -> str:
    def send() -> str:
        return address(client.rest("POST", path, body={"title": edition.title, "body": edition.body})[1])

    def stored() -> str | None:
        found = look()
        return found.url if found else None

    return attempts.once(send, stored, is_late=is_late, settle=client.settle)


def _comment(
    client: Client, path: str, body: str, look: Callable[[], Found | None], is_late: Callable[[], bool]
) -> None:
    def stored() -> bool | None:
        found = look()
        return True if found and _is_said(body, found) else None

    def send() -> bool:
        return bool(client.rest("POST", f"{path}/comments", body={"body": body}))

    attempts.once(send, stored, is_late=is_late, settle=client.settle)


def _is_said(comment: str, found: Found) -> bool:
    """By its last line, the marker."""
    last = _plain(comment).rpartition("\n")[2]
    return any(_plain(each).rpartition("\n")[2] == last for each in found.comments)


def _plain(text: str) -> str:
    """GitHub's own editor writes other line ends."""
    return text.replace("\r\n", "\n").rstrip()


def _by_author(client: Client, repository: str, where: dict[str, Any], is_ours: IsOurs) -> Found | None:
    after = None
    for _ in range(MOST_PAGES):
        data = client.graphql(_BY_AUTHOR, {**where, "after": after})
        found = _oldest(_issues(data, repository), is_ours)
        page = data["repository"]["issues"]["pageInfo"]
        if found is not None or not page["hasNextPage"]:
            return found
        after = page["endCursor"]
    return None


def _issues(data: Any, repository: str) -> Iterator[Any]:
    found = data.get("repository")
    if found is None:
        raise GitHubError(
            f"{repository} is not to be seen: check its name and the token's permissions", status=404, kind="not_found"
        )
    return filter(None, found["issues"]["nodes"] or ())


def _oldest(issues: Iterator[Any], is_ours: IsOurs) -> Found | None:
    ours = (issue for issue in issues if issue["viewerDidAuthor"] and is_ours(issue["body"]))
    return min(map(_found, ours), key=lambda issue: issue.number, default=None)


def _found(issue: Any) -> Found:
    comments = filter(None, issue["comments"]["nodes"] or ())
    return Found(
        number=int(issue["number"]),
        url=issue["url"],
        title=issue["title"],
        body=issue["body"],
        is_open=issue["state"] == "OPEN",
        comments=tuple(comment["body"] for comment in comments if comment["viewerDidAuthor"]),
    )
