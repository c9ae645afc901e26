"""Code in colours: excerpts as spans with the few classes that the page's style knows."""

from __future__ import annotations

from functools import cache
from html import escape
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from reviewer.text.sanitise import reveal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX = 8_000
"""Characters; a longer excerpt is shown as it is, since a lexer's work may grow with the square of its text."""

_CLASSES = (
    ("Keyword", "k"),
    ("Operator.Word", "k"),
    ("Literal.String", "s"),
    ("Literal.Number", "n"),
    ("Comment", "c"),
    ("Name.Function", "f"),
    ("Name.Class", "f"),
    ("Name.Decorator", "f"),
    ("Name.Tag", "k"),
    ("Name.Attribute", "f"),
)


def code(text: str, path: str, first: int | None = None) -> str:
    """HTML of the lines of `text` in the language of `path`; numbered from `first` if that is given."""
    shown = reveal(text).replace("\r", "")
    rows = list(_rows(_tokens(shown, path))) if len(shown) <= MAX else [escape(line) for line in shown.split("\n")]
    if first is not None:
        rows = [f'<span class="ln">{number}</span>{row}' for number, row in enumerate(rows, first)]
    return "<pre><code>" + "\n".join(rows) + "</code></pre>"


def _tokens(text: str, path: str) -> Iterable[tuple[str, str]]:
    """(class or nothing, text) one after the other; together they are the text, to the letter."""
    lexer = _lexer(path.rpartition("/")[2])
    if lexer is None:
        return [("", text)]
    named = ((_class(str(kind).removeprefix("Token.")), value) for kind, value in lexer.get_tokens(text))
    found = [(name, "".join(value for _, value in run)) for name, run in groupby(named, key=itemgetter(0))]
    # A lexer may add a line feed, or take a carriage return for one: what it changes is shown without its colours.
    return found if "".join(value for _, value in found) == text else [("", text)]


def _rows(tokens: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Line by line: no span goes over a line's end."""
    row: list[str] = []
    for name, value in tokens:
        first, *others = value.split("\n")
        row.append(_span(name, first))
        for part in others:
            yield "".join(row)
            row = [_span(name, part)]
    yield "".join(row)


def _span(name: str, text: str) -> str:
    return f'<span class="{name}">{escape(text)}</span>' if name and text else escape(text)


def _class(kind: str) -> str:
    return next((name for prefix, name in _CLASSES if kind == prefix or kind.startswith(f"{prefix}.")), "")


@cache
def _lexer(name: str) -> Any:
    """The lexer for a file of this name; null for one that nobody knows."""
    from pygments.lexers import find_lexer_class_for_filename

    found = find_lexer_class_for_filename(name)
    return None if found is None else found(stripnl=False, stripall=False, ensurenl=False)
