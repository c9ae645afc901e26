"""What GitHub refuses, as errors that say the way out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

from reviewer.errors import ReviewerError
from reviewer.text import sanitise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewer.github.answers import Answer

Kind = Literal["auth", "forbidden", "not_found", "validation", "rate", "server", "network"]

LOCATION = "x-redirected-to"
"""The header under which `transport` hands on where a redirect leads: under its own name it would be followed."""

_LONGEST = 300
_AGAIN = "it was changed at the same time: run again"
_OURS = "run again; if that is refused too, please report this line: reviewer asked for what cannot be"
_NEEDED = (
    (re.compile(r"/check-runs\b"), "checks: write"),
    (re.compile(r"/pulls/|/issues/\d+/comments|/issues/comments"), "pull-requests: write"),
    (re.compile(r"/issues$|/issues/\d+$"), "issues: write"),
    (re.compile(r"/code-scanning/"), "security-events: write"),
    (re.compile(r"/compare/|/contents/|/git/|graphql$"), "contents: read"),
)
"""Which permission a path needs, for servers that do not say it themselves."""
_WAYS = (
    (re.compile(r"ip allow list", re.IGNORECASE), "run from an address that the organisation allows, or have it added"),
    (
        re.compile(r"\bSAML\b|single sign-on", re.IGNORECASE),
        "authorise the token for the organisation's single sign-on",
    ),
    (
        re.compile(r"user is blocked|been blocked", re.IGNORECASE),
        "ask the repository's owners to unblock the token's user",
    ),
    (
        re.compile(r"\b(?:issue|pull request|conversation|discussion)\b.{0,20}\blocked\b", re.IGNORECASE),
        "unlock the conversation",
    ),
    (re.compile(r"\barchived\b", re.IGNORECASE), "unarchive the repository"),
    (re.compile(r"\bsuspended\b", re.IGNORECASE), "use a token of an account that is not suspended"),
    (re.compile(r"submitted too quickly|\babuse\b", re.IGNORECASE), "run again in a few minutes"),
)
"""The way out by GitHub's own words, where its status has more than one meaning."""
_GRAPHQL_KINDS: Mapping[str, tuple[Kind, int]] = {
    "NOT_FOUND": ("not_found", 404),
    "FORBIDDEN": ("forbidden", 403),
    "INSUFFICIENT_SCOPES": ("forbidden", 403),
    "RATE_LIMITED": ("rate", 403),
    "SERVICE_UNAVAILABLE": ("server", 503),
    "INTERNAL": ("server", 500),
}
_GRAPHQL_TROUBLE = re.compile(r"something went wrong|timeout|timedout", re.IGNORECASE)


class GitHubError(ReviewerError):
    """GitHub did not do what it was asked. `status` is 0 where no usable answer came.

    `server`: a write may have been carried out all the same, so look before asking again.
    `network`: nothing was sent, or the other end is not GitHub.
    """

    def __init__(self, message: str, *, status: int, kind: Kind) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        if kind == "auth":
            self.exit_code = 2


def refused(answer: Answer, request: str) -> GitHubError:
    """The error for a status that is no success and no rate limit. `request` is its method and path."""
    said = f"{answer.status} {_said(answer.data)}".strip()
    status = answer.status
    if status == 401:
        way = "set GITHUB_TOKEN again (in a workflow: to github.token)"
        return GitHubError(f"GitHub does not accept the token ({said}): {way}", status=status, kind="auth")
    if status in (403, 451):
        return GitHubError(f"{request}: {said}: {_way_in(answer, request)}", status=status, kind="forbidden")
    if status in (404, 410):
        way = "check the name, and that the token may see the repository"
        return GitHubError(f"{request}: {said}: {way}", status=status, kind="not_found")
    if status >= 500:
        way = "try again later; https://www.githubstatus.com says whether GitHub has trouble"
        return GitHubError(f"{request}: GitHub answers {said}: {way}", status=status, kind="server")
    way = _way(said) or (_AGAIN if status == 409 else _OURS)
    return GitHubError(f"{request}: GitHub refuses it ({said}): {way}", status=status, kind="validation")


def redirected(answer: Answer, request: str) -> GitHubError:
    """The error for a redirect that is not followed."""
    where = _shown(answer.headers.get(LOCATION, "nowhere"))
    way = "use the repository's present name, and GITHUB_API_URL as the server itself gives it"
    return GitHubError(f"{request}: GitHub redirects to {where}: {way}", status=answer.status, kind="network")


def strange(told: str, error: Exception) -> GitHubError:
    """The error for an answer of another shape than GitHub's. `told`: what GitHub tells of, as a sentence begins."""
    why = f"{told} without what belongs there ({_shown(str(error))}): try again later"
    return GitHubError(why, status=200, kind="server")


def in_a_circle(request: str) -> GitHubError:
    """The error for a list whose next page is one that was read already."""
    return GitHubError(f"{request}: GitHub's pages go in a circle: try again later", status=200, kind="server")


def in_graphql(data: Any, spare: frozenset[str] = frozenset()) -> GitHubError | None:
    """The error in a GraphQL answer, which has status 200 whatever happened; null where there is none.

    What is wrong with a `spare` field only is none.
    """
    errors = data.get("errors") if isinstance(data, dict) else None
    if spare and isinstance(errors, list):
        errors = [error for error in errors if not _concerns(error, spare)]
    if not isinstance(data, dict) or not (errors or isinstance(data.get("data"), dict)):
        return GitHubError("GitHub's GraphQL answer has no data: try again later", status=200, kind="server")
    if not errors:
        return None
    messages = [_shown(str(error.get("message", ""))) for error in _mappings(errors)]
    types = [str(error.get("type", "")) for error in _mappings(errors)]
    kind, status = next((_GRAPHQL_KINDS[name] for name in types if name in _GRAPHQL_KINDS), ("validation", 200))
    if kind == "validation" and any(map(_GRAPHQL_TROUBLE.search, messages)):
        kind, status = "server", 502
    said = "; ".join(dict.fromkeys(messages)) or "no reason given"
    way = {
        "forbidden": _allow("contents: read and pull-requests: write"),
        "not_found": "check the name, and that the token may see the repository",
        "validation": _OURS,
    }.get(kind, "try again later")
    return GitHubError(f"GraphQL: {said[:_LONGEST].rstrip('.')}: {_way(said) or way}", status=status, kind=kind)


def _concerns(error: Any, fields: frozenset[str]) -> bool:
    path = error.get("path") if isinstance(error, dict) else None
    return isinstance(path, list) and any(isinstance(part, str) and part in fields for part in path)


def _said(data: Any) -> str:
    """GitHub's own words, cut and made safe to print."""
    if not isinstance(data, dict):
        return ""
    words = [str(data.get("message") or "")]
    errors = data.get("errors")
    words += map(_sentence, errors if isinstance(errors, list) else ())
    return _shown("; ".join(dict.fromkeys(word for word in words if word)))


def _sentence(error: Any) -> str:
    """Some operations write their errors as objects, some as sentences."""
    return str(error.get("message") or error.get("code") or "") if isinstance(error, dict) else str(error)


def _shown(text: str) -> str:
    return sanitise.log(" ".join(text.split()))[:_LONGEST]


def _way(said: str) -> str | None:
    return next((way for words, way in _WAYS if words.search(said)), None)


def _way_in(answer: Answer, request: str) -> str:
    said = _said(answer.data)
    if "x-github-sso" in answer.headers:
        return "authorise the token for the organisation's single sign-on"
    if answer.status == 451:
        return "GitHub has taken it down: ask its owners"
    if (way := _way(said)) is not None:
        return way
    if "not accessible by personal access token" in said:
        return f"give the token this permission: {_permission(answer, request)}"
    return _allow(_permission(answer, request))


def _allow(permission: str) -> str:
    return f"add `{permission}` to the job's `permissions:` (a fork's pull_request run never gets to write)"


def _permission(answer: Answer, request: str) -> str:
    """`a=write,b=read; c=write` is what GitHub would accept, the first alternative is as good as any."""
    accepted = _shown(answer.headers.get("x-accepted-github-permissions", "")).partition(";")[0]
    if accepted:
        return accepted.replace("_", "-").replace("=", ": ").replace(",", ", ")
    needed = next((permission for path, permission in _NEEDED if path.search(request)), "contents: read")
    return needed.replace("write", "read") if request.startswith("GET ") else needed


def _mappings(errors: Any) -> Iterator[Mapping[str, Any]]:
    yield from (error for error in errors if isinstance(error, dict)) if isinstance(errors, list) else ()
