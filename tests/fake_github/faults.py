"""What goes wrong, and what happens meanwhile, as a test scripts it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from fake_github import graphql_api

if TYPE_CHECKING:
    from fake_github.answers import Answer, Json


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request, and what it got. A dropped connection has status null."""

    method: str
    path: str
    """Without /api/v3, decoded: /repos/octo/shop/pulls/1; GraphQL is /graphql."""
    query: Mapping[str, str]
    body: Any
    headers: Mapping[str, str]
    """By lower-case name."""
    login: str | None = None
    """Whose token it was."""
    raw_path: str = ""
    status: int | None = None
    response: Any = None
    response_headers: Mapping[str, str] = field(default_factory=dict)
    scripted: bool = False
    """Whether a test had its hand in the answer: it need not be of GitHub's form."""

    @property
    def is_write(self) -> bool:
        """A request that is no GET. For GraphQL: a mutation."""
        return self.method not in ("GET", "HEAD") and not (self.is_graphql and not self.is_mutation)

    @property
    def is_graphql(self) -> bool:
        return self.path == "/graphql"

    @property
    def is_mutation(self) -> bool:
        return self.is_graphql and graphql_api.is_mutation(self.body)

    def record(self) -> Json:
        """As a contract checker reads it, one JSON object a line."""
        query = f"?{urlencode(self.query)}" if self.query else ""
        response = self.response if isinstance(self.response, dict | list) else None
        return {
            "api": "github",
            "method": self.method,
            "path": f"{self.raw_path or self.path}{query}",
            "body": self.body,
            "status": self.status,
            "response": response,
        }


When = Callable[[Exchange], bool]
Alter = Callable[["Answer"], "Answer"]


@dataclass(slots=True)
class Fault:
    """Answers in GitHub's place. `after_storing`: what was asked is done all the same. `drop`: no answer at all.

    `alter`: GitHub's own answer, spoilt.
    """

    when: When
    answer: Answer
    after_storing: bool
    drop: bool
    times: int
    alter: Alter | None = None

    def strikes(self, exchange: Exchange) -> bool:
        """Counts itself down when it does."""
        if self.times <= 0 or not self.when(exchange):
            return False
        self.times -= 1
        return True

    def spoilt(self, own: Answer | None) -> Answer | None:
        """What is sent; null: nothing. `own` is GitHub's answer, null where it was not asked."""
        if self.drop:
            return None
        return self.alter(own) if self.alter is not None and own is not None else self.answer


@dataclass(slots=True)
class Interlude:
    """Something that happens before a request is answered: a push, a comment."""

    when: When
    happens: Callable[[], object]
    times: int

    def play(self, exchange: Exchange) -> None:
        if self.times > 0 and self.when(exchange):
            self.times -= 1
            self.happens()
