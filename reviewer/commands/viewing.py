"""The view of the whole that ends an audit."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from reviewer.audit.overview import Overview, Row, grouped
from reviewer.change.change import FileChange
from reviewer.change.pieces import Piece
from reviewer.checks import catalogue
from reviewer.findings import NoteCode, Side, Span
from reviewer.judgement import anchor, verdict
from reviewer.syntax.definitions import definitions
from reviewer.syntax.grammars import Sort
from reviewer.syntax.languages import dialect_of
from reviewer.text.redact import Redactor
from reviewer.text.show import Show

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reviewer.commands.reviewing import Ask
    from reviewer.findings import Claim, Finding, Report
    from reviewer.settings import Policy
    from reviewer.sources.tree import Tree

OUTLINED = 200
"""Files besides those with findings whose definitions are told of."""


def viewed(tree: Tree, policy: Policy, report: Report, ask: Ask | None) -> Report:
    """The report as a view of the whole; an interrupt ends the looking, not the report."""
    overview = Overview(
        outline=partial(_outline, tree),
        placed=partial(_placed, tree),
        floor=policy.min_severity,
        language=policy.language,
    )
    if any(note.code is NoteCode.INTERRUPTED for note in report.notes):
        ask = None
    try:
        return overview.of(report, ask)
    except KeyboardInterrupt as interrupt:
        report = grouped(report)
        return replace(report, notes=(*report.notes, verdict.interrupted(interrupt)))


def _outline(tree: Tree, paths: Sequence[str]) -> Iterator[Row]:
    """What the files define at their top, those named first."""
    others = (entry.path for entry in tree.listing.entries if dialect_of(entry.path) and entry.path not in paths)
    for path in (*paths, *islice(others, OUTLINED)):
        for each in definitions(tree.read(path, Side.NEW) or "", path):
            if not each.container and each.sort is not Sort.CONSTANT:
                yield Row(Span(path, each.first, each.first), each.signature)


def _placed(tree: Tree, claim: Claim) -> Finding | None:
    """A claim of whole lines as a finding; null where its file is not there."""
    entry = tree.entry(claim.path)
    file = None if entry is None else tree.opened(entry)
    if not isinstance(file, FileChange):
        return None
    show = aside()
    pieces = [Piece(file, each, each.lines, tuple(show([line.text for line in each.lines]))) for each in file.hunks]
    return next(iter(anchor.locate([claim], pieces).findings), None)


def aside() -> Show:
    """Shows what its secrets are not counted of."""
    return Show(Redactor(catalogue.secret_patterns(catalogue.load())))
