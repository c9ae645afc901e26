"""Claims, held against the model was shown, become findings. The only maker of findings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.change.numbered import shown_path
from reviewer.findings import Dropped, DropReason, Finding, Side, Span
from reviewer.judgement import suggestions
from reviewer.judgement.fingerprint import distinguish, fingerprint, ordinal
from reviewer.judgement.quotes import Quote, find, holds
from reviewer.judgement.views import Level, Place, Views, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reviewer.change.change import FileChange, Line
    from reviewer.change.pieces import Piece
    from reviewer.change.select import Read
    from reviewer.findings import Claim

__all__ = ["Located", "distinguish", "locate"]

MAX_EXCERPT = 20

_AROUND_A_PATH = re.compile(r"^(?:#+ +)?[`\"']?(?:\./|/)*|(?::\d+(?:-\d+)?)?[`\"']?$")
_PREFIX = re.compile(r"[ab]/")


@dataclass(frozen=True, slots=True)
class Located:
    """Every claim is in one of the two."""

    findings: tuple[Finding, ...]
    dropped: tuple[Dropped, ...]


@dataclass(slots=True)
class _File:
    """The pieces of one file that were shown."""

    change: FileChange
    pieces: list[Piece]
    _views: Views | None = None

    @property
    def views(self) -> Views:
        if self._views is None:
            self._views = Views.of(self.pieces)
        return self._views


def locate(claims: Iterable[Claim], pieces: Sequence[Piece], read: Read | None = None) -> Located:
    """Places each claim where its quote stands; an exact span (checks, tools) is taken as it is.

    A claim whose file is here but whose quote is not becomes a finding without lines. With `read`, replacements are
    tried on a copy of their file.
    """
    files: dict[str, _File] = {}
    for piece in pieces:
        files.setdefault(piece.file.path, _File(piece.file, [])).pieces.append(piece)
    findings: list[Finding] = []
    dropped: list[Dropped] = []
    for claim in claims:
        file = files.get(claim.span.path) if claim.span else _resolve(claim, files)
        if file is None:
            dropped.append(_outside(claim))
        elif claim.span:
            findings.append(_offered(claim, file, _exact(claim, file), claim.span, read))
        else:
            place = find(claim.quote, file.views, claim.line)
            findings.append(_offered(claim, file, place, place.span if place else Span(file.change.path), read))
    return Located(tuple(findings), tuple(dropped))


def _resolve(claim: Claim, files: dict[str, _File]) -> _File | None:
    """The file a claim names: by its path, by its old one, by the end of one, or by the code it quotes."""
    bare = _AROUND_A_PATH.sub("", claim.path)
    spellings = dict.fromkeys((claim.path, bare, _PREFIX.sub("", bare, count=1)))
    for spelling in spellings:
        for file in files.values():
            change = file.change
            if spelling in {change.path, shown_path(change.path)}:
                return file
    for spelling in spellings:
        for file in files.values():
            if spelling == file.change.old_path:
                return file
    ends = [file for file in files.values() if f"/{file.change.path}".endswith(f"/{bare}")]
    if bare and len(ends) == 1:
        return ends[0]
    quote = Quote.of(claim.quote.split("\n"))
    holders = [file for file in files.values() if quote.lines and not quote.trivial and holds(quote, file.views)]
    return holders[0] if len(holders) == 1 else None


def _exact(claim: Claim, file: _File) -> Place | None:
    """The whole lines of an exact span, where one piece holds all of them and an offer to replace them needs them."""
    span = claim.span
    if claim.replacement is None or span is None or span.first is None or span.last is None:
        return None
    wanted = list(range(span.first, span.last + 1))
    for piece in file.pieces:
        rows = [
            row for row, line in enumerate(piece.lines) if span.first <= (number(line, span.side) or 0) <= span.last
        ]
        if [number(piece.lines[row], span.side) for row in rows] == wanted:
            return Place(piece, rows[0], rows[-1], span.side, Level.EXACT)
    return None


def _offered(claim: Claim, file: _File, place: Place | None, span: Span, read: Read | None) -> Finding:
    """The finding, with what it would put in the place of these lines: to be clicked on, or else in its words."""
    suggestion = None
    body = claim.body
    if claim.replacement is not None:
        suggestion = suggestions.sound(claim.replacement, place, read) if place else None
        if suggestion is None:
            body = suggestions.in_prose(body, claim.replacement)
    return _finding(claim, file, span, body, suggestion)


def _finding(claim: Claim, file: _File, span: Span, body: str | None = None, suggestion: str | None = None) -> Finding:
    rows = list(_rows(file.pieces, span))
    return Finding(
        fingerprint=_identity(claim, file.change, span.side, rows),
        span=span,
        code="\n".join(shown for _, _, shown in rows[:MAX_EXCERPT]),
        severity=claim.severity,
        category=claim.category,
        confidence=claim.confidence,
        title=claim.title,
        body=claim.body if body is None else body,
        origin=claim.origin,
        rule=claim.rule,
        suggestion=suggestion,
    )


_Row = tuple["FileChange", "Line", str]


def _rows(pieces: Sequence[Piece], span: Span) -> Iterator[_Row]:
    """The lines of the span as they were shown."""
    if span.first is None or span.last is None:
        return
    for piece in pieces:
        for line, shown in zip(piece.lines, piece.shown, strict=True):
            if span.first <= (number(line, span.side) or 0) <= span.last:
                yield piece.file, line, shown.removesuffix("\r")


def _identity(claim: Claim, named: FileChange, side: Side, rows: Sequence[_Row]) -> str:
    """Of a line that was not shown as it is, only what was shown counts: a secret leaves no trace in a fingerprint."""
    what = claim.rule or claim.category
    if not rows:
        return fingerprint(named.base_path, what, claim.title.casefold(), 0)
    file, line, shown = rows[0]
    as_it_is = line.text.removesuffix("\r") == shown
    return fingerprint(file.base_path, what, shown, ordinal(file, line, side) if as_it_is else 0)


def _outside(claim: Claim) -> Dropped:
    return Dropped(
        path=claim.path,
        title=claim.title,
        body=claim.body,
        reason=DropReason.OUTSIDE_CHANGE,
        detail="the file is not among those that were shown, and the quoted code is in none of them",
        line=claim.span.first if claim.span else claim.line,
        severity=claim.severity,
    )
