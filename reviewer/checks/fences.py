"""Which lines of a page of prose stand between fences: examples, of whatever the page is about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_MARKDOWN = re.compile(r"\s*(?P<fence>`{3,}+|~{3,}+)(?P<info>[^`]*)")
_ASCIIDOC = re.compile(r"(?P<fence>`{3,}+|-{4,}+|\.{4,}+)(?P<info>\s*)")
# An example in reStructuredText is indented, which no marker of a conflict is.
_FENCES = {".md": _MARKDOWN, ".markdown": _MARKDOWN, ".mdx": _MARKDOWN, ".txt": _MARKDOWN, ".adoc": _ASCIIDOC}


def fenced(path: str, hunk: Mapping[int, str]) -> frozenset[int]:
    """The numbers of the lines that stand, or may stand, between fences; none in a file that is not prose."""
    name, dot, suffix = path.rpartition(".")
    fence = _FENCES.get(dot + suffix.lower()) if name else None
    if fence is None:
        return frozenset()
    marks = {number: match for number, text in hunk.items() if (match := fence.fullmatch(text))}
    if not marks:
        return frozenset()
    inside = _between(hunk, marks, None)
    first = next(iter(marks.values()))
    if not first["info"].strip() and 1 not in hunk:
        # A bare fence closes as well as it opens: the hunk may have begun behind another one.
        inside |= _between(hunk, marks, first["fence"])
    return inside


def _between(hunk: Iterable[int], marks: Mapping[int, re.Match[str]], open_with: str | None) -> frozenset[int]:
    """The lines between fences, where the hunk begins behind the fence `open_with` (null: behind none)."""
    inside: set[int] = set()
    for number in hunk:
        mark = marks.get(number)
        if open_with is None:
            open_with = mark["fence"] if mark else None
        elif mark and mark["fence"].startswith(open_with) and not mark["info"].strip():
            open_with = None
        else:
            inside.add(number)
    return frozenset(inside)
