"""What other tools found, held against the lines of the change: claims, facts for the model, notes for the report."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.change.change import Kind as Happened
from reviewer.change.numbered import shown_path
from reviewer.context import coverage, fixes, places, telling
from reviewer.context.items import Item, Kind
from reviewer.context.sarif.messages import MAX_BODY, MAX_TITLE
from reviewer.findings import Claim, Origin, Severity, Span
from reviewer.text.markdown import cut
from reviewer.text.redact import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from reviewer.change.chunks import Show
    from reviewer.change.pieces import Chunk
    from reviewer.context.coverage import Lines, Measured
    from reviewer.context.sarif.document import Result, Run
    from reviewer.context.sarif.locations import Place
    from reviewer.findings import Note

MAX_SPAN, MAX_FACT = 20, 300
"""Lines of a finding: a whole function may be complex; characters of a fact."""

_VALUES = {Severity.CRITICAL: 0.95, Severity.HIGH: 0.9, Severity.MEDIUM: 0.8, Severity.LOW: 0.6}
_UNCOVERED_VALUE = 0.4
_SHORTEST_SECRET = 4
_WITHHELD = "requires login"  # what Semgrep writes for code that it does not give away


@dataclass(frozen=True, slots=True)
class Documents:
    """The evidence that was given; `roots` are folders (absolute, with `/`) in which the repository is known to be."""

    runs: tuple[Run, ...] = ()
    measured: tuple[Measured, ...] = ()
    roots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Hit:
    """A result at one of its places, in a file of the repository."""

    tool: str
    result: Result
    place: Place


@dataclass(frozen=True, slots=True)
class _Added:
    """The lines that a chunk adds to a file, in order: number → text and what is shown of it."""

    kind: Happened
    lines: Mapping[int, tuple[str, str]]
    numbers: Sequence[int]

    def run(self, place: Place) -> tuple[int, int] | None:
        """The first neighbouring added lines of a place, `MAX_SPAN` at most; null where none of its lines is added."""
        if place.first is None or place.last is None:
            return None
        index = bisect_left(self.numbers, place.first)
        if index == len(self.numbers) or self.numbers[index] > place.last:
            return None
        first = last = self.numbers[index]
        while last + 1 in self.lines and last < min(place.last, first + MAX_SPAN - 1):
            last += 1
        return first, last


class Evidence:
    """Holds the documents against the change, chunk by chunk, and counts what it said.

    `paths` are the repository's paths, those of the change at least. `claims` is for one thread; `facts` changes
    nothing.
    """

    def __init__(self, documents: Documents, paths: Collection[str]) -> None:
        known = paths if isinstance(paths, frozenset | set) else frozenset(paths)
        self._runs = documents.runs
        self._hits: dict[str, list[_Hit]] = {}
        self._lines: dict[str, list[Lines]] = {}
        self._open: Counter[str] = Counter()
        self._said: dict[int, _Hit] = {}
        self._stale: dict[int, _Hit] = {}
        self._uncovered: dict[str, list[coverage.Range]] = {}
        self._missed = 0
        self._seen: set[str] = set()
        self._reports = len(documents.measured)
        for run in documents.runs:
            self._place(run, known, documents.roots)
        for measured in documents.measured:
            matched = places.match(measured.files, known, documents.roots)
            for names, path in matched.paths.items():
                self._lines.setdefault(path, []).append(measured.files[names])

    def _place(self, run: Run, known: Collection[str], roots: Sequence[str]) -> None:
        matched = places.match((place.names for result in run.results for place in result.places), known, roots)
        for result in run.results:
            self._open[run.tool] += any(place.names in matched.open for place in result.places)
            for place in result.places:
                path = matched.paths.get(place.names)
                if path is not None:
                    self._hits.setdefault(path, []).append(_Hit(run.tool, result, place))

    def claims(self, chunk: Chunk, show: Show) -> tuple[Claim, ...]:
        """What the tools found on lines that the chunk adds, each thing once in a review."""
        found: list[Claim] = []
        for path, added in _added(chunk).items():
            for hit in self._hits.get(path, ()):
                span = self._span(hit, path, added)
                name = id(hit.result)
                if span is None or name in self._said:
                    continue
                if _stale(hit.place, added):
                    self._stale[name] = hit
                    continue
                self._said[name] = hit
                found.append(_claim(hit, span, added, show))
            self._cover(path, added)
        return tuple(found)

    def _span(self, hit: _Hit, path: str, added: _Added) -> Span | None:
        """A result about a file as a whole is about this change where the file is new."""
        if hit.place.first is None:
            return Span(path) if added.kind is Happened.ADDED else None
        lines = added.run(hit.place)
        return None if lines is None else Span(path, *lines)

    def _cover(self, path: str, added: _Added) -> None:
        reports = self._lines.get(path)
        if reports is None:
            return
        self._seen.add(path)
        ranges, count = coverage.uncovered(added.numbers, reports)
        if ranges:
            self._uncovered.setdefault(path, []).extend(ranges)
            self._missed += count

    def facts(self, chunk: Chunk, show: Show) -> tuple[Item, ...]:
        """What the reader of the chunk need not find again: one item a result, one a file for lines without a test."""
        items: list[Item] = []
        for path, added in _added(chunk).items():
            for hit in self._hits.get(path, ()):
                lines = added.run(hit.place)
                if lines is not None and not _stale(hit.place, added):
                    items.append(_fact(hit, path, lines, added, show))
            ranges, _ = coverage.uncovered(added.numbers, self._lines.get(path, ()))
            if ranges:
                name = shown_path(path)
                words = cut(coverage.in_words(ranges), MAX_FACT)
                items.append(
                    Item(Kind.FACT, name, "the tests' coverage", f"no test covers lines {words}", _UNCOVERED_VALUE)
                )
        return tuple(items)

    def notes(self) -> Iterator[Note]:
        """What was read, how much of it concerns the change, and which of its lines no test covers."""
        tallies: dict[str, telling.Tally] = {}
        for run in self._runs:
            tally = tallies.setdefault(run.tool, telling.Tally(run.tool))
            tally.results += len(run.results) + run.beyond
            tally.suppressed += run.suppressed
            tally.known += run.known
            tally.unread += run.beyond
            tally.failed |= run.failed
            tally.unplaced += sum(not result.places for result in run.results)
        for tool, count in self._open.items():
            tallies[tool].ambiguous = count
        for hit in self._said.values():
            tallies[hit.tool].said += 1
        for name, hit in self._stale.items():
            tallies[hit.tool].stale += name not in self._said
        yield from telling.results(tallies.values())
        if self._reports:
            yield telling.measured(self._reports, len(self._seen))
        if self._uncovered:
            yield telling.uncovered(self._uncovered, self._missed)


def _added(chunk: Chunk) -> dict[str, _Added]:
    found: dict[str, tuple[Happened, dict[int, tuple[str, str]]]] = {}
    for piece in chunk.pieces:
        _, lines = found.setdefault(piece.file.path, (piece.file.kind, {}))
        for line, shown in zip(piece.lines, piece.shown, strict=True):
            if line.marker == "+" and line.new is not None:
                lines[line.new] = line.text.removesuffix("\r"), shown.removesuffix("\r")
    return {path: _Added(kind, lines, sorted(lines)) for path, (kind, lines) in found.items() if lines}


def _stale(place: Place, added: _Added) -> bool:
    """Whether the tool read something else: nothing that it quotes is in the lines, the first of which is added."""
    rows = [row.strip() for row in place.snippet.split("\n") if row.strip()][:MAX_SPAN]
    lines = added.run(place)
    if not rows or lines is None or lines[0] != place.first or rows == [_WITHHELD]:
        return False
    texts = [added.lines[number][0] for number in range(lines[0], lines[1] + 1)]
    # A line of which the tool quotes a part, and one that it quotes with others that are not added.
    return not any(row in text or (text.strip() and text.strip() in row) for row in rows for text in texts)


def _claim(hit: _Hit, span: Span, added: _Added, show: Show) -> Claim:
    result = hit.result
    lines = [] if span.first is None or span.last is None else range(span.first, span.last + 1)
    texts = [added.lines[number] for number in lines]
    secrets = _secrets(texts)
    return Claim(
        path=span.path,
        quote="\n".join(text for text, _ in texts),
        title=cut(_safe(result.title, secrets, show), MAX_TITLE),
        body=cut(_safe(result.body, secrets, show), MAX_BODY),
        line=span.first,
        severity=result.severity,
        category=result.category,
        confidence=result.confidence,
        replacement=_replacement(hit, span, [text for text, _ in texts], show),
        rule=result.rule,
        origin=Origin.TOOL,
        span=span,
    )


def _replacement(hit: _Hit, span: Span, texts: Sequence[str], show: Show) -> str | None:
    """What the tool would put in the place of exactly these lines, if all of it may be shown."""
    fix = hit.result.fix
    if fix is None or span.first is None or set(fix.names).isdisjoint(hit.place.names):
        return None
    text = fixes.applied(fix.edits, texts, span.first)
    return text if text is not None and list(show(text.split("\n"))) == text.split("\n") else None


def _fact(hit: _Hit, path: str, lines: tuple[int, int], added: _Added, show: Show) -> Item:
    secrets = _secrets([added.lines[number] for number in range(lines[0], lines[1] + 1)])
    title = " ".join(_safe(hit.result.title, secrets, show).split())
    return Item(
        kind=Kind.FACT,
        where=f"{shown_path(path)}:{lines[0]}",
        why=f"found by {hit.tool}",
        text=cut(f"{hit.result.rule} line {lines[0]}: {title}", MAX_FACT),
        value=_VALUES[hit.result.severity],
    )


def _safe(text: str, secrets: Sequence[str], show: Show) -> str:
    """A tool may repeat a secret that is hidden in the code, without what shows that it is one."""
    for secret in secrets:
        text = text.replace(secret, PLACEHOLDER)
    return "\n".join(show(text.split("\n")))


def _secrets(texts: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """What is hidden of the lines, the longest first."""
    found = {secret for text, shown in texts if PLACEHOLDER in shown for secret in _hidden(text, shown)}
    return tuple(sorted((each for each in found if len(each) >= _SHORTEST_SECRET), key=lambda each: (-len(each), each)))


def _hidden(text: str, shown: str) -> Iterator[str]:
    """What stands in the text where the placeholders stand in what is shown of it."""
    first, *rest = shown.split(PLACEHOLDER)
    at = len(first)
    for part in rest:
        end = text.find(part, at) if part else len(text)
        if end < 0:
            break
        yield text[at:end].strip("'\"`")
        at = end + len(part)
