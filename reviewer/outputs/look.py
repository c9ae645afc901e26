"""How much room and colour an output has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """`width` in columns; `colour`: terminal escapes are welcome. Formats for machines ignore both."""

    width: int = 100
    colour: bool = False
