"""Tables in Markdown: printed as they are measured, and kept in benchmarks/README.md."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

MARK = "<!-- measured: all below is written by the command above -->"


@dataclass(frozen=True)
class Table:
    """`rows` may be measured while they are asked for; `note` says what is counted, and how."""

    title: str
    head: Sequence[str]
    rows: Iterable[Sequence[object]]
    note: str = ""


class Pages:
    """What was printed so far, to be kept."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def show(self, table: Table) -> None:
        """Prints each row when it is known."""
        self._line(f"\n### {table.title}\n")
        if table.note:
            self._line(f"{table.note}\n")
        self._line(_row(table.head))
        self._line("|" + "---|" * len(table.head))
        for row in table.rows:
            self._line(_row(row))

    def say(self, text: str) -> None:
        """A line beside the tables."""
        self._line(text)

    def keep(self, file: Path) -> None:
        """Everything shown takes the place of what stands below `MARK`."""
        above, mark, _ = file.read_text().partition(MARK)
        if not mark:
            sys.exit(f"{file} has no line “{MARK}”: the tables belong below one")
        file.write_text(above + MARK + "\n" + "\n".join(self._lines).lstrip("\n") + "\n")

    def _line(self, text: str) -> None:
        self._lines.append(text)
        print(text, flush=True)


def percent(part: float, whole: float) -> str:
    """`97.5 %`; `nothing` where there is nothing to divide by."""
    return f"{100 * part / whole:.1f} %" if whole else "nothing"


def _row(cells: Sequence[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"
