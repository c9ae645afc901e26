"""Takes credentials out of a text before anyone else sees it. The lines stay: their numbers are used elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PLACEHOLDER = "[REDACTED-SECRET]"
"""Stands for each secret, or for each line of one. No pattern may match within it."""

_KEY_WORD = "PRIVATE KEY"
_KEY_MARK = re.compile(r"-----(BEGIN|END) (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
# What follows the opening mark where the whole key is one string, its line ends written out or lost.
_INLINE = re.compile(r"(?:(?<=PRIVATE KEY-----)|(?<=KEY BLOCK-----))(?:[A-Za-z0-9+/=\\ \t:,.]|-(?!-)){32,}+")
# A line of key material: a diff's marker, indentation, quotes or a comment sign; base64; "\n", quotes, a comma, a plus.
# Possessive throughout: a line that is none is left after one look, however long it is.
_BODY = re.compile(r"""[+\- ]?[\s"'`#*/>|(]*+(?P<body>[A-Za-z0-9+/=]++)(?:\\[nr])*+["'`,;+\s\\)]*+""")
# What else stands between the marks: `Proc-Type: 4,ENCRYPTED`, an OpenPGP `Version:`, an empty line.
_HEADER = re.compile(r"""[+\- ]?[\s"'`#*/>|(]*+(?:[A-Z][A-Za-z]*+(?:-[A-Z][A-Za-z]*+)?: [^:{}()]*+)?["'`,;+\s\\)]*+""")
# Base64 that no word of code or prose is.
_NO_WORD = re.compile(r"[A-Za-z0-9+/=]{32}|(?=[A-Za-z]*+[0-9+/])[A-Za-z0-9+/=]{8}")

_PASSES = 4


@dataclass(frozen=True, slots=True)
class Redacted:
    """`text` with as many lines as before, and how many secrets were taken out of it."""

    text: str
    count: int


class Redactor:
    """Finds credentials by patterns (the group `secret`, or the whole match) and private keys by their shape.

    Every text is searched with every pattern: one that starts with a literal character costs next to nothing.
    """

    def __init__(self, patterns: Sequence[re.Pattern[str]]) -> None:
        self._patterns = tuple(patterns)

    def redact(self, text: str) -> Redacted:
        """Also for a diff, its markers in front, and for a key that is cut off on either side. Idempotent."""
        text, total = _without_keys(text)
        # What takes a secret's place can complete another match beside it: look again until nothing is found.
        for _ in range(_PASSES):
            text, count = self._without_matches(text)
            total += count
            if not count:
                break
        return Redacted(text, total)

    def _without_matches(self, text: str) -> tuple[str, int]:
        total = 0
        for pattern in self._patterns:
            text, count = _replace(text, pattern)
            total += count
        return text, total


def _replace(text: str, pattern: re.Pattern[str]) -> tuple[str, int]:
    group = "secret" if "secret" in pattern.groupindex else 0
    return _cut(text, (match.span(group) for match in pattern.finditer(text)))


def _cut(text: str, spans: Iterable[tuple[int, int]]) -> tuple[str, int]:
    """Puts placeholders where `spans` say, one for each line; what is one already is not counted again."""
    parts: list[str] = []
    done = count = 0
    for first, last in spans:
        blank = "\n".join([PLACEHOLDER] * (1 + text.count("\n", first, last)))
        if first < last and text[first:last] != blank:
            parts += (text[done:first], blank)
            done = last
            count += 1
    return "".join((*parts, text[done:])), count


def _without_keys(text: str) -> tuple[str, int]:
    """Takes out what follows a key's BEGIN and what comes before its END, whether or not the other one is there."""
    if _KEY_WORD not in text:
        return text, 0
    text, count = _cut(text, (body.span() for body in _INLINE.finditer(text) if _NO_WORD.search(body[0])))
    lines = text.split("\n")
    for index, line in enumerate(lines):
        marks = {mark[1] for mark in _KEY_MARK.finditer(line)} if _KEY_WORD in line else ()
        if "BEGIN" in marks:
            count += _blank_run(lines, range(index + 1, len(lines)))
        if "END" in marks:
            count += _blank_run(lines, range(index - 1, -1, -1))
    return "\n".join(lines), count


def _blank_run(lines: list[str], indices: Iterable[int]) -> bool:
    """Replaces the key material at the start of `indices`, unless all of it could as well be words."""
    run: list[tuple[int, re.Match[str]]] = []
    for index in indices:
        body = _BODY.fullmatch(lines[index])
        if body is not None:
            run.append((index, body))
        elif _HEADER.fullmatch(lines[index]) is None:
            break
    if not any(_NO_WORD.search(body["body"]) for _, body in run):
        return False
    for index, body in run:
        lines[index] = lines[index][: body.start("body")] + PLACEHOLDER + lines[index][body.end("body") :]
    return True
