"""Where what a model says of real commented lines ends up, when it quotes them badly and misnumbers them."""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from dataclasses import dataclass, replace
from itertools import dropwhile
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from noise import EXACT, INDENTATION, INVENTED, KINDS, misnumbered, spoilt

from benchmarks.tables import Table, percent
from reviewer.change.numbered import shown_path
from reviewer.judgement import claims
from reviewer.judgement.anchor import locate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.dataset import Pull
    from reviewer.change.pieces import Chunk

SEEDS = 10
DISTANCES = {"number right": (0, 0), "off by 1 to 3": (1, 3), "off by 5 to 20": (5, 20)}
SIZES = (2, 3)
NOWHERE = "what_is_quoted(stands, nowhere)"


@dataclass(frozen=True)
class Commented:
    """The lines from a commented one on, as the model was shown them."""

    chunk: Chunk
    path: str
    first: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """A claim about commented lines: what it quotes, the number it gives, and the line that is meant."""

    about: Commented
    quote: str
    line: int | None
    meant: int


def commented(pulls: Sequence[Pull]) -> Iterator[Commented]:
    """Each comment whose first line is in the diff, with up to three lines from its first that is not blank."""
    for pull in pulls:
        for comment in pull.comments:
            found = pull.piece(comment)
            if found is None:
                continue
            chunk, piece = found
            rows = zip(piece.lines, piece.shown, strict=True)
            there = [(line.new, shown) for line, shown in rows if line.new is not None and line.new >= comment.first]
            quoted = list(dropwhile(lambda row: not row[1].strip(), there))[: max(SIZES)]
            if quoted:
                yield Commented(chunk, shown_path(comment.path), quoted[0][0], tuple(shown for _, shown in quoted))


def spoil(places: Sequence[Commented], kind: str, off: tuple[int, int], sizes: Sequence[int] = SIZES) -> Iterator[Case]:
    """Every place SEEDS times; a line is invented only where three stand together."""
    for seed in range(SEEDS):
        rng = random.Random(f"{kind} {off} {seed}")  # noqa: S311 - noise that is the same in every run
        for place in places:
            lines = place.lines[: rng.choice(sizes)]
            if kind == INVENTED:
                lines = place.lines
                if sum(map(bool, map(str.strip, lines))) < max(SIZES):
                    continue
            quote, meant = spoilt(kind, rng, place.first, lines)
            yield Case(place, quote, misnumbered(rng, place.first, *off), meant)


def land(cases: Sequence[Case]) -> Counter[str]:
    """`right` (within one line), `wrong` and `unplaced`: each claim read of a reply and held against its chunk."""
    counts: Counter[str] = Counter()
    for case in cases:
        said = {"path": case.about.path, "quote": case.quote, "line": case.line, "title": "title", "body": "body"}
        reading = claims.read(json.dumps({"findings": [said]}))
        (finding,) = locate(reading.claims, case.about.chunk.pieces).findings
        found = finding.span.first
        counts["unplaced" if found is None else "right" if abs(found - case.meant) <= 1 else "wrong"] += 1
    return counts


def tables(pulls: Sequence[Pull]) -> Iterator[Table]:
    """With noise, by the quote's size, and what the quote and the number each contribute."""
    places = list(commented(pulls))
    said = sum(len(pull.comments) for pull in pulls)
    note = (
        f"{len(places)} of {said} comments are on lines of the diff; each is quoted (the line and what follows, 2 or 3"
        f" lines) {SEEDS} times, as JSON, and placed among the lines of its chunk. right (within one line) / wrong /"
        " unplaced: in the summary, without a line."
    )
    yield Table("anchoring: commented lines quoted with noise", ("quote", *DISTANCES), _by_noise(places), note)
    yield Table("anchoring: exact quotes, by their size", ("lines quoted", *DISTANCES), _by_size(places))
    yield Table(
        "anchoring: with it and without it (number off by 5 to 20)",
        ("claims with", *("right", "wrong", "unplaced")),
        _by_part(places),
        "Without the quote the claim would stand where its number says. A quote that stands nowhere ends in"
        " the summary, however right its number: no line is guessed.",
    )


def _by_noise(places: Sequence[Commented]) -> Iterator[Sequence[object]]:
    for kind in KINDS:
        yield kind, *(_shares(land(list(spoil(places, kind, off)))) for off in DISTANCES.values())


def _by_size(places: Sequence[Commented]) -> Iterator[Sequence[object]]:
    for size in range(1, max(SIZES) + 1):
        yield size, *(_shares(land(list(spoil(places, EXACT, off, (size,))))) for off in DISTANCES.values())


def _by_part(places: Sequence[Commented]) -> Iterator[Sequence[object]]:
    cases = list(spoil(places, INDENTATION, DISTANCES["off by 5 to 20"]))
    by_number = sum(abs((case.line or 0) - case.meant) <= 1 for case in cases)
    yield "the number alone", percent(by_number, len(cases)), percent(len(cases) - by_number, len(cases)), "0.0 %"
    for name, variant in (
        ("the quote alone, indentation lost", [replace(case, line=None) for case in cases]),
        ("both", cases),
        (
            "the right number and a quote that stands nowhere",
            [replace(each, quote=NOWHERE, line=each.meant) for each in cases],
        ),
    ):
        counts = land(variant)
        yield name, *(percent(counts[kind], counts.total()) for kind in ("right", "wrong", "unplaced"))


def _shares(counts: Counter[str]) -> str:
    return " / ".join(f"{100 * counts[kind] / counts.total():.1f}" for kind in ("right", "wrong", "unplaced"))
