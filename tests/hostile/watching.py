"""What each reader makes of what it is given: GitHub's pages, a browser, a terminal, a runner."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from rendering import LINKED, texts, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

_DRAWN = frozenset("mermaid math geojson topojson stl".split())  # noqa: SIM905
_LOADING = frozenset("script img iframe object embed link base svg video audio source meta".split())  # noqa: SIM905
_ALLOWED_META = ("charset", "viewport", "Content-Security-Policy", "color-scheme", "no-referrer")
_MARKER = re.compile(r"<!-- reviewer:1 [A-Za-z0-9_-]+={0,2} -->\n?")


def in_markdown(body: str) -> list[str]:
    """What would be fetched, linked, notified, drawn or run where GitHub renders it. Our own last line is no HTML."""
    found = [token.type for token in tokens(body) if token.type in ("image", "link_open", "html_inline")]
    blocks = [token.content for token in tokens(body) if token.type == "html_block"]
    found += [f"HTML {block[:60]!r}" for block in blocks if not _MARKER.fullmatch(block)]
    found += ["more than one marker"] * (len(blocks) > 1)
    found += [f"drawn {token.info}" for token in tokens(body) if token.type == "fence" and token.info in _DRAWN]
    found += [f"linked {run[:80]!r}" for run in texts(body) if LINKED.search(run)]
    return found


def suggestions(body: str) -> list[str]:
    """What one click would commit."""
    return [token.content for token in tokens(body) if token.type == "fence" and token.info == "suggestion"]


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.scripts = 0
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        self.scripts += tag == "script"
        if tag in _LOADING - {"script", "meta", "svg"}:
            self.found.append(f"<{tag}>")
        if tag == "meta" and not any(name in str(attrs) for name in _ALLOWED_META):
            self.found.append(f"meta {attrs}")
        for name, value in names.items():
            if name.startswith("on") or (name in ("src", "href", "action", "formaction") and not _own(value)):
                self.found.append(f"{tag} {name}={value!r}")
            if name == "style" and "url(" in (value or ""):
                self.found.append(f"{tag} style={value!r}")


def _own(value: str | None) -> bool:
    return (value or "").startswith("#")


def in_page(html: str) -> list[str]:
    """What a browser would load or run besides the page's own few lines."""
    page = _Page()
    page.feed(html)
    return page.found + ["more than one script"] * (page.scripts > 1)


def obeyed(log: str) -> Iterator[str]:
    """As the runner reads a log: `::name …::` at the start of a line, `##[name]` anywhere; deaf until its word."""
    word = None
    for line in re.split(r"\r\n|\n|\r", log):
        new = re.match(r"\s*::([^: ][^:]*)::", line)
        if word is not None:
            word = None if new and new[1] == word else word
        elif line.startswith("::stop-commands::"):
            word = line.removeprefix("::stop-commands::")
        elif new or re.search(r"##\[\w", line):
            yield line


def unseen(text: str) -> list[str]:
    """Characters that a terminal obeys or that nobody sees, by number."""
    hidden = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]"
    return sorted({f"U+{ord(each):04X}" for each in re.findall(hidden, text)})
