"""Tokens of everything that is asked about a pull request, over those of its bare diff."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from benchmarks import around
from benchmarks.dataset import Comment, Pull
from benchmarks.tables import Table
from reviewer import prompts, verification
from reviewer.findings import Claim, Side, Span
from reviewer.judgement import anchor, verify
from reviewer.rules import packs
from reviewer.text.tokens import estimate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from benchmarks.corpus import Sample
    from reviewer.change.pieces import Chunk
    from reviewer.context.pack import Context

SIZES = {
    "a diff below 1500 tokens": (0, 1_500),
    "below 5000": (1_500, 5_000),
    "above": (5_000, 10**9),
    "all": (0, 10**9),
}
"""Tokens of the bare diff, from and below."""
EVERY = 100
"""Of a history, which nobody commented, each so many'th added line is said to be: about as much as a review shows."""
NOTE = (
    "Every prompt is composed as a review does it and estimated by `reviewer.text.tokens`; answers do not count."
    " Verification: everything the reviewers said of a chunk, true or not, is put to the model again as its findings:"
    " more than a review finds."
)


@dataclass(frozen=True)
class Spent:
    """Tokens of one pull request."""

    bare: int
    plain: int
    context: int
    verification: int

    @property
    def whole(self) -> int:
        """With everything."""
        return self.plain + self.context + self.verification


def table(pulls: Sequence[Pull], sample: Sample, repository: Path) -> Table:
    """A row a size: means over its pull requests."""
    head = ("size", "pull requests", "bare diff", "prompts without context", "with it", "and verified", "most")
    gone = [pull.name for pull in pulls if not pull.repository]
    missing = f" Without context, as they are not available here: {', '.join(gone)}." if gone else ""
    return Table(
        "prompt tokens, and how often the bare diff that is", head, _rows(pulls, sample, repository), NOTE + missing
    )


def _rows(pulls: Sequence[Pull], sample: Sample, repository: Path) -> Iterator[Sequence[object]]:
    spent = [spend(pull) for pull in pulls]
    for name, (low, high) in SIZES.items():
        if some := [each for each in spent if low <= each.bare < high]:
            yield name, *_row(some)
    yield f"{sample.name} ({sample.changed} changed lines of a history)", *_row([spend(_cut(sample, repository))])


def _row(spent: Sequence[Spent]) -> Iterator[object]:
    bare = statistics.mean(each.bare for each in spent)
    yield len(spent)
    yield round(bare)
    for kinds in (("plain",), ("plain", "context"), ("plain", "context", "verification")):
        mean = statistics.mean(sum(getattr(each, kind) for kind in kinds) for each in spent)
        yield f"{mean:.0f} ({mean / bare:.2f} times)"
    yield max(each.whole for each in spent)


def spend(pull: Pull) -> Spent:
    """What asking about it costs."""
    shipped = packs.shipped()
    plain = context = judged = 0
    for chunk, known in zip(pull.chunks, around.contexts(pull), strict=True):
        without = prompts.compose(chunk, shipped).tokens
        plain += without
        context += prompts.compose(chunk, shipped, around=partial(_known, known)).tokens - without
        judged += _verified(chunk, pull, prompts.surroundings(known))
    return Spent(estimate(pull.diff.decode(errors="replace")), plain, context, judged)


def _known(context: Context, *_: object) -> Context:
    return context


def _verified(chunk: Chunk, pull: Pull, surroundings: str) -> int:
    said = [comment for comment in pull.comments if (found := pull.piece(comment)) and found[0] is chunk]
    claims = [
        Claim(each.path, "", each.text[:80], each.text, span=Span(each.path, each.first, each.last, Side.NEW))
        for each in said
    ]
    findings = anchor.locate(claims, chunk.pieces).findings
    questions = (verification.question(group, chunk, surroundings) for group in verify.groups(findings))
    return sum(estimate(message.content) for question in questions for message in question)


def _cut(sample: Sample, repository: Path) -> Pull:
    bare = Pull(sample.name, "HEAD", "HEAD", "HEAD", sample.diff, (), repository)
    lines = [
        (piece.file.path, line.new)
        for chunk in bare.chunks
        for piece in chunk.pieces
        for line in piece.lines
        if line.marker == "+" and line.new is not None
    ]
    text = "What is wrong with this line, in which case, and what would be better. " * 4
    comments = tuple(Comment(path, line, line, text) for path, line in lines[::EVERY])
    return Pull(sample.name, "HEAD", "HEAD", "HEAD", sample.diff, comments, repository)
