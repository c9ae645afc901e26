"""Everything the fake remembers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from fake_github.diffs import Diffs
from fake_github.issues import Issue
from fake_github.objects import Objects
from fake_github.people import Token, User
from fake_github.pulls import Pull
from fake_github.remarks import Comment, IssueComment, Review, Thread

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fake_github.answers import Json

Node = Pull | Review | Thread | Comment | IssueComment


@dataclass(slots=True, eq=False)
class CheckRun:
    id: int
    app: User
    head_sha: str
    name: str
    started_at: str
    status: str = "queued"
    conclusion: str | None = None
    completed_at: str | None = None
    external_id: str | None = None
    details_url: str | None = None
    output: Json = field(default_factory=dict)
    annotations: list[Json] = field(default_factory=list)

    @property
    def node_id(self) -> str:
        return f"CR_kwDO{self.id:08d}"


@dataclass(slots=True, eq=False, kw_only=True)
class Repository:
    """A repository on the site, backed by a real one on disk."""

    id: int
    state: State
    full_name: str
    objects: Objects
    diffs: Diffs
    private: bool
    parent: Repository | None
    collaborators: dict[str, str] = field(default_factory=dict)
    pulls: dict[int, Pull] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    sarifs: list[Json] = field(default_factory=list)
    """What was handed to code scanning, as it came."""
    scanning: bool = True
    """Whether code scanning is on."""
    check_runs: list[CheckRun] = field(default_factory=list)

    @property
    def owner(self) -> User:
        return self.state.user(self.full_name.partition("/")[0])

    @property
    def name(self) -> str:
        return self.full_name.partition("/")[2]

    @property
    def node_id(self) -> str:
        return f"R_kgDO{self.id:08d}"

    def collaborator(self, login: str, permission: str) -> None:
        """`permission` is admin, write or read."""
        self.state.user(login)
        self.collaborators[login] = permission

    def role(self, login: str) -> str:
        """admin, write, read or none."""
        if login == self.owner.login:
            return "admin"
        return self.collaborators.get(login, "none" if self.private else "read")

    def open_pull(
        self,
        *,
        base: str,
        head: str,
        author: str,
        fork: bool = False,
        draft: bool = False,
        title: str = "A change",
        body: str | None = None,
    ) -> Pull:
        """From one branch to another; with `fork` the head is said to be in the author's fork (same objects)."""
        state = self.state
        number = self._next_number()
        pull = Pull(
            id=state.number(),
            number=number,
            repository=self,
            head_repository=self._fork_of(author) if fork else self,
            base=base,
            head=head,
            author=state.user(author),
            title=title,
            body=body,
            draft=draft,
            created_at=state.timestamp(),
        )
        pull.tips()  # both branches must exist
        state.remember(pull)
        self.pulls[number] = pull
        return pull

    def open_issue(self, author: str, title: str, body: str | None = None) -> Issue:
        """Issues and pull requests share their numbers."""
        state, now = self.state, self.state.timestamp()
        issue = Issue(state.number(), self._next_number(), self, state.user(author), title, body, now, now)
        self.issues[issue.number] = issue
        return issue

    def _next_number(self) -> int:
        return max((*self.pulls, *self.issues), default=0) + 1

    def _fork_of(self, owner: str) -> Repository:
        full_name = f"{owner}/{self.name}"
        known = self.state.repositories.get(full_name.lower())
        return known or self.state.add_repository(full_name, self.objects.root, private=self.private, parent=self)


class State:
    """Users, tokens, repositories; numbers and times. `now` gives seconds since the epoch."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.url = ""
        self.users: dict[str, User] = {}
        self.tokens: dict[str, Token] = {}
        self.repositories: dict[str, Repository] = {}
        self.moved: dict[str, Repository] = {}
        """By a name that a repository had before."""
        self.nodes: dict[str, Node] = {}
        self._last = 1000

    @property
    def api(self) -> str:
        return f"{self.url}/api/v3"

    def number(self) -> int:
        self._last += 1
        return self._last

    def timestamp(self) -> str:
        return datetime.fromtimestamp(self.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def user(self, login: str) -> User:
        """The user of that name, who exists from the moment somebody speaks of them."""
        if login not in self.users:
            self.users[login] = User(self.number(), login)
        return self.users[login]

    def remember(self, node: Node) -> None:
        self.nodes[node.node_id] = node

    def forget(self, node: Node) -> None:
        del self.nodes[node.node_id]

    def add_token(self, login: str, repositories: frozenset[str] | None, permissions: dict[str, str]) -> Token:
        user = self.user(login)
        explicit = permissions or user.is_bot
        token = Token(f"ghs_{self.number():036d}", user, permissions if explicit else None, repositories)
        self.tokens[token.value] = token
        return token

    def add_repository(
        self, full_name: str, root: Path, *, private: bool = False, parent: Repository | None = None
    ) -> Repository:
        if not re.fullmatch(r"[\w.-]+/[\w.-]+", full_name):
            raise ValueError(full_name)
        self.user(full_name.partition("/")[0])
        objects = Objects(root)
        repository = Repository(
            id=self.number(),
            state=self,
            full_name=full_name,
            objects=objects,
            diffs=Diffs(objects),
            private=private,
            parent=parent,
        )
        self.repositories[full_name.lower()] = repository
        return repository

    def repository(self, full_name: str) -> Repository | None:
        """Names are compared as GitHub does: without regard to case."""
        return self.repositories.get(full_name.lower())

    def rename(self, repository: Repository, full_name: str) -> None:
        """REST redirects from the old name to an address with its number, GraphQL knows both."""
        del self.repositories[repository.full_name.lower()]
        self.moved[repository.full_name.lower()] = self.repositories[full_name.lower()] = repository
        repository.full_name = full_name

    def find(self, kind: type[Any], number: int, repository: Repository) -> Any | None:
        """The remark of that kind with that id in that repository."""
        for node in self.nodes.values():
            if isinstance(node, kind) and node.id == number and getattr(node, "pull", node).repository is repository:
                return node
        return None
