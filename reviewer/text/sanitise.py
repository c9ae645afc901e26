"""Text that others wrote, made safe to show: nothing hidden, nothing that a terminal or a CI runner would obey."""

from __future__ import annotations

import re

MAX_LOG = 2_000
"""Characters of a log line."""

_EMOJI = "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf\u2934\u2935\u2b00-\u2bff"
_EMOJI += "\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_TAG = "\U000e0030-\U000e0039\U000e0061-\U000e007a"
# Where an invisible character is part of what is seen: families and professions, keycaps, the flags of three nations.
_VISIBLE = (
    rf"\U0001f3f4[{_TAG}]{{3,6}}\U000e007f"
    rf"|[{_EMOJI}][\U0001f3fb-\U0001f3ff]?\ufe0f?(?:\u200d[{_EMOJI}][\U0001f3fb-\U0001f3ff]?\ufe0f?)*"
    rf"|[0-9#*]\ufe0f\u20e3"
)
# Control characters but \t and \n; what Unicode calls format characters, fillers and separators; variation selectors;
# tags; and halves of surrogate pairs, which cannot even be printed.
_HIDDEN = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_SUSPECT = re.compile(f"[{_HIDDEN}]")
# The carriage return of a line that ends in CRLF hides nothing and would stand on every line of such a file.
_PARTS = re.compile(rf"(?P<kept>{_VISIBLE}|\r(?=\n|\Z))|[{_HIDDEN}]")
# The runner obeys `::cmd::` at the start of a line, after any white space, and the older `##[cmd]` anywhere.
_COMMAND = re.compile(r"(?P<start>^[^\S\n]*):(?=:)|##(?=\[)", re.MULTILINE)


def reveal(text: str) -> str:
    """Makes hidden, reordering and control characters visible, as `<U+202E>`. As many lines as before (`\\n` ends one).

    Tabs, line ends (CRLF too) and what belongs to an emoji stay.
    """
    return _PARTS.sub(_mark, text) if _SUSPECT.search(text) else text


def terminal(text: str) -> str:
    """Safe to print: no escape sequence, no cursor movement; as many lines as before."""
    return reveal(text).replace("\r", "")


def page(text: str) -> str:
    """Safe on a terminal and in a CI log: as many lines as before, and none that a runner takes for a command."""
    return commandless(terminal(text))


def commandless(text: str) -> str:
    """As many lines as before, and none that a runner takes for a command: for what is safe to print but was wrapped,
    or holds our own colours."""
    return _COMMAND.sub(_broken, text)


def log(text: str) -> str:
    """One line of a CI log that the runner takes for text; what is beyond `MAX_LOG` characters is left out."""
    line = commandless(terminal(text).replace("\n", "\\n"))
    return line if len(line) <= MAX_LOG else line[: MAX_LOG - 1] + "…"


def _mark(match: re.Match[str]) -> str:
    return match["kept"] or f"<U+{ord(match[0]):04X}>"


def _broken(match: re.Match[str]) -> str:
    return "# #" if match["start"] is None else f"{match['start']}: "
