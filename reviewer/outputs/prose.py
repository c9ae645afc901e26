"""A body as HTML: paragraphs, lists, emphasis and code; no HTML of its own, no link, no image."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from reviewer.text.sanitise import reveal

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

MAX = 20_000
"""Characters; what is beyond is cut."""


def html(text: str) -> str:
    """Markdown in, HTML out; whatever is none of the few things that are understood is text."""
    shown = reveal(text).replace("\r", "")
    return str(_reader().render(shown if len(shown) <= MAX else shown[:MAX] + "…"))


@cache
def _reader() -> MarkdownIt:
    from markdown_it import MarkdownIt

    made = MarkdownIt("zero", {"html": False, "linkify": False, "typographer": False})
    return made.enable(["fence", "backticks", "emphasis", "list", "newline", "escape"])
