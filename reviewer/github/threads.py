"""What we said on this pull request before, and what people did with it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from reviewer.github import state
from reviewer.github import words as said
from reviewer.github.failures import GitHubError
from reviewer.github.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from reviewer.github.pull import PullRequest
    from reviewer.github.state import State

TALK = 20
"""Comments of a thread that are looked at; in a longer one, people have spoken."""

_WRITERS = frozenset({"admin", "maintain", "write"})


class Client(Protocol):
    """What is needed of the client."""

    def graphql(self, query: str, variables: Mapping[str, Any], *, spare: frozenset[str] = frozenset()) -> Any:
        """The answer's `data`; what is wrong with `spare` fields is no error."""
        ...

    def rest(self, method: str, path: str, *, query: Mapping[str, Any] | None = None) -> tuple[Mapping[str, str], Any]:
        """Headers and JSON."""
        ...


@dataclass(frozen=True, slots=True)
class Thread:
    """A comment of ours on a line, with its replies. `resolved_by` is null, too, where it was us who did it."""

    id: str
    path: str
    line: int | None
    resolved: bool
    resolved_by: str | None
    can_resolve: bool
    outdated: bool
    comment_id: str
    database_id: int
    body: str
    mine: bool
    human_reply: bool
    thumbs_down: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The one comment of ours that speaks of the pull request as a whole."""

    id: str
    database_id: int
    body: str
    state: State


@dataclass(frozen=True, slots=True)
class Existing:
    """What GitHub has of ours. `threads`: only those whose first comment we wrote, with a marker of one finding."""

    head: str
    summary: Summary | None = None
    threads: tuple[Thread, ...] = ()
    viewer: str | None = None
    words: Words = field(default_factory=Words)


_COMMENTS = """
comments(first: 100, after: $comments) {
  nodes { id fullDatabaseId body viewerDidAuthor }
  pageInfo { endCursor hasNextPage }
}
"""
_THREADS = f"""
reviewThreads(first: 100, after: $threads) {{
  nodes {{
    id path line isResolved isOutdated viewerCanResolve
    resolvedBy {{ login }}
    first: comments(first: 1) {{
      nodes {{
        id fullDatabaseId body viewerDidAuthor
        reactionGroups {{ content reactors(first: 1) {{ totalCount }} }}
      }}
    }}
    comments(first: {TALK}) {{ totalCount nodes {{ author {{ __typename }} }} }}
  }}
  pageInfo {{ endCursor hasNextPage }}
}}
"""


def _query(variables: str, parts: str) -> str:
    return f"""
query Said($owner: String!, $name: String!, $number: Int!, {variables}) {{
  viewer {{ login }}
  repository(owner: $owner, name: $name) {{
    pullRequest(number: $number) {{ headRefOid {parts} }}
  }}
}}
"""


BOTH = _query("$comments: String, $threads: String", _COMMENTS + _THREADS + said.ASKED)
MORE_COMMENTS = _query("$comments: String", _COMMENTS)
MORE_THREADS = _query("$threads: String", _THREADS)


def read_existing(client: Client, pull: PullRequest) -> Existing:
    """One request while a page holds it. A comment is ours only where GitHub says that we wrote it.

    Of several summaries (two runs at once) the oldest counts.
    """
    owner, _, name = pull.repository.partition("/")
    where = {"owner": owner, "name": name, "number": pull.number}
    data = client.graphql(BOTH, where, spare=said.SPARE)
    viewer = _login(data["viewer"])
    page = first = _pull(data, pull)
    summary = _summary(page["comments"]["nodes"])
    while summary is None and (after := _next(page["comments"])):
        page = _pull(client.graphql(MORE_COMMENTS, {**where, "comments": after}), pull)
        summary = _summary(page["comments"]["nodes"])
    page = first
    threads = _threads(page["reviewThreads"]["nodes"], viewer)
    while after := _next(page["reviewThreads"]):
        page = _pull(client.graphql(MORE_THREADS, {**where, "threads": after}), pull)
        threads += _threads(page["reviewThreads"]["nodes"], viewer)
    words = said.read(first, pull.repository)
    return Existing(first["headRefOid"], summary, tuple(_not_by_us(threads, summary, viewer)), viewer, words=words)


def dismissals(client: Client, pull: PullRequest, threads: Iterable[Thread]) -> Mapping[str, bool]:
    """By finding, who resolved it or reacted 👎: true: with write access and not the author, false: others.

    Asks GitHub only about threads that somebody dismissed.
    """
    may_write: dict[str, bool] = {}
    dismissed: dict[str, bool] = {}
    for thread in threads:
        people = _dismissers(client, pull, thread)
        if not people:
            continue
        finding = finding_of(thread)
        for login in people.difference(may_write):
            may_write[login] = _counts(client, pull, login)
        dismissed[finding] = dismissed.get(finding, False) or any(may_write[login] for login in people)
    return dismissed


def finding_of(thread: Thread) -> str:
    """The id of the finding that the thread is about."""
    found = state.parse(thread.body)
    return found.findings[0].id if found else ""


def _pull(data: Any, pull: PullRequest) -> Any:
    found = (data["repository"] or {}).get("pullRequest")
    if found is None:
        raise GitHubError(
            f"{pull.repository}#{pull.number} is not to be seen: check its number and the token's permissions",
            status=404,
            kind="not_found",
        )
    return found


def _next(connection: Any) -> str | None:
    info = connection["pageInfo"]
    return info["endCursor"] if info["hasNextPage"] else None


def _login(actor: Any) -> str | None:
    return actor["login"] if actor else None


def _summary(comments: Iterable[Any] | None) -> Summary | None:
    for comment in comments or ():
        if comment and comment["viewerDidAuthor"]:
            found = state.parse(comment["body"])
            if found:
                return Summary(comment["id"], int(comment["fullDatabaseId"]), comment["body"], found)
    return None


def _threads(nodes: Iterable[Any] | None, viewer: str | None) -> list[Thread]:
    """Those of ours."""
    read = (_thread(node, viewer) for node in nodes or () if node and node["first"]["nodes"])
    return [thread for thread in read if thread.mine and _is_one_finding(state.parse(thread.body))]


def _not_by_us(threads: Iterable[Thread], summary: Summary | None, viewer: str | None) -> Iterator[Thread]:
    """With a person's token we resolve in that person's name: where the summary says fixed, and where we have said it
    once more since, it was us."""
    threads = list(threads)
    fixed = {each.id for each in summary.state.findings if each.status == "fixed"} if summary else set()
    newest: dict[str, int] = {}
    for thread in threads:
        newest[finding_of(thread)] = max(thread.database_id, newest.get(finding_of(thread), 0))
    for thread in threads:
        over = finding_of(thread) in fixed or thread.database_id < newest[finding_of(thread)]
        yield replace(thread, resolved_by=None) if over and _is_viewer(thread.resolved_by, viewer) else thread


def _is_one_finding(found: State | None) -> bool:
    return found is not None and len(found.findings) == 1


def _thread(node: Any, viewer: str | None) -> Thread:
    comment = node["first"]["nodes"][0]
    talk = node["comments"]
    # Whoever runs us with a token of their own speaks with the same name: only a bot's reply is surely nobody's.
    ours, *replies = map(_typename, talk["nodes"])
    resolver = _login(node["resolvedBy"])
    if ours == "Bot" and _is_viewer(resolver, viewer):
        resolver = None  # a bot that resolves its own thread dismisses nothing
    return Thread(
        id=node["id"],
        path=node["path"],
        line=node["line"],
        resolved=node["isResolved"],
        resolved_by=resolver,
        can_resolve=node["viewerCanResolve"],
        outdated=node["isOutdated"],
        comment_id=comment["id"],
        database_id=int(comment["fullDatabaseId"]),
        body=comment["body"],
        mine=comment["viewerDidAuthor"],
        human_reply=talk["totalCount"] > TALK or any(kind != "Bot" for kind in replies),
        thumbs_down=sum(
            group["reactors"]["totalCount"]
            for group in comment["reactionGroups"] or ()
            if group["content"] == "THUMBS_DOWN"
        ),
    )


def _typename(reply: Any) -> str | None:
    """Null for somebody whose account is gone."""
    return reply["author"]["__typename"] if reply and reply["author"] else None


def _is_viewer(login: str | None, viewer: str | None) -> bool:
    """GitHub names a bot with and without `[bot]`."""
    return login is not None and viewer is not None and login.removesuffix("[bot]") == viewer.removesuffix("[bot]")


def _dismissers(client: Client, pull: PullRequest, thread: Thread) -> set[str]:
    people = {thread.resolved_by} if thread.resolved and thread.resolved_by else set()
    if thread.thumbs_down:
        path = f"/repos/{pull.repository}/pulls/comments/{thread.database_id}/reactions"
        _, reactions = client.rest("GET", path, query={"content": "-1", "per_page": 100})
        people |= {login for each in reactions if (login := _login(each["user"]))}
    return people


def _counts(client: Client, pull: PullRequest, login: str) -> bool:
    """Whether that person may decide: someone with write access who did not write the change."""
    if login.casefold() == pull.author.casefold():
        return False
    from urllib.parse import quote

    try:
        _, answer = client.rest("GET", f"/repos/{pull.repository}/collaborators/{quote(login, safe='')}/permission")
    except GitHubError as error:
        if error.kind in {"not_found", "forbidden"}:
            return False  # no collaborator, or not ours to know: then it is no dismissal
        raise
    return answer["permission"] in _WRITERS
