"""A replacement is offered for one click where it surely replaces what the model saw; else it is shown as prose."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING

from reviewer.change import defaults
from reviewer.findings import Reason, Side
from reviewer.judgement import trial
from reviewer.judgement.reach import goes_further
from reviewer.judgement.views import Level
from reviewer.text.redact import PLACEHOLDER
from reviewer.text.sanitise import reveal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewer.change.select import Read
    from reviewer.judgement.views import Place

MAX_LINES = 100

_FENCED = re.compile(r"\s*(```+|~~~+)[^\n]*\n(.*?)\n?\s*\1\s*", re.DOTALL)
_OPENING = (":", "{", "(", "[")
_ADDED = re.compile(r"\d*\+")
_PIPELINE = re.compile(
    r"\.github/(?:workflows|actions)/.*|(?:.*/)?action\.ya?ml|\.(?:circleci|buildkite|woodpecker|gitea|forgejo)/.*"
    r"|(?:.*/)?(?:\.gitlab-ci|\.travis|\.drone|\.woodpecker|azure-pipelines|bitbucket-pipelines|cloudbuild)\.ya?ml"
    r"|(?:.*/)?jenkinsfile"
)
"""What CI runs, wherever it is said."""


def sound(replacement: str, place: Place, read: Read | None = None) -> str | None:
    """The text that replaces exactly the lines of `place`, indented as they are; null where that is not safe.

    With `read`, it is tried on a copy of the file, which must be no less well-formed than before.
    """
    piece, rows = place.piece, place.rows
    if place.side is not Side.NEW or place.level > Level.MARKERS or _guarded(piece.file.path):
        return None
    original = [piece.lines[row].text for row in rows]
    if any(text != piece.shown[row] for text, row in zip(original, rows, strict=True)):
        return None  # the model was shown a placeholder, or a hidden character by its name: it cannot give them back
    original = [text.removesuffix("\r") for text in original]
    lines = _reindented(_lines(replacement), original)
    text = "\n".join(lines)
    harmless = reveal(text) == text and PLACEHOLDER not in text and "\ufffd" not in text
    harmless = harmless and not goes_further(
        text, "\n".join(original)
    )  # a click must not fetch, nor run what is fetched
    if not harmless or len(lines) > MAX_LINES or _alike(lines, original):
        return None
    whole = read(piece.file.path, Side.NEW) if read is not None else None
    return None if whole is not None and trial.spoils(whole, place, lines) else text


def in_prose(body: str, replacement: str) -> str:
    """The body with the replacement shown below it, in a fence that nothing in it can close."""
    lines = _lines(reveal(replacement))
    if len(lines) > MAX_LINES:
        lines = [*lines[:MAX_LINES], "…"]
    text = "\n".join(lines)
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{body}\n\nPossible replacement:\n\n{fence}\n{text}\n{fence}"


def _lines(replacement: str) -> list[str]:
    """Without the fence around it, and without the diff's `+` where every line has one."""
    fenced = _FENCED.fullmatch(replacement)
    lines = [line.removesuffix("\r") for line in (fenced[2] if fenced else replacement).removesuffix("\n").split("\n")]
    if all(_ADDED.match(line) for line in lines if line.strip()):
        lines = [_ADDED.sub("", line, count=1) for line in lines]
    return lines


def _guarded(path: str) -> bool:
    """A click must not change what runs with the repository's secrets, nor what only a tool may write."""
    named = defaults.by_name(path)
    return _PIPELINE.fullmatch(path.lower()) is not None or (named is not None and named[0] is Reason.LOCK)


def _alike(lines: Sequence[str], original: Sequence[str]) -> bool:
    """White space at the ends of lines is no difference anybody would press a button for."""
    return [line.rstrip() for line in lines] == [line.rstrip() for line in original]


def _reindented(lines: list[str], original: Sequence[str]) -> list[str]:
    """The indentation the model lost, given back: of all the lines, or of the first alone."""
    wanted, given = _indent(original), _indent(lines)
    if not wanted or given:
        return lines
    rest = _indent(lines[1:])
    opens = lines[0].rstrip().endswith(_OPENING)
    if rest.startswith(wanted) and (rest != wanted or not opens):
        return [_indent(original[:1]) + lines[0], *lines[1:]]
    return [wanted + line if line.strip() else line for line in lines]


def _indent(lines: Sequence[str]) -> str:
    """The white space that every line starts with, blank ones aside."""
    prefixes = [line[: len(line) - len(line.lstrip())] for line in lines if line.strip()]
    pairs = zip(min(prefixes, default=""), max(prefixes, default=""), strict=False)
    return "".join(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
