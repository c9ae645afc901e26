"""Git's glob patterns as regular expressions, byte for byte as `wildmatch` of git reads them with WM_PATHNAME.

Not gitignore: a pattern that names a folder matches the folder and nothing in it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

NOTHING = re.compile(rb"(?!)")
_SLASH = ord("/")
_NAMED = re.compile(rb"\[:([a-z]*):\]")
_CLASSES: dict[bytes, Callable[[bytes], bool]] = {
    b"alnum": bytes.isalnum,
    b"alpha": bytes.isalpha,
    b"blank": lambda char: char in b" \t",
    b"cntrl": lambda char: char < b" " or char == b"\x7f",
    b"digit": bytes.isdigit,
    b"graph": lambda char: b"!" <= char <= b"~",
    b"lower": bytes.islower,
    b"print": lambda char: b" " <= char <= b"~",
    b"punct": lambda char: b"!" <= char <= b"~" and not char.isalnum(),
    b"space": lambda char: char in b" \t\n\r",
    b"upper": bytes.isupper,
    b"xdigit": lambda char: char in b"0123456789abcdefABCDEF",
}


class _InvalidError(Exception):
    """The pattern can match nothing."""


def compiled(pattern: bytes) -> re.Pattern[bytes]:
    """To be used with `fullmatch`; an invalid pattern matches nothing."""
    try:
        return re.compile(_translated(pattern), re.DOTALL)
    except _InvalidError:
        return NOTHING


def _translated(pattern: bytes) -> bytes:
    out: list[bytes] = []
    at = 0
    while at < len(pattern):
        char = pattern[at : at + 1]
        if char == b"*":
            part, at = _stars(pattern, at)
        elif char == b"[":
            part, at = _class(pattern, at + 1)
        elif char == b"?":
            part, at = b"[^/]", at + 1
        else:
            literal, at = _literal(pattern, at)
            part = re.escape(literal)
        out.append(part)
    return b"".join(out)


def _literal(pattern: bytes, at: int) -> tuple[bytes, int]:
    """The byte at `at`, or the one that a backslash there protects."""
    if pattern[at : at + 1] == b"\\":
        at += 1
    if at >= len(pattern):
        raise _InvalidError
    return pattern[at : at + 1], at + 1


def _stars(pattern: bytes, at: int) -> tuple[bytes, int]:
    """`**` reaches over slashes only where it is a whole component; `**/` stands for no folder too."""
    end = at
    while pattern[end : end + 1] == b"*":
        end += 1
    starts = at == 0 or pattern[at - 1 : at] == b"/"
    if end - at == 1 or not starts or pattern[end : end + 1] not in (b"", b"/"):
        return b"[^/]*", end
    return (rb"(?:.*/)?", end + 1) if pattern[end : end + 1] == b"/" else (b".*", end)


def _class(pattern: bytes, at: int) -> tuple[bytes, int]:
    """What follows `[`, to after its `]`. A slash is in no class."""
    negated = pattern[at : at + 1] in (b"!", b"^")
    first = at = at + negated
    members: set[int] = set()
    while at == first or pattern[at : at + 1] != b"]":
        named = _NAMED.match(pattern, at)
        if named:
            at = named.end()
            members.update(_named(named[1]))
            continue
        low, at = _literal(pattern, at)
        high = low
        if pattern[at : at + 1] == b"-" and pattern[at + 1 : at + 2] not in (b"", b"]"):
            high, at = _literal(pattern, at + 1)
        members.update(range(low[0], high[0] + 1))
    members = (set(range(256)) - members if negated else members) - {_SLASH}
    return b"[" + b"".join(rb"\x%02x" % member for member in sorted(members)) + b"]" if members else b"(?!)", at + 1


def _named(name: bytes) -> set[int]:
    if name not in _CLASSES:
        raise _InvalidError
    return {code for code in range(256) if _CLASSES[name](bytes([code]))}
