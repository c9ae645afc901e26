"""What other tools found and measured: SARIF, Cobertura, lcov; files that a change may bring along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fuzz import bounds
from reviewer.context import coverage
from reviewer.context.sarif import document
from reviewer.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 16_384


def seeds() -> Iterator[bytes]:
    for pattern in ("*.sarif", "coverage.xml", "lcov.info"):
        for path in sorted((bounds.TESTS / "evidence").glob(pattern)):
            yield path.read_bytes()


def check(data: bytes) -> None:
    """Any bytes are findings and lines that can be, or `Misuse` in one line."""
    bounds.grown(read, data)
    read(data)


def read(data: bytes) -> None:
    """As each of the three."""
    for reader in (coverage.cobertura, coverage.lcov):
        try:
            measured = reader(data, "x")
        except Misuse as refused:
            _is_one_line(refused)
            continue
        for names, lines in measured.files.items():
            assert all(names)
            assert min((*lines.covered, *lines.missed, 1)) > 0
    try:
        runs = document.read(data, "x")
    except Misuse as refused:
        _is_one_line(refused)
        return
    for result in (result for run in runs for result in run.results):
        f"{result.rule}{result.title}{result.body}".encode()
        for place in result.places:
            assert place.first is None or 0 < place.first <= (place.last or place.first)


def _is_one_line(refused: Misuse) -> None:
    assert "\n" not in str(refused)
    str(refused).encode()
