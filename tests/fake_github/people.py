"""Who asks: users, and the tokens that speak for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fake_github.answers import Refused, not_found

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fake_github.pulls import Pull
    from fake_github.state import Repository

RANK = {"none": 0, "read": 1, "write": 2, "admin": 3}


@dataclass(frozen=True, slots=True)
class User:
    id: int
    login: str

    @property
    def is_bot(self) -> bool:
        return self.login.endswith("[bot]")

    @property
    def actor(self) -> str:
        """The login as GraphQL writes it for an author: without the `[bot]` that REST adds."""
        return self.login.removesuffix("[bot]")

    @property
    def node_id(self) -> str:
        return f"{'BOT' if self.is_bot else 'U'}_kgDO{self.id:08d}"


@dataclass(frozen=True, slots=True)
class Token:
    """`permissions` null: whatever the user's role allows. `repositories` null: every one is visible."""

    value: str
    user: User
    permissions: Mapping[str, str] | None
    repositories: frozenset[str] | None

    @property
    def refusal(self) -> str:
        return f"Resource not accessible by {'integration' if self.user.is_bot else 'personal access token'}"


def sees(token: Token | None, repository: Repository) -> bool:
    if not repository.private:
        return True
    if token is None or (token.repositories is not None and repository.full_name not in token.repositories):
        return False
    return token.permissions is not None or repository.role(token.user.login) != "none"


def may(token: Token | None, repository: Repository, scope: str, level: str) -> bool:
    """Whether the token reaches the level; what is public may be read by anyone."""
    if not sees(token, repository):
        return False
    if level == "read" and (not repository.private or scope == "metadata"):
        return True
    if token is None:
        return False
    if token.permissions is not None:
        return RANK[token.permissions.get(scope, "none")] >= RANK[level]
    role = repository.role(token.user.login)
    if scope == "checks":  # only an app may write them
        return level == "read"
    open_to_all = scope in ("pull_requests", "issues") and role != "none"
    return open_to_all or RANK[role] >= RANK[level]


def demand(token: Token | None, repository: Repository, scopes: tuple[str, ...], level: str) -> None:
    """Refuses unless one of the scopes reaches the level: 404 for what the token cannot see, 401, 403."""
    if not sees(token, repository):
        raise not_found()
    if any(may(token, repository, scope, level) for scope in scopes):
        return
    if token is None:
        raise Refused(401, "Requires authentication")
    raise Refused(403, token.refusal)


def may_resolve(token: Token, pull: Pull) -> bool:
    """FACTS: pull-requests: write alone does not resolve a thread; contents: write besides does. An author may."""
    repository = pull.repository
    if token.permissions is None and token.user == pull.author:
        return True
    return may(token, repository, "pull_requests", "write") and may(token, repository, "contents", "write")


def may_edit(token: Token, author: User, repository: Repository, scopes: tuple[str, ...]) -> bool:
    """One's own words, or as a person who may push."""
    if not any(may(token, repository, scope, "write") for scope in scopes):
        return False
    return token.user == author or (not token.user.is_bot and may(token, repository, "contents", "write"))
