"""GitHub's two interfaces, one request at a time: paced, patient, and never writing twice."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl, urlsplit

from reviewer.github import failures, waits
from reviewer.github.answers import Answer, Silence
from reviewer.github.failures import GitHubError
from reviewer.github.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["Client", "GitHubError", "connect"]

_MOST_REDIRECTS = 2


def connect(
    token: str,
    *,
    api_url: str = "https://api.github.com",
    graphql_url: str | None = None,
    deadline: float | None = None,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
) -> Client:
    """Sends nothing yet; what cannot work raises `Misuse`. `deadline` is a time of `clock` (monotonic seconds)."""
    return Client(Transport(token, api_url, graphql_url), deadline=deadline, clock=clock, sleep=sleep)


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    url: str
    query: Mapping[str, Any]
    body: Any
    writes: bool
    graphql: bool = False
    spare: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return f"{self.method} {self.url}"


class Client:
    """Safe to use from several threads, which take turns: writes are at least a second apart.

    Every wait that GitHub asks for is granted within the deadline. A read is repeated after trouble, a write only
    where GitHub surely did not carry it out; everything else raises `GitHubError`.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        deadline: float | None,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self._transport = transport
        self._deadline, self._clock, self._sleep = deadline, clock, sleep
        self._turn = threading.Lock()
        self._last_write: float | None = None
        self.requests = 0
        """How many were sent."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hangs up."""
        with self._turn:
            self._transport.close()

    def settle(self, pause: float) -> bool:
        """Waits so many seconds for GitHub to show what it has stored; false where the deadline does not allow it."""
        may = self._may_wait(pause, self._clock())
        if may:
            self._sleep(pause)
        return may

    def rest(
        self, method: str, path: str, *, query: Mapping[str, Any] | None = None, body: Any = None
    ) -> tuple[Mapping[str, str], Any]:
        """Headers (names in lower case) and the JSON of `path`, which begins with a slash."""
        answer = self._follow(_Request(method, path, query or {}, body, method not in ("GET", "HEAD")))
        return answer.headers, answer.data

    def pages(self, path: str, *, per_page: int = 100, **more: str) -> Iterator[list[Any]]:
        """Every page of a list, as it is asked for; `more` is the query's."""
        query: Mapping[str, Any] | None = {"per_page": per_page, **more}
        asked: list[Mapping[str, Any]] = []
        while query is not None:
            if query in asked:
                raise failures.in_a_circle(f"GET {path}")
            asked.append(query)
            headers, rows = self.rest("GET", path, query=query)
            if not isinstance(rows, list):
                raise GitHubError(f"GET {path}: GitHub's answer is no list: try again later", status=200, kind="server")
            yield rows
            query = _next_page(headers.get("link", ""))

    def graphql(self, query: str, variables: Mapping[str, Any], *, spare: frozenset[str] = frozenset()) -> Any:
        """The `data` of the answer; any error in it, a partial one too, raises `GitHubError`.

        But for one that concerns a `spare` field: that one is null, or holds nulls.
        """
        writes = query.lstrip().startswith("mutation")
        with self._turn:
            url = self._transport.graphql_url()
        body = {"query": query, "variables": dict(variables)}
        answer = self._follow(_Request("POST", url, {}, body, writes, graphql=True, spare=spare))
        error = failures.in_graphql(answer.data, spare)
        if error is not None:
            raise error
        return answer.data["data"]

    def _follow(self, request: _Request) -> Answer:
        """A renamed repository redirects: a read follows it on the same host, a write never does."""
        for _ in range(_MOST_REDIRECTS + 1):
            answer = self._ask(request)
            if answer.status < 300:
                return answer
            if answer.status >= 400:
                raise failures.refused(answer, str(request))
            location = answer.headers.get(failures.LOCATION, "")
            if request.method != "GET" or not self._transport.is_ours(location):
                break
            query = request.query if not urlsplit(location).query else {}
            request = _Request("GET", location, query, None, writes=False)
        raise failures.redirected(answer, str(request))

    def _ask(self, request: _Request) -> Answer:
        """The first answer that is neither a limit nor trouble that passes. Others wait while this one does."""
        with self._turn:
            start = self._clock()
            limits = troubles = 0
            while True:
                answer = self._send(request)
                if isinstance(answer, Answer) and not _passes(request, answer):
                    return answer
                pause, error, again = self._judge(request, answer, limits, troubles)
                if isinstance(answer, Answer) and error.kind == "rate":
                    limits += 1
                else:
                    troubles += 1
                if not again or not self._may_wait(pause, start):
                    raise error
                self._sleep(pause)

    def _send(self, request: _Request) -> Answer | Silence:
        if request.writes and self._last_write is not None:
            pause = self._last_write + waits.BETWEEN_WRITES - self._clock()
            if pause > 0:
                self._sleep(pause)
        self.requests += 1
        try:
            return self._transport.send(request.method, request.url, request.query, request.body)
        finally:
            if request.writes:
                self._last_write = self._clock()

    def _judge(
        self, request: _Request, answer: Answer | Silence, limits: int, troubles: int
    ) -> tuple[float, GitHubError, bool]:
        """How long to wait, what to raise where that is too long, and whether the request may be repeated at all."""
        pause = waits.after_trouble(troubles)
        if isinstance(answer, Silence):
            safe = not request.writes or not answer.sent
            return pause, _unanswered(request, answer), safe and troubles < waits.MOST_TROUBLES
        if waits.throttled(answer, graphql=request.graphql):
            pause = waits.after_limit(answer.headers, limits)
            return pause, _limited(answer, pause), limits < waits.MOST_WAITS
        error = failures.in_graphql(answer.data, request.spare) if answer.status == 200 else None
        error = error or failures.refused(answer, str(request))
        return pause, error, not request.writes and troubles < waits.MOST_TROUBLES

    def _may_wait(self, pause: float, start: float) -> bool:
        until = start + waits.PATIENCE if self._deadline is None else self._deadline
        return self._clock() + pause <= until


def _passes(request: _Request, answer: Answer) -> bool:
    """Whether the same request may get another answer later."""
    if answer.status >= 500 or waits.throttled(answer, graphql=request.graphql):
        return True
    error = failures.in_graphql(answer.data, request.spare) if request.graphql and answer.status == 200 else None
    return error is not None and error.kind == "server"


def _unanswered(request: _Request, silence: Silence) -> GitHubError:
    if silence.sent:
        way = "it may have been carried out: look before trying again" if request.writes else "try again later"
        return GitHubError(f"{request}: GitHub did not answer ({silence.detail}): {way}", status=0, kind="server")
    way = "check the network, and GITHUB_API_URL if it is set"
    return GitHubError(f"GitHub cannot be reached ({silence.detail}): {way}", status=0, kind="network")


def _limited(answer: Answer, pause: float) -> GitHubError:
    reset = answer.headers.get("x-ratelimit-reset", "")
    at = f" (its limit starts anew at {_utc(reset)})" if reset.isdecimal() and len(reset) < 12 else ""
    return GitHubError(
        f"GitHub's rate limit: it asks to wait {pause:.0f} s{at}, longer than this run may; run again later",
        status=answer.status,
        kind="rate",
    )


def _utc(seconds: str) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(int(seconds), UTC).strftime("%H:%M:%S UTC")


def _next_page(link: str) -> dict[str, str] | None:
    """The query of the next page. Only the query: where to ask is ours to say."""
    for part in link.split(","):
        url, _, relation = part.partition(";")
        if 'rel="next"' in relation:
            return dict(parse_qsl(urlsplit(url.strip().strip("<>")).query))
    return None
