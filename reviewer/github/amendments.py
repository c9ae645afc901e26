"""What the summary has to say besides, once it is known how the posting went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.github import bodies
from reviewer.text import markdown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reviewer.github.draft import Comment

_ROOMS = (1_500, 400, 0)
"""Characters of each finding's text, tried one after the other until the comment fits."""


def amended(summary: str, commit: str, head: str, *, stale: Sequence[Comment], refused: Sequence[Comment]) -> str:
    """The summary, marker last. `stale`: what has no place on the diff of `head`, which is not `commit` any more."""
    words, _, marker = summary.rpartition("\n\n")
    for paragraphs in _versions(commit, head, stale, refused):
        together = "\n\n".join([words, *paragraphs, marker])
        if bodies.fits(together):
            return together
    return summary


def _versions(commit: str, head: str, stale: Sequence[Comment], refused: Sequence[Comment]) -> Iterator[list[str]]:
    """From the most telling to the shortest."""
    moved = [] if head == commit else [_moved(commit, head)]
    lists = (
        (f"**No longer on the diff of {markdown.code(head[:12])}**", stale),
        ("**Not accepted by GitHub as a comment on the diff**", refused),
    )
    for room in _ROOMS:
        yield [*moved, *(part for heading, comments in lists for part in _listed(heading, comments, room))]
    yield [*moved, *(f"{heading}: {len(comments)}" for heading, comments in lists if comments)]
    yield moved


def _moved(commit: str, head: str) -> str:
    was, now = markdown.code(commit[:12]), markdown.code(head[:12])
    return f"**The pull request moved on meanwhile**: this speaks of {was}, its head is {now} now."


def _listed(heading: str, comments: Sequence[Comment], room: int) -> Iterator[str]:
    if comments:
        yield heading
    for comment in comments:
        title = comment.body.partition("\n")[0].removeprefix("**").removesuffix("**")
        yield f"- {markdown.code(f'{comment.path}:{comment.line}')} · {title}"
        said = bodies.said(comment.body) if room else ""
        if said:
            yield markdown.block(said, room)
