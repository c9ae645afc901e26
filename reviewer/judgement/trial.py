"""A replacement, tried on a copy of its file: is the file as well-formed as before?"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from reviewer.syntax.languages import language_of
from reviewer.syntax.trees import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewer.judgement.views import Place
    from reviewer.syntax.trees import Tree

_STATEMENTS = {"any": [{"kind": "module"}, {"kind": "block"}]}


def spoils(text: str, place: Place, lines: Sequence[str]) -> bool:
    """Whether the file `text` has more faults with `lines` in that place than without.

    False where that cannot be told: no parser for the language, too large, or a text without these lines there.
    """
    language, span = language_of(place.piece.file.path), place.span
    if language is None or span.first is None or span.last is None:
        return False
    whole = text.split("\n")
    meant = [place.piece.lines[row].text for row in place.rows]
    if whole[span.first - 1 : span.last] != meant:
        return False
    before = parse(text, language)
    after = parse("\n".join([*whole[: span.first - 1], *lines, *whole[span.last :]]), language)
    return before is not None and (after is None or _faults(after, language) > _faults(before, language))


def _faults(tree: Tree, language: str) -> int:
    """tree-sitter lets a line of Python stand where nothing opened its block; Python does not."""
    return tree.faults() + (_uneven(tree) if language == "python" else 0)


def _uneven(tree: Tree) -> int:
    """How many statements begin a line at another column than the first one of their block."""
    count = 0
    for block in tree.nodes(_STATEMENTS):
        starts = [child.range() for child in block.children() if child.kind() != "comment"]
        for before, here in pairwise(starts):
            own_line = here.start.line > before.end.line
            count += own_line and here.start.column != starts[0].start.column
    return count
