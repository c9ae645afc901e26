"""What a result says, as plain words: its own, or its rule's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.context.sarif.values import MAX_TEXT, inside, rows, table, text
from reviewer.text.markdown import cut

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reviewer.context.sarif.rules import Rule, Rules

MAX_TITLE, MAX_BODY, MAX_ARGUMENTS, MAX_ARGUMENT, MAX_LINK = 120, 4_000, 50, 500, 300

_GAP = re.compile(r"\{\{|\}\}|\{(\d{1,2})\}")
_LINK = re.compile(r"\[((?:[^\]\[\\]|\\.)*+)\]\((?:\d{1,6}|sarif:[^)\s]*)\)")
_ESCAPED = re.compile(r"\\([\[\]\\])")
_SENTENCE = re.compile(r"(?<=[.!?])\s")
_PARAGRAPH = re.compile(r"\n[ \t\r]*\n")
_ADDRESS = re.compile(r"https?://[!-~]+")


def said(result: Mapping[str, object], rule: Rule, rules: Rules) -> tuple[str, str]:
    """A title of one line, and a body that may be empty."""
    words = _words(table(result.get("message")), rule, rules) or _described(rule) or rule.id or "a result without words"
    title = _title(words)
    whole = title if " ".join(words.split()).rstrip(".") == title else words
    more = _described(rule) if whole == title else words
    address = text(rule.data.get("helpUri"), MAX_LINK + 1)
    parts = [
        more if more.rstrip(".") != title else "",
        address if _ADDRESS.fullmatch(address) and len(address) <= MAX_LINK else "",
    ]
    return title, cut("\n\n".join(part for part in parts if part), MAX_BODY)


def _words(message: Mapping[str, object], rule: Rule, rules: Rules) -> str:
    own = _either(message)
    named = text(message.get("id"))
    words = own or _either(rules.message(rule, named))
    arguments = [text(each, MAX_ARGUMENT) for each in rows(message.get("arguments"))[:MAX_ARGUMENTS]]
    if arguments or not own:
        words = _filled(words, arguments)
    words = _LINK.sub(r"\1", words) if len(words) < MAX_TEXT else words
    return _ESCAPED.sub(r"\1", words).replace("\r\n", "\n").strip()


def _either(message: Mapping[str, object]) -> str:
    return text(message.get("text")) or text(message.get("markdown"))


def _filled(words: str, arguments: Sequence[str]) -> str:
    """`{0}` is the first argument, `{{` a brace; a number that has no argument stays."""

    def fill(gap: re.Match[str]) -> str:
        if gap[1] is None:
            return gap[0][0]
        return arguments[int(gap[1])] if int(gap[1]) < len(arguments) else gap[0]

    return cut(_GAP.sub(fill, words), MAX_TEXT)


def _title(words: str) -> str:
    """The first sentence of the first line."""
    line = " ".join(words.split("\n", 1)[0].split())
    first = _SENTENCE.split(line, maxsplit=1)[0]
    return cut(first.rstrip(".") or line or " ".join(words.split()), MAX_TITLE)


def _described(rule: Rule) -> str:
    """The first paragraph of the rule's description that is no heading."""
    for name in ("fullDescription", "shortDescription"):
        for paragraph in _PARAGRAPH.split(_either(inside(rule.data, name))):
            lines = [line for line in paragraph.split("\n") if not line.startswith("#")]
            words = " ".join(" ".join(lines).split())
            if words:
                return words
    return ""
