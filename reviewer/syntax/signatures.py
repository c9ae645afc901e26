"""The words of a definition: its signature in one line, and the first line of what is written about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_SIGNATURE = 300
MAX_DOC = 160
_LOOK_BACK = 60
"""Lines above a definition in which its documentation is looked for."""

_MODIFIERS = re.compile(r"(?:[A-Za-z_]\w*\s+)+\Z")
_BEFORE_CLOSING = re.compile(r",? (?=[)\]])")
_AFTER_OPENING = re.compile(r"(?<=[(\[]) ")
_DECORATOR = re.compile(r"@(?!interface\b)[\w.:$]+\s*")
_BRACKETED = re.compile(r"#?!?\[")
_TAIL = re.compile(r"\s*(?:=>|[={:]|\bdo|->)\s*\Z")
_STRING_DOC = re.compile(r"""\s*[rRuUbB]{0,2}(\"\"\"|'''|"|')\s*(.*?)\s*(?:\1|\n|\Z)""", re.DOTALL)
_COMMENT = re.compile(
    r"\s*(?:///?!?|//|\#(?!define|include|if|else|endif|pragma|undef|!)|--+\s?\|?|/\*+|\*+/|\*|;+|%+)"
    r"\s*(.*?)\s*(?:\*+/)?\s*\Z"
)
_ANNOTATION = re.compile(r"\s*(?:@[\w.]|#!?\[|\[[A-Z]\w*|template\b)")
_ELIXIR_DOC = re.compile(r"""\s*@(?:module|type)?doc\s+(?:~[sS])?"+\s*(.*?)\s*"*\s*\Z""")
_XML = re.compile(r"</?(?:summary|para|remarks|c|see|param)\b[^<>]*>")
_NOTHING_SAID = re.compile(r"[\W_]*\Z")
_NO_DOC = re.compile(
    r"(?i)\s*(?:@[a-z]|eslint|prettier|noqa|type:|pylint|tslint|@ts-|nolint|go:|\+build|region\b|endregion|!)"
)


def start_of(source: str, start: int) -> int:
    """Where the signature begins, modifiers before the node on the same line included (`export const`)."""
    line_start = source.rfind("\n", 0, start) + 1
    before = source[max(line_start, start - 80) : start]
    found = _MODIFIERS.match(before.lstrip())
    return start - len(before.lstrip()) if found else start


def without_decorators(text: str) -> str:
    """The text from after its leading decorators, annotations and attributes."""
    at = 0
    while at < len(text):
        rest = text[at : at + 4_000]
        if rest[:1].isspace():
            at += len(rest) - len(rest.lstrip())
            continue
        found = _DECORATOR.match(rest)
        if found:
            end = found.end()
            at += _closed(rest, end) if rest[end : end + 1] == "(" else end
            continue
        found = _BRACKETED.match(rest)
        if not found:
            break
        at += _closed(rest, found.end() - 1)
    return text[at:] or text


def signature(text: str, limit: int = MAX_SIGNATURE) -> str:
    """White space collapsed, what opens a body cut off, and at most `limit` characters."""
    line = " ".join(text[: limit * 4].split())
    line = _TAIL.sub("", _AFTER_OPENING.sub("", _BEFORE_CLOSING.sub("", line)))
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def docstring(body: str) -> str:
    """The first line of the string that a Python body begins with."""
    found = _STRING_DOC.match(body[:2_000])
    return _short(found[2].partition("\n")[0]) if found else ""


def comment_above(rows: Sequence[str], first: int) -> str:
    """The first line that says something of the comment right above line `first` (1-based), decorators between."""
    block: list[str] = []
    for at in range(first - 2, max(-1, first - 2 - _LOOK_BACK), -1):
        row = rows[at] if at < len(rows) else ""
        elixir = _ELIXIR_DOC.match(row)
        if elixir:
            return _short(elixir[1] or (rows[at + 1] if at + 1 < first - 1 else ""))
        if block or not _ANNOTATION.match(row):
            if not _COMMENT.match(row) or (not block and not row.strip()):
                break
            block.append(row)
    for row in reversed(block):
        found = _COMMENT.match(row)
        said = _XML.sub("", found[1]).strip() if found else ""
        if said and not _NOTHING_SAID.match(said) and not _NO_DOC.match(said):
            return _short(said)
    return ""


def _closed(text: str, opening: int) -> int:
    """After the bracket that closes the one at `opening`; the end of the text where none does."""
    depth = 0
    for at in range(opening, len(text)):
        depth += (text[at] in "([{") - (text[at] in ")]}")
        if depth == 0:
            return at + 1
    return len(text)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_DOC else line[: MAX_DOC - 1].rstrip() + "…"
