"""What is said around a change, held against what its lines are held against: it stands on no line of any file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.findings import Note, NoteCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reviewer.checks.catalogue import Check

MOST = 60_000
"""Characters of one text that are looked at."""


def noticed(texts: Mapping[str, Iterable[str]], checks: Iterable[Check]) -> tuple[Note, ...]:
    """A note for each text (by what it is: `title`) that hides characters or speaks to whoever reviews."""
    looked_for = [check for check in checks if check.names and check.regex is not None]
    return tuple(
        Note(NoteCode.ADDRESSED, f"the pull request's {what}: {check.title.lower()}", {"text": what, "check": check.id})
        for what, parts in texts.items()
        for check in looked_for
        if any(check.regex is not None and check.regex.search(part[:MOST]) for part in parts)
    )
