"""Issues, and what is said on them. They change over time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fake_github.people import User
    from fake_github.state import Repository


@dataclass(slots=True, eq=False)
class IssueNote:
    """A comment on an issue that is no pull request."""

    id: int
    issue: Issue
    author: User
    body: str
    created_at: str

    @property
    def node_id(self) -> str:
        return f"IC_kwDO{self.id:08d}"

    @property
    def repository(self) -> Repository:
        return self.issue.repository


@dataclass(slots=True, eq=False)
class Issue:
    id: int
    number: int
    repository: Repository
    author: User
    title: str
    body: str | None
    created_at: str
    updated_at: str
    state: str = "open"
    state_reason: str | None = None
    closed_at: str | None = None
    notes: list[IssueNote] = field(default_factory=list)

    @property
    def node_id(self) -> str:
        return f"I_kwDO{self.id:08d}"

    def comment(self, by: str, body: str) -> IssueNote:
        site = self.repository.state
        note = IssueNote(site.number(), self, site.user(by), body, site.timestamp())
        self.notes.append(note)
        self.touch()
        return note

    def close(self, reason: str = "completed") -> None:
        self.state, self.state_reason, self.closed_at = "closed", reason, self.repository.state.timestamp()
        self.touch()

    def reopen(self) -> None:
        self.state, self.state_reason, self.closed_at = "open", "reopened", None
        self.touch()

    def touch(self) -> None:
        self.updated_at = self.repository.state.timestamp()
