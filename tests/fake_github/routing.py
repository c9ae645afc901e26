"""Which function answers which request, who may ask, and what it is given."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from urllib.parse import urlencode

from fake_github.answers import Answer, Json, Refused, not_found
from fake_github.people import Token, demand, may_edit

if TYPE_CHECKING:
    from fake_github.limits import Limits
    from fake_github.pulls import Pull
    from fake_github.remarks import Remark
    from fake_github.state import Repository, State

T = TypeVar("T")

GREEDY = ("path", "ref", "basehead")


@dataclass(frozen=True, slots=True)
class Call:
    """One request, as its function sees it: found, allowed and of the right shape."""

    state: State
    limits: Limits
    token: Token | None
    path: str
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    body: Json
    accept: str
    scopes: tuple[str, ...] = ()
    found: Repository | None = None

    @property
    def repo(self) -> Repository:
        if self.found is None:
            raise not_found()
        return self.found

    @property
    def user(self) -> Token:
        """Who asks; a route with a level above read has one."""
        if self.token is None:
            raise Refused(401, "Requires authentication")
        return self.token

    @property
    def pull(self) -> Pull:
        name = "pull_number" if "pull_number" in self.parameters else "issue_number"
        found = self.repo.pulls.get(self.number(name))
        if found is None:
            raise not_found()
        return found

    def number(self, name: str) -> int:
        value = self.parameters[name]
        if not value.isdecimal():
            raise not_found()
        return int(value)

    def remark(self, kind: type[T], name: str) -> T:
        """The comment or review that the path names."""
        found = self.state.find(kind, self.number(name), self.repo)
        if not isinstance(found, kind):
            raise not_found()
        return found

    def demand_edit(self, remark: Remark) -> None:
        if not may_edit(self.user, remark.author, self.repo, self.scopes):
            raise Refused(403, self.user.refusal)

    def commit(self, revision: str) -> str:
        """The commit of a SHA, branch or tag."""
        found = self.repo.objects.commit_sha(revision)
        if found is None:
            raise Refused(422, f"No commit found for SHA: {revision}")
        return found

    def page(self, items: Sequence[T]) -> tuple[list[T], dict[str, str]]:
        """The page that was asked for, and the Link header that leads on."""
        size = min(max(_integer(self.query.get("per_page"), 30), 1), self.limits.page)
        page = max(_integer(self.query.get("page"), 1), 1)
        last = max(-(-len(items) // size), 1)
        links = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
        shown = [
            name
            for name in links
            if (name in ("next", "last") and page < last) or (name in ("prev", "first") and page > 1)
        ]
        pairs = [f'<{self._address(page=links[name])}>; rel="{name}"' for name in shown]
        return list(items[(page - 1) * size : page * size]), {"Link": ", ".join(pairs)} if pairs else {}

    def listing(self, items: Sequence[T], write: Callable[[T], Json]) -> Answer:
        """A page of a list."""
        shown, headers = self.page(items)
        return Answer([write(item) for item in shown], headers=headers)

    def _address(self, page: int) -> str:
        return f"{self.state.api}{self.path}?{urlencode({**self.query, 'page': page})}"


Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    template: str
    pattern: re.Pattern[str]
    scopes: tuple[str, ...]
    level: Literal["read", "write", "none"]
    answer: Handler


@dataclass(slots=True)
class Routes:
    """The operations of one module. The first that fits is taken."""

    all: list[Route] = field(default_factory=list)

    def get(self, template: str, *scopes: str) -> Callable[[Handler], Handler]:
        """Reading, with any of the scopes; without one it is open to everybody."""
        return partial(self._add, "GET", template, scopes, "read" if scopes else "none")

    def write(self, method: str, template: str, *scopes: str) -> Callable[[Handler], Handler]:
        return partial(self._add, method, template, scopes, "write")

    def _add(
        self,
        method: str,
        template: str,
        scopes: tuple[str, ...],
        level: Literal["read", "write", "none"],
        answer: Handler,
    ) -> Handler:
        expression = re.sub(
            r"\{(\w+)\}", lambda name: f"(?P<{name[1]}>{'.+' if name[1] in GREEDY else '[^/]+'})", template
        )
        self.all.append(Route(method, template, re.compile(expression), scopes, level, answer))
        return answer


def checked(route: Route, call: Call) -> Answer:
    """Answers the call if its token may have it answered."""
    if route.level == "none":
        return route.answer(call)
    repository = call.state.repository(f"{call.parameters['owner']}/{call.parameters['repo']}")
    if repository is None:
        raise not_found()
    demand(call.token, repository, route.scopes, route.level)
    return route.answer(_with(call, repository, route.scopes))


def _with(call: Call, repository: Repository, scopes: tuple[str, ...]) -> Call:
    return Call(
        call.state, call.limits, call.token, call.path, call.parameters, call.query, call.body, call.accept,
        scopes, repository,
    )  # fmt: skip


def _integer(value: Any, default: int) -> int:
    return int(value) if isinstance(value, str) and value.isdecimal() else default
