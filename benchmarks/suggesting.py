"""Replacements of real added lines: are sound ones offered for a click, and broken ones not?"""

from __future__ import annotations

import random
import re
from collections import Counter
from typing import TYPE_CHECKING

from benchmarks.labels import code
from benchmarks.tables import Table, percent
from reviewer.change.numbered import shown_path
from reviewer.findings import Claim
from reviewer.judgement.anchor import locate
from reviewer.sources.git import revisions
from reviewer.syntax.languages import language_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.dataset import Pull
    from reviewer.change.pieces import Chunk, Piece
    from reviewer.change.select import Read

MOST = 60
"""Lines tried of one pull request."""
_NAME = re.compile(r"(?<=[.(])[a-z]\w{3,}\b(?=[.(),])")  # no keyword stands like that
_BRACKET = re.compile(r"[][(){}]")
NOTE = (
    "Added lines with a bracket in languages that there is a parser for, quoted and replaced: by the same with another"
    " name in it, and by the same with a bracket removed. Offered: for one click; the others are shown as prose."
)


def table(pulls: Sequence[Pull]) -> Table:
    """Offered with and without the replacement being tried on a copy of the file."""
    head = ("replacement", "number", "offered untried", "offered when tried")
    return Table("suggestions", head, _rows(pulls), NOTE)


def _rows(pulls: Sequence[Pull]) -> Iterator[Sequence[object]]:
    totals: Counter[tuple[str, str]] = Counter()
    for pull in pulls:
        if pull.repository:
            with revisions(pull.repository, f"{pull.merge_base}..{pull.head}") as repository:
                totals += _offered(pull, repository.read)
    for kind in ("a name changed", "a bracket removed"):
        number = totals[kind, "tried"]
        shares = (percent(totals[kind, how], number) for how in ("offered untried", "offered"))
        yield kind, number or "not available here", *shares


def _offered(pull: Pull, read: Read) -> Counter[tuple[str, str]]:
    rng = random.Random(pull.name)  # noqa: S311 - the same lines in every run
    lines = list(_lines(pull))
    counts: Counter[tuple[str, str]] = Counter()
    for chunk, piece, row in rng.sample(lines, min(MOST, len(lines))):
        text, number = piece.shown[row], piece.lines[row].new
        bracket = rng.choice(list(_BRACKET.finditer(text))).start()
        for kind, replacement in (
            ("a name changed", _NAME.sub(lambda name: f"{name[0]}_2", text, count=1)),
            ("a bracket removed", text[:bracket] + text[bracket + 1 :]),
        ):
            claim = Claim(shown_path(piece.file.path), text, "t", "b", line=number, replacement=replacement)
            counts[kind, "tried"] += 1
            for how, given in (("offered untried", None), ("offered", read)):
                (finding,) = locate([claim], chunk.pieces, given).findings
                counts[kind, how] += finding.suggestion is not None
    return counts


def _lines(pull: Pull) -> Iterator[tuple[Chunk, Piece, int]]:
    for chunk in pull.chunks:
        for piece in chunk.pieces:
            for row, line in enumerate(piece.lines if language_of(piece.file.path) else ()):
                plain = line.marker == "+" and code(line.text) == line.text
                if plain and _BRACKET.search(line.text) and _NAME.search(line.text):
                    yield chunk, piece, row
