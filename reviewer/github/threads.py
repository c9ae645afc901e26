"""What we said on this pull request before, and what people did with it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from reviewer.github import state
from reviewer.github import words as said
from reviewer.github.answers import number, text
from reviewer.github.blobs import Along
from reviewer.github.failures import GitHubError, in_a_circle, strange
from reviewer.github.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from reviewer.github.pull import PullRequest
    from reviewer.github.state import State

TALK = 20
"""Comments of a thread that are looked at; in a longer one, people have spoken."""


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
    replied: bool = False
    """By anybody, a bot too."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The one comment of ours that speaks of the pull request as a whole."""

    id: str
    database_id: int
    body: str
    state: State
    borne_out: bool = False
    """By a check run of ours: else another workflow, which speaks with our name, may have been made to write it."""


@dataclass(frozen=True, slots=True)
class Existing:
    """What GitHub has of ours. `threads`: only those whose first comment we wrote, with a marker of one finding.

    `others`: further comments that could be the summary. `check`: the external id of the newest check that bears out
    the summary; empty where there is none, null where nobody knows.
    """

    head: str
    summary: Summary | None = None
    threads: tuple[Thread, ...] = ()
    viewer: str | None = None
    others: tuple[Summary, ...] = ()
    check: str | None = None
    words: Words = field(default_factory=Words)

    @property
    def believed(self) -> State | None:
        """What the last review remembers, where it is borne out."""
        return self.summary.state if self.summary is not None and self.summary.borne_out else None


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


_CURSORS = {"comments": "comments", "reviewThreads": "threads"}
"""Which variable says where the next page of a connection begins."""
_VARIABLES = "$comments: String, $threads: String"
_VIEWER = "viewer { login }"
ALONG = Along(f", {_VARIABLES}", _VIEWER, _COMMENTS + _THREADS + said.ASKED, said.SPARE)
"""The same question, for whoever asks GitHub something else at that moment."""


def _query(variables: str, parts: str) -> str:
    return f"""
query Said($owner: String!, $name: String!, $number: Int!, {variables}) {{
  {_VIEWER}
  repository(owner: $owner, name: $name) {{
    pullRequest(number: $number) {{ headRefOid {parts} }}
  }}
}}
"""


BOTH = _query(_VARIABLES, _COMMENTS + _THREADS + said.ASKED)
MORE_COMMENTS = _query("$comments: String", _COMMENTS)
MORE_THREADS = _query("$threads: String", _THREADS)


def read_existing(client: Client, pull: PullRequest, *, preferred: int | None = None, told: Any = None) -> Existing:
    """One request while a page holds it, none where `ALONG` was asked and `told` is the data of the answer.

    A comment is ours only where GitHub says that we wrote it. Of several summaries (two runs at once) the oldest
    counts, or the one with the `preferred` database id.
    """
    try:
        return _existing(client, pull, preferred, told)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise strange(f"GitHub tells of the comments on {pull.repository}#{pull.number}", error) from error


def _existing(client: Client, pull: PullRequest, preferred: int | None, told: Any) -> Existing:
    owner, _, name = pull.repository.partition("/")
    where = {"owner": owner, "name": name, "number": pull.number}
    data = client.graphql(BOTH, where, spare=said.SPARE) if told is None else told
    viewer = _login(data["viewer"])
    first = _pull(data, pull)

    def pages(name: str, query: str) -> Iterator[Any]:
        yield from _pages(first, name, lambda after: _pull(client.graphql(query, {**where, **after}), pull))

    found = (_summaries(page["nodes"]) for page in pages("comments", MORE_COMMENTS))
    summaries = sorted(
        next(filter(None, found), ()), key=lambda each: (each.database_id != preferred, each.database_id)
    )
    summary, others = next(iter(summaries), None), tuple(summaries[1:])
    threads = [each for page in pages("reviewThreads", MORE_THREADS) for each in _threads(page["nodes"], viewer)]
    words = said.read(first, pull.repository)
    by_whom = tuple(_not_by_us(threads, summary, viewer))
    return Existing(text(first["headRefOid"]), summary, by_whom, viewer, others, words=words)


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


def _pages(first: Any, name: str, more: Callable[[Mapping[str, Any]], Any]) -> Iterator[Any]:
    """The connection `name` of a pull request, page by page; `more` asks with the variables for the next one."""
    connection, asked = first[name], set()
    yield connection
    while connection["pageInfo"]["hasNextPage"]:
        after = connection["pageInfo"]["endCursor"]
        if after is None:
            raise KeyError("endCursor")
        if after in asked:
            raise in_a_circle(f"GraphQL: {name}")
        asked.add(after)
        connection = more({_CURSORS[name]: after})[name]
        yield connection


def _login(actor: Any) -> str | None:
    return text(actor["login"]) if actor else None


def _summaries(comments: Iterable[Any] | None) -> list[Summary]:
    """Comments of ours with a state, the oldest first."""
    ours = (comment for comment in comments or () if comment and comment["viewerDidAuthor"])
    return [
        Summary(text(comment["id"]), int(comment["fullDatabaseId"]), comment["body"], found)
        for comment in ours
        if (found := state.parse(text(comment["body"])))
    ]


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
        id=text(node["id"]),
        path=text(node["path"]),
        line=None if node["line"] is None else number(node["line"]),
        resolved=node["isResolved"],
        resolved_by=resolver,
        can_resolve=node["viewerCanResolve"],
        outdated=node["isOutdated"],
        comment_id=text(comment["id"]),
        database_id=int(comment["fullDatabaseId"]),
        body=text(comment["body"]),
        mine=comment["viewerDidAuthor"],
        human_reply=talk["totalCount"] > TALK or any(kind != "Bot" for kind in replies),
        thumbs_down=sum(
            group["reactors"]["totalCount"]
            for group in comment["reactionGroups"] or ()
            if group["content"] == "THUMBS_DOWN"
        ),
        replied=talk["totalCount"] > 1,
    )


def _typename(reply: Any) -> str | None:
    """Null for somebody whose account is gone."""
    return reply["author"]["__typename"] if reply and reply["author"] else None


def _is_viewer(login: str | None, viewer: str | None) -> bool:
    """GitHub names a bot with and without `[bot]`."""
    return login is not None and viewer is not None and login.removesuffix("[bot]") == viewer.removesuffix("[bot]")
