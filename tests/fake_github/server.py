"""The fake GitHub on loopback: what a test holds in its hand."""

from __future__ import annotations

import json
import re
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import github_contract

from fake_github import graphql_api, rest_conversation, rest_issues, rest_pulls, rest_repository
from fake_github.answers import Answer, Refused
from fake_github.faults import Alter, Exchange, Fault, Interlude, When
from fake_github.http import Server
from fake_github.limits import Gate, Limits
from fake_github.routing import Call, Route, checked
from fake_github.state import Repository, State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fake_github.people import Token

MODULES = (rest_pulls, rest_conversation, rest_issues, rest_repository)
ROUTES: tuple[Route, ...] = tuple(route for module in MODULES for route in module.ROUTES.all)
HTML_502 = "<html><head><title>502 Bad Gateway</title></head></html>"


class FakeGitHub:
    """Answers on 127.0.0.1 until the `with` block ends. README.md beside it says what it does and does not do.

    `now` is its clock, in seconds since the epoch. `limits` may be changed at any time.
    """

    def __init__(self, *, now: Callable[[], float] = time.time, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.state = State(now)
        self.most_writers = 0
        """The most writes that were under way at the same time."""
        self._gate = Gate(self.limits)
        self._traffic: list[Exchange] = []
        self._faults: list[Fault] = []
        self._interludes: list[Interlude] = []
        self._lock = threading.RLock()
        self._counting = threading.Lock()
        self._writers = 0
        self._server = Server(self._serve)
        self.state.url = self._server.url

    def __enter__(self) -> FakeGitHub:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._server.close()

    @property
    def url(self) -> str:
        """GITHUB_SERVER_URL."""
        return self.state.url

    @property
    def api_url(self) -> str:
        """GITHUB_API_URL."""
        return self.state.api

    @property
    def graphql_url(self) -> str:
        """GITHUB_GRAPHQL_URL."""
        return f"{self.state.url}/api/graphql"

    def repository(
        self, full_name: str, root: Path, *, private: bool = False, collaborators: Mapping[str, str] | None = None
    ) -> Repository:
        """`root`: a git directory or work tree; its branches are what was pushed. `collaborators`: login to role."""
        made = self.state.add_repository(full_name, Path(root), private=private)
        for login, permission in (collaborators or {}).items():
            made.collaborator(login, permission)
        return made

    def token(self, login: str, *, repositories: tuple[str, ...] | None = None, **permissions: str) -> str:
        """A token's value. An app's (`…[bot]`) may do what `permissions` say; a person's, without any, what they may.

        Permissions: contents, pull_requests, issues, checks, security_events, metadata = "read" | "write".
        """
        visible = None if repositories is None else frozenset(repositories)
        return self.state.add_token(login, visible, permissions).value

    def fail(
        self,
        when: When,
        status: int = 502,
        *,
        after_storing: bool = False,
        drop: bool = False,
        times: int = 1,
        cut: bool = False,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> None:
        """The next `times` requests that `when` is true of are answered with this, or (`drop`) not at all."""
        words = {"message": "Server Error"} if status >= 500 else {"message": "Refused by the test"}
        answer = Answer(words if body is None else body, status, headers or {}, cut=cut)
        with self._lock:
            self._faults.append(Fault(when, answer, after_storing, drop, times))

    def spoil(self, when: When, alter: Alter, *, times: int = 1) -> None:
        """The next `times` answers to what `when` is true of go through `alter`; what was asked is done."""
        with self._lock:
            self._faults.append(Fault(when, Answer(), after_storing=True, drop=False, times=times, alter=alter))

    def heal(self) -> None:
        """Nothing that a test scripted happens any more."""
        with self._lock:
            self._faults.clear()
            self._interludes.clear()

    def meanwhile(self, when: When, happens: Callable[[], object], *, times: int = 1) -> None:
        """Calls `happens` just before a request that `when` is true of is answered: a push in the middle of a run."""
        with self._lock:
            self._interludes.append(Interlude(when, happens, times))

    @property
    def traffic(self) -> list[Exchange]:
        """Every exchange, in the order of the answers."""
        with self._lock:
            return list(self._traffic)

    def forget_traffic(self) -> None:
        with self._lock:
            self._traffic.clear()

    def problems(self, *, requests: bool = True) -> list[str]:
        """What in the traffic does not fit GitHub's own interface description; without `requests`, in the answers."""
        return [
            f"{exchange.method} {exchange.path} [{exchange.status}]: {problem}"
            for exchange in self.traffic
            for problem in _problems(exchange, requests=requests)
        ]

    def assert_conforming(self) -> None:
        found = self.problems()
        assert self.traffic, "nobody asked anything"
        assert not found, "\n".join(found)

    def write_traffic(self, path: Path) -> None:
        """As JSON lines for a contract checker."""
        path.write_text("".join(json.dumps(exchange.record()) + "\n" for exchange in self.traffic), encoding="utf-8")

    def _serve(self, method: str, target: str, headers: Mapping[str, str], content: bytes) -> Answer | None:
        """Null: hang up without an answer."""
        exchange = self._received(method, target, headers, content)
        with self._counting:
            self._writers += exchange.is_write
            self.most_writers = max(self.most_writers, self._writers)
        try:
            for interlude in self._scripted():  # without the lock: what happens may be somebody else's requests
                interlude.play(exchange)
            with self._lock:
                return self._exchange(exchange, content)
        finally:
            with self._counting:
                self._writers -= exchange.is_write

    def _scripted(self) -> list[Interlude]:
        with self._lock:
            return list(self._interludes)

    def _exchange(self, exchange: Exchange, content: bytes) -> Answer | None:
        fault = next((fault for fault in self._faults if fault.strikes(exchange)), None)
        answer = self._answer(exchange, content) if fault is None or fault.after_storing else None
        if fault is not None:
            answer = fault.spoilt(answer)
        exchange = replace(exchange, scripted=fault is not None)
        done = exchange if answer is None else _answered(exchange, answer)
        self._traffic.append(done)
        return answer

    def _answer(self, exchange: Exchange, content: bytes) -> Answer:
        now, who = self.state.now(), exchange.headers.get("authorization", "nobody").rpartition(" ")[2]
        try:
            token = self._token(exchange)
            if exchange.path == "/rate_limit":
                return Answer(self._rates(who, now))
            self._gate.admit(who, now, is_write=exchange.is_write)
            answer = self._route(exchange, token, content)
        except Refused as refused:
            answer = refused.answer()
        return replace(answer, headers={**self._gate.headers(who, now), **answer.headers})

    def _route(self, exchange: Exchange, token: Token | None, content: bytes) -> Answer:
        if exchange.is_graphql:
            return graphql_api.answer(self.state, self.limits, self._gate, token, exchange.body)
        if content and exchange.body is None:
            raise Refused(400, "Problems parsing JSON")
        self._redirect(exchange)
        for route in ROUTES:
            match = route.pattern.fullmatch(exchange.path)
            if match and route.method == exchange.method:
                self._check_shape(exchange)
                return checked(route, self._call(exchange, token, match.groupdict()))
        raise Refused(501, f"The fake has no {exchange.method} {exchange.path}")

    def _redirect(self, exchange: Exchange) -> None:
        """From the old name of a renamed repository, as GitHub does it."""
        old = re.match(r"/repos/([^/]+/[^/]+)", exchange.path)
        moved = self.state.moved.get(old[1].lower()) if old else None
        if old and moved:
            query = f"?{urlencode(exchange.query)}" if exchange.query else ""
            where = f"{self.state.api}/repositories/{moved.id}{exchange.path[old.end() :]}{query}"
            raise Refused(301 if exchange.method == "GET" else 307, "Moved Permanently", headers={"Location": where})

    def _check_shape(self, exchange: Exchange) -> None:
        """GitHub refuses a body that does not fit its description; keys it does not know it ignores."""
        if exchange.is_write:
            found = github_contract.request_problems(exchange.record(), closed=False)
            if found:
                raise Refused(422, f"Invalid request.\n\n{found[0]}")

    def _call(self, exchange: Exchange, token: Token | None, parameters: Mapping[str, str]) -> Call:
        accept = exchange.headers.get("accept", "")
        body = exchange.body if isinstance(exchange.body, dict) else {}
        return Call(self.state, self.limits, token, exchange.raw_path, parameters, exchange.query, body, accept)

    def _token(self, exchange: Exchange) -> Token | None:
        scheme, _, value = exchange.headers.get("authorization", "").partition(" ")
        if not scheme:
            return None
        token = self.state.tokens.get(value)
        if token is None or scheme.lower() not in ("token", "bearer"):
            raise Refused(401, "Bad credentials", documentation="https://docs.github.com/rest")
        return token

    def _rates(self, who: str, now: float) -> Any:
        core = self._gate.state(who, now)
        return {"resources": {"core": core, "search": core, "graphql": core}, "rate": core}

    def _received(self, method: str, target: str, headers: Mapping[str, str], content: bytes) -> Exchange:
        parts = urlsplit(target)
        path = "/graphql" if parts.path in ("/api/graphql", "/graphql") else parts.path.removeprefix("/api/v3")
        names = {str(each.id): each.full_name for each in self.state.repositories.values()}
        path = re.sub(r"^/repositories/(\d+)", lambda number: f"/repos/{names.get(number[1], 'no/such')}", path)
        try:
            body = json.loads(content) if content else None
        except ValueError:
            body = None
        known = self.state.tokens.get(headers.get("authorization", "").rpartition(" ")[2])
        return Exchange(
            method,
            unquote(path),
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            body,
            headers,
            login=known.user.login if known else None,
            raw_path=path,
        )


def _problems(exchange: Exchange, *, requests: bool) -> list[str]:
    asked = github_contract.request_problems(exchange.record()) if requests else []
    # That any address may redirect is documented once, not with each operation.
    is_free = exchange.scripted or exchange.status in (301, 307)
    return [*asked, *([] if is_free else github_contract.response_problems(exchange.record()))]


def _answered(exchange: Exchange, answer: Answer) -> Exchange:
    body = answer.body.decode(errors="replace") if isinstance(answer.body, bytes) else answer.body
    return replace(exchange, status=answer.status, response=body, response_headers=dict(answer.headers))
