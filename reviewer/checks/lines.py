"""Text rules: where a check's regular expressions match the lines of a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.fences import fenced

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator

    from reviewer.checks.catalogue import Check
    from reviewer.checks.newside import NewSide

SCANNED = 10_000
"""Characters of a line that are looked at: the rest of a longer one, data rather than text, is not."""


def find(check: Check, regex: re.Pattern[str], side: NewSide) -> Iterator[tuple[int, int]]:
    """The first and last line of every match: within one added line, or a run with an added line in it."""
    # A search for words in the whole text is so much faster than one per line that most checks end here.
    if not check.may_match(side.text):
        return
    if check.then:
        yield from _runs(check, regex, _shown(check, side))
        return
    for number, text in side.added.items():
        if check.may_match(text) and any(_counts(check, match) for match in regex.finditer(text[:SCANNED])):
            yield number, number


def _shown(check: Check, side: NewSide) -> Iterator[tuple[int, str]]:
    for hunk in side.hunks:
        examples = fenced(side.path, hunk) if check.unfenced else frozenset()
        yield from ((number, text) for number, text in hunk.items() if number not in examples)


def _counts(check: Check, match: re.Match[str]) -> bool:
    if check.unless is None:
        return True
    meant = match["secret"] if "secret" in match.re.groupindex else match[0]
    return check.unless.search(meant) is None


def _runs(check: Check, regex: re.Pattern[str], lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, int]]:
    """One pass, whatever the lines are: an opening line starts anew, the steps follow in order or the run is none."""
    opened, step = None, 0
    for number, text in lines:
        shown = text[:SCANNED]
        if regex.search(shown):
            opened, step = number, 0
        elif opened is not None and number - opened >= check.within:
            opened = None
        elif opened is not None and check.then[step].search(shown):
            step += 1
            if step == len(check.then):
                yield opened, number
                opened = None
