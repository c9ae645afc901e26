"""What GitHub makes of Markdown, by its own rules and not by ours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

# What GitHub links in a rendered text, and what it draws.
LINKED = re.compile(
    r"(?:^|[^\w])@[a-z0-9]|\w@\w+\.\w|(?:https?|ftp)://|www\.\w|(?:^|\W)#\d|(?<![a-z0-9])gh-\d|\b[0-9a-f]{7,40}\b"
    r"|\$\S.*\S\$|\$\$",
    re.IGNORECASE,
)


def tokens(source: str) -> Iterator[Token]:
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(source):
        yield token
        yield from token.children or ()


def texts(source: str) -> Iterator[str]:
    """What stands in the rendered text outside of code, each run as GitHub's filters see it."""
    run = ""
    for token in tokens(source):
        if token.type in ("text", "text_special"):
            run += token.content
        else:
            yield run
            run = ""
    yield run
