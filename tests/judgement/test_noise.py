"""Quotes as models spoil them, over sample code: a wrong place is worse than no place."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from noise import misnumbered, spoilt

from reviewer.findings import Claim
from reviewer.judgement.anchor import locate

if TYPE_CHECKING:
    from collections.abc import Callable

    from reviewer.change.pieces import Piece

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.txt"))


def as_new_files() -> str:
    patches = []
    for sample in SAMPLES:
        lines = sample.read_text().splitlines()
        patches += [f"diff --git a/{sample.stem} b/{sample.stem}", "new file mode 100644", "--- /dev/null"]
        patches += [f"+++ b/{sample.stem}", f"@@ -0,0 +1,{len(lines)} @@", *(f"+{line}" for line in lines)]
    return "\n".join([*patches, ""])


def quotes(sizes: tuple[int, ...], rng: random.Random) -> list[tuple[str, int, list[str]]]:
    """(path, first line, the lines)."""
    found = []
    for sample in SAMPLES:
        lines = sample.read_text().splitlines()
        for first, line in enumerate(lines):
            cut = lines[first : first + rng.choice(sizes)]
            if len(line.strip()) > 8 and len(cut) > 1 and all(each.strip() for each in cut):
                found.append((sample.stem, first + 1, cut))
    return found


@pytest.mark.parametrize(
    ("kind", "nearest", "farthest", "right", "wrong"),
    [
        ("as it is", 0, 0, 1.0, 0.0),
        ("as it is", 1, 3, 0.985, 0.015),
        ("as it is", 5, 20, 0.96, 0.025),
        ("marker kept", 5, 20, 0.96, 0.025),
        ("indentation lost", 1, 3, 0.985, 0.015),
        ("marker kept", 1, 3, 0.985, 0.015),
        ("number kept", 5, 20, 0.985, 0.015),
        ("part of a line", 1, 3, 0.92, 0.02),
        ("typing errors", 1, 3, 0.985, 0.015),
        ("one line of three wrong", 1, 3, 0.95, 0.015),
    ],
)
def test_where_a_spoilt_quote_lands(
    shown: Callable[..., tuple[Piece, ...]], kind: str, nearest: int, farthest: int, right: float, wrong: float
) -> None:
    rng = random.Random(kind)  # noqa: S311 - noise that is the same in every run
    pieces = shown(as_new_files())
    counts: Counter[str] = Counter()
    sizes = (3,) if kind == "one line of three wrong" else (2, 3)  # the prompt asks for two or three
    for path, first, lines in quotes(sizes, rng) * 3:
        hint = misnumbered(rng, first, nearest, farthest)
        quote, meant = spoilt(kind, rng, first, lines)
        (finding,) = locate([Claim(path, quote, "title", "body", line=hint)], pieces).findings
        found = finding.span.first
        counts["unplaced" if found is None else "right" if abs(found - meant) <= 1 else "wrong"] += 1
    total = counts.total()
    assert total > 300
    assert counts["right"] / total >= right, counts
    assert counts["wrong"] / total <= wrong, counts


def test_a_number_alone_places_nothing(shown: Callable[..., tuple[Piece, ...]]) -> None:
    claims = [Claim("orders.py", "what_is_quoted(is, nowhere)", "title", "body", line=line) for line in range(1, 100)]
    assert {finding.span.first for finding in locate(claims, shown(as_new_files())).findings} == {None}
