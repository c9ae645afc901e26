"""Where a quote stands among the lines the model was shown. Quote first, number second: the number only breaks ties."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import accumulate, chain, takewhile
from typing import TYPE_CHECKING

from reviewer.judgement.views import Level, Run, key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reviewer.judgement.views import Match, Place, View, Views

NEAR = 3
"""Lines from the hint within which a doubtful place is believed."""

# Of several places one must be this much nearer to the hint than the next, or within NEAR. Measured on 161 review
# comments, the number off by 5 to 20 (benchmarks/README.md): a third to four fifths of the wrong places become
# unplaced, and 1 % of the right ones (5 % where the quote is a part of a line).
MARGIN = {
    Level.EXACT: 1.5,
    Level.SPACING: 1.5,
    Level.MARKERS: 1.5,
    Level.MOST: 2.0,
    Level.SUBSTRING: 2.5,
    Level.CLOSE: 2.0,
}

CLOSE_ENOUGH, CLEARLY = 75.0, 5.0
"""Likeness (0 to 100) that places a quote, and by how much one place must be better than another to win for that."""

TELLING = 8
"""Characters, spaces aside, that a part of the quoted lines must have to stand for them."""

_LONGEST, _MOST_LINES, _MOST_PARTS = 1_000, 60, 6
"""Characters that are compared for likeness, lines that are looked for in part, parts around ellipses: what these
cost grows with the square of a quote that a model may have written without end.
"""

# fmt: off
_TRIVIAL = frozenset(
    (
        "else:", "else{", "}else{", "try:", "try{", "finally:", "finally{", "return", "return;", "returnnil",
        "returnnull;", "returnNone", "returntrue;", "returnfalse;", "pass", "break", "break;", "continue",
        "continue;", "default:", "begin", "done", "endif", "</div>", "</p>", "@Override",
    )
)
# fmt: on
_PREFIX = re.compile(r"\s*(\d+)?\s*([-+]|(?<=\d)\s*[|:]|(?<=\d)(?=\s|$))")
_ELLIPSIS = re.compile(r"\W*(?:\.\.\.|…)\W*")


@dataclass(frozen=True, slots=True)
class Quote:
    """The lines of a quote that are not blank: as they are, without what a diff puts in front (`plain`), and each
    without its spaces (`keys`, `bare`).
    """

    lines: tuple[str, ...]
    plain: tuple[str, ...]
    keys: tuple[str, ...]
    bare: tuple[str, ...]
    markers: frozenset[str]
    line: int | None
    """The first number that the model copied with its line."""

    @classmethod
    def of(cls, lines: Sequence[str]) -> Quote:
        """A line with nothing behind its marker is blank too."""
        parsed = [(line.rstrip(), _PREFIX.match(line)) for line in lines if line.strip()]
        parsed = [(line, prefix) for line, prefix in parsed if not prefix or line[prefix.end() :].strip()]
        prefixes = [prefix for _, prefix in parsed if prefix]
        plain = tuple(line[prefix.end() :] if prefix else line for line, prefix in parsed)
        return cls(
            tuple(line for line, _ in parsed),
            plain,
            tuple(key(line) for line, _ in parsed),
            tuple(map(key, plain)),
            frozenset(prefix[2].strip() for prefix in prefixes),
            next((int(prefix[1]) for prefix in prefixes if prefix[1] and len(prefix[1]) < 10), None),
        )

    def head(self, count: int) -> Quote:
        """The first lines."""
        lines, plain, keys, bare = (each[:count] for each in (self.lines, self.plain, self.keys, self.bare))
        return replace(self, lines=lines, plain=plain, keys=keys, bare=bare)

    @property
    def trivial(self) -> bool:
        """Whether it could stand anywhere."""
        flat = "".join(self.bare)
        return len(flat) < 4 or flat in _TRIVIAL or not any(map(str.isalnum, flat))


def find(text: str, views: Views, hint: int | None) -> Place | None:
    """The place of the quote by the first level of the cascade that knows any; of several, the nearest to the hint."""
    lines = text.split("\n")
    quote = Quote.of(lines)
    parts = _parts(lines)
    if len(parts) > 1 and not holds(quote, views):
        return _spread(parts, views, hint)
    return _place(quote, views, hint)


def holds(quote: Quote, views: Views) -> bool:
    """Whether the lines stand there letter by letter."""
    return any(True for _ in _firm(quote, views))


def _place(quote: Quote, views: Views, hint: int | None) -> Place | None:
    for level, found in chain(_firm(quote, views), _soft(quote, views)):
        copied = quote.line if level is Level.MARKERS else None
        likely = [match for match in found if _as_written(quote, level, *match)] or found
        return _nearest(likely, level, copied or hint, trivial=quote.trivial)
    return None


def _firm(quote: Quote, views: Views) -> Iterator[tuple[Level, list[Match]]]:
    """Whole lines, letter by letter: on the new side, else on the old one, else across both."""
    if not quote.lines:
        return
    ordered = (views.new, views.old, views.both)
    by_marker = (views.old, views.new, views.both) if quote.markers == {"-"} else ordered
    for level, sides, options in (
        (Level.EXACT, ordered, [(line,) for line in quote.lines]),
        (Level.SPACING, ordered, [(flat,) for flat in quote.keys]),
        (Level.MARKERS, by_marker if quote.markers else (), list(zip(quote.keys, quote.bare, strict=True))),
    ):
        for side in sides:
            if found := [(view, run) for view in side for run in _runs(view, level, options)]:
                yield level, found


def _soft(quote: Quote, views: Views) -> Iterator[tuple[Level, list[Match]]]:
    """Most of the lines, a part of a line, or lines that are nearly the same."""
    if quote.trivial:
        return
    quote = quote.head(_MOST_LINES)
    for level, look in ((Level.MOST, _most), (Level.SUBSTRING, _within), (Level.CLOSE, _alike)):
        if found := [(view, run) for view in (*views.new, *views.old) for run in look(view, quote)]:
            peaks = _peaks(found)
            yield level, [(view, run) for view, run in peaks if view in views.new] or peaks


def _runs(view: View, level: Level, options: Sequence[tuple[str, ...]]) -> Iterator[Run]:
    """Where each line of the view is one of what the quote's line may be."""
    lines = view.texts if level is Level.EXACT else view.keys
    for start in range(len(lines) - len(options) + 1):
        if all(lines[start + index] in option for index, option in enumerate(options)):
            yield Run(start, start + len(options) - 1)


def _as_written(quote: Quote, level: Level, view: View, run: Run) -> bool:
    """Whether it is indented as in the quote; of a part of a line, whether it is one end of it."""
    texts, keys = (each[run.first : run.last + 1] for each in (view.texts, view.keys))
    if level is Level.SUBSTRING:
        flat = "".join(keys)
        return any(flat.startswith(part) or flat.endswith(part) for part in map("".join, (quote.keys, quote.bare)))
    if level is Level.CLOSE:
        return any(
            _indent(text) in map(_indent, pair) for text, *pair in zip(texts, quote.lines, quote.plain, strict=False)
        )
    same, known = {*quote.keys, *quote.bare}, {*quote.lines, *quote.plain}
    return all(text in known for text, flat in zip(texts, keys, strict=True) if flat in same)


def _indent(text: str) -> str:
    """The white space that the text starts with."""
    return text[: len(text) - len(text.lstrip())]


def _most(view: View, quote: Quote) -> Iterator[Run]:
    """Where three quarters of the quote stand as they are, or all of its lines but one."""
    count = len(quote.lines)
    total = sum(map(len, quote.bare))
    for start in range(1 - count, len(view.keys)) if count > 1 else ():
        same = [
            index
            for index in range(max(0, -start), min(count, len(view.keys) - start))
            if view.keys[start + index] in (quote.keys[index], quote.bare[index])
        ]
        size = sum(len(quote.bare[index]) for index in same)
        share = 100 * size / total
        if size >= TELLING and (share >= CLOSE_ENOUGH or count - 1 == len(same) >= 2):
            yield Run(start + same[0], start + same[-1], share)


def _within(view: View, quote: Quote) -> Iterator[Run]:
    """Where the quote is a part of the text, line ends disregarded."""
    for flat in dict.fromkeys(("".join(quote.keys), "".join(quote.bare))):
        at = view.flat.find(flat) if len(flat) >= TELLING else -1
        while at >= 0:
            first, last = (bisect_right(view.starts, end) - 1 for end in (at, at + len(flat) - 1))
            yield Run(first, last)
            at = view.flat.find(flat, view.starts[first + 1])


def _alike(view: View, quote: Quote) -> Iterator[Run]:
    """Where about as many lines are nearly the same text."""
    from rapidfuzz.fuzz import ratio

    count = sum(1 for _ in takewhile(lambda size: size <= _LONGEST, accumulate(map(len, quote.bare))))
    flat = "".join(quote.bare[:count])
    for size in {max(1, count - 1), count, count + 1} if flat else ():
        for start in range(len(view.rows) - size + 1):
            text = view.flat[view.starts[start] : view.starts[start + size]]
            if score := ratio(flat, text, score_cutoff=CLOSE_ENOUGH):
                yield Run(start, start + size - 1, score)


def _peaks(found: Sequence[Match]) -> list[Match]:
    """The best of each heap of overlapping runs, without those that fit clearly worse than the best of all."""
    ranked = sorted(found, key=lambda match: -match[1].score)
    bar = ranked[0][1].score - CLEARLY
    peaks: list[Match] = []
    taken: set[tuple[int, int]] = set()
    for view, run in ranked:
        lines = {(id(view.piece), row) for row in view.rows[run.first : run.last + 1]}
        if run.score > bar and taken.isdisjoint(lines):
            peaks.append((view, run))
            taken |= lines
    return peaks


def _nearest(found: Sequence[Match], level: Level, hint: int | None, *, trivial: bool) -> Place | None:
    """The first of the nearest, one with a changed line before one without; null where it is anyone's guess.

    Without a hint it is the first of whole lines that are the same, and nothing of any others.
    """
    ranked = sorted((view.distance(run, hint), not view.changed(run), index) for index, (view, run) in enumerate(found))
    distance, rivals = ranked[0][0], ranked[1:2]
    if hint is None:
        doubtful = trivial or (bool(rivals) and level > Level.MARKERS)
    else:
        close = any(rival < MARGIN[level] * distance for rival, _, _ in rivals)
        doubtful = distance > NEAR and (trivial or close)
    view, run = found[ranked[0][2]]
    return None if doubtful else view.place(run, level)


def _parts(lines: Sequence[str]) -> list[Quote]:
    """The quote cut where it has an ellipsis."""
    parts: list[list[str]] = [[]]
    for line in lines:
        if _ELLIPSIS.fullmatch(line):
            parts.append([])
        else:
            parts[-1].append(line)
    return [quote for quote in map(Quote.of, parts) if quote.lines][:_MOST_PARTS]


def _spread(parts: Sequence[Quote], views: Views, hint: int | None) -> Place | None:
    """From the first part that has a place to the last one that follows in the same piece."""
    found: Place | None = None
    for part in parts:
        place = _place(part, views, hint)
        if found is None:
            found = place and replace(place, level=Level.SUBSTRING)
        elif place and place.piece is found.piece and place.side is found.side and place.first > found.last:
            found = replace(found, last=place.last)
    return found
