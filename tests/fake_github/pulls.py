"""A pull request: two branches of a real repository, and what was said about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fake_github import reviewing
from fake_github.remarks import Comment, IssueComment, Review, Thread

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fake_github.diffs import DiffFile
    from fake_github.people import User
    from fake_github.state import Repository


@dataclass(frozen=True, slots=True)
class Tips:
    """The two ends of a pull request at one moment, and where they parted."""

    base: str
    head: str
    merge_base: str


@dataclass(frozen=True, slots=True)
class LinkedIssue:
    """An issue that merging the pull request closes."""

    number: int
    title: str
    repository: Repository

    @property
    def node_id(self) -> str:
        return f"I_kwDO{self.repository.id:04d}{self.number:04d}"


@dataclass(slots=True, eq=False, kw_only=True)
class Pull:
    """`base` and `head` are branches: pushing is moving them with git. Its methods are what people do on the page."""

    id: int
    number: int
    repository: Repository
    head_repository: Repository
    base: str
    head: str
    author: User
    title: str
    body: str | None
    draft: bool
    created_at: str
    state: str = "open"
    merged_at: str | None = None
    closed_at: str | None = None
    mergeable: bool | None = True
    comments: list[IssueComment] = field(default_factory=list)
    all_reviews: list[Review] = field(default_factory=list)
    all_threads: list[Thread] = field(default_factory=list)
    linked_issues: list[LinkedIssue] = field(default_factory=list)
    _frozen: Tips | None = None

    @property
    def node_id(self) -> str:
        return f"PR_kwDO{self.id:08d}"

    @property
    def head_sha(self) -> str:
        return self.tips().head

    @property
    def base_sha(self) -> str:
        return self.tips().base

    @property
    def threads(self) -> list[Thread]:
        """Those that everybody sees."""
        return [thread for thread in self.all_threads if not thread.is_pending]

    @property
    def reviews(self) -> list[Review]:
        """Those that everybody sees."""
        return [review for review in self.all_reviews if review.state != "PENDING"]

    def tips(self) -> Tips:
        """As of now; as of its end for one that is closed."""
        if self._frozen:
            return self._frozen
        base = self._tip(self.base)
        head = self._tip(self.head)
        return Tips(base, head, self.repository.objects.merge_base(base, head) or base)

    def files(self) -> tuple[DiffFile, ...]:
        tips = self.tips()
        return self.repository.diffs.between(tips.merge_base, tips.head)

    def comment(self, by: str, body: str) -> IssueComment:
        """On the conversation."""
        state = self.repository.state
        now = state.timestamp()
        comment = IssueComment(
            id=state.number(), pull=self, author=state.user(by), body=body, created_at=now, updated_at=now
        )
        state.remember(comment)
        self.comments.append(comment)
        return comment

    def review(
        self,
        by: str,
        body: str = "",
        *,
        event: str | None = "COMMENT",
        comments: Iterable[Mapping[str, Any]] = (),
        commit_id: str | None = None,
    ) -> Review:
        """By the rules of GitHub; raises `Refused`. `comments` as REST takes them."""
        author = self.repository.state.user(by)
        return reviewing.submit(self, author, body=body, event=event, comments=comments, commit_id=commit_id)

    def reply(self, thread: Thread, by: str, body: str) -> Comment:
        review = self.new_review(self.repository.state.user(by), "", "COMMENTED", thread.commit)
        return reviewing.add_comment(thread, review, body)

    def new_review(self, author: User, body: str, state: str, commit: str) -> Review:
        """Without any check: `review` is what has them."""
        site = self.repository.state
        now = site.timestamp()
        review = Review(
            id=site.number(),
            pull=self,
            author=author,
            body=body,
            created_at=now,
            updated_at=now,
            state=state,
            commit_id=commit,
        )
        site.remember(review)
        self.all_reviews.append(review)
        return review

    def closes(self, number: int, title: str, repository: Repository | None = None) -> None:
        """Links an issue, of another repository too."""
        self.linked_issues.append(LinkedIssue(number, title, repository or self.repository))

    def close(self) -> None:
        self._frozen = self.tips()
        self.state = "closed"
        self.closed_at = self.repository.state.timestamp()

    def merge(self) -> None:
        """Says so; git is left alone."""
        self.close()
        self.merged_at = self.closed_at

    def _tip(self, branch: str) -> str:
        found = self.repository.objects.commit_sha(f"refs/heads/{branch}")
        if found is None:
            raise LookupError(f"no branch {branch} in {self.repository.objects.root}")
        return found
