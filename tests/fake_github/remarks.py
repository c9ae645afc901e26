"""What people say on a pull request: comments, reviews, threads, reactions. They change over time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from fake_github.people import User
    from fake_github.pulls import Pull


@dataclass(slots=True, eq=False)
class Reaction:
    id: int
    user: User
    content: str
    """As REST writes it: +1, -1, laugh …"""
    created_at: str


@dataclass(slots=True, eq=False, kw_only=True)
class Remark:
    """Words of somebody. `minimized` holds the reason, null while they are shown."""

    prefix: ClassVar[str] = ""

    id: int
    pull: Pull
    author: User
    body: str
    created_at: str
    updated_at: str
    minimized: str | None = None
    reactions: list[Reaction] = field(default_factory=list)

    @property
    def node_id(self) -> str:
        return f"{self.prefix}_kwDO{self.id:08d}"

    def edit(self, body: str) -> None:
        self.body = body
        self.updated_at = self.pull.repository.state.timestamp()

    def react(self, by: str, content: str) -> Reaction:
        """The same reaction of the same user is kept once."""
        state = self.pull.repository.state
        user = state.user(by)
        for reaction in self.reactions:
            if (reaction.user, reaction.content) == (user, content):
                return reaction
        reaction = Reaction(state.number(), user, content, state.timestamp())
        self.reactions.append(reaction)
        return reaction


@dataclass(slots=True, eq=False, kw_only=True)
class IssueComment(Remark):
    """A comment on the conversation, not on a line."""

    prefix: ClassVar[str] = "IC"

    def delete(self) -> None:
        self.pull.comments.remove(self)
        self.pull.repository.state.forget(self)


@dataclass(slots=True, eq=False, kw_only=True)
class Review(Remark):
    """`state` is PENDING until it is submitted; only its author sees it till then."""

    prefix: ClassVar[str] = "PRR"

    state: str
    commit_id: str
    comments: list[Comment] = field(default_factory=list)


@dataclass(slots=True, eq=False, kw_only=True)
class Comment(Remark):
    """A comment on a line; the first of its thread, or a reply."""

    prefix: ClassVar[str] = "PRRC"

    thread: Thread
    review: Review

    @property
    def reply_to(self) -> Comment | None:
        first = self.thread.comments[0]
        return None if first is self else first

    def delete(self) -> None:
        self.review.comments.remove(self)
        self.thread.comments.remove(self)
        self.pull.repository.state.forget(self)
        if not self.thread.comments:
            self.pull.all_threads.remove(self.thread)


@dataclass(slots=True, eq=False, kw_only=True)
class Thread:
    """Where it was begun never changes; where it is now is `reviewing.standing`."""

    id: int
    pull: Pull
    path: str
    side: str
    line: int
    start_line: int | None
    commit: str
    base: str
    """The merge base when the thread was begun."""
    position: int
    excerpt: str
    comments: list[Comment] = field(default_factory=list)
    resolved_by: User | None = None

    @property
    def node_id(self) -> str:
        return f"PRRT_kwDO{self.id:08d}"

    @property
    def is_pending(self) -> bool:
        return self.comments[0].review.state == "PENDING"

    def resolve(self, by: str) -> None:
        self.resolved_by = self.pull.repository.state.user(by)

    def unresolve(self) -> None:
        self.resolved_by = None

    def reply(self, by: str, body: str) -> Comment:
        """A reply is a review of its own, as on GitHub."""
        return self.pull.reply(self, by, body)
