"""A diff cut into one section a file, by walking it the way `git apply` does: a hunk is as long as its header says.

Nothing inside a hunk is mistaken for a header (a deleted line `-- x` shows as `--- x`), and nothing outside one for
a change (mail, log messages, signatures). Works on bytes, on lines ended by `\\n` alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_HUNK = re.compile(rb"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")
_EXTENDED = re.compile(
    rb"((?:old|new|deleted file|new file) mode|(?:copy|rename) (?:from|to)|(?:dis)?similarity index|index) ([^\r]*)\r?"
)
_COMBINED = re.compile(rb"diff --(?:cc|combined) (.*?)\r?", re.DOTALL)
_SVN_BINARY = re.compile(rb"Cannot display: file marked as (?:a )?binary type")
_ONLY = re.compile(rb"Only in (.+?): (.+?)\r?")
_SUBMODULE = re.compile(rb"Submodule (.+) [0-9a-f]{7,64}\.{2,3}[0-9a-f]{7,64}(?: \((.+)\))?:?\r?")
_MAIL = re.compile(rb"From [0-9a-f]{40,64} ")
_BEGINNINGS = frozenset(b"d-@BCOS")
"""First bytes of the lines a section can begin with: most prose is passed over by its first byte."""
_SIGNATURE = (b"-- ", b"-- \r")


@dataclass(slots=True)
class Section:
    """One file's part of a diff, as written: line indices into the diff, names still with prefix and quotes.

    `first`…`end` are its lines, `body`…`end` those of its hunks; `command` is what follows `diff --git `;
    `old` and `new` are what follows `--- ` and `+++ `; `problem` is (line index, why) where it cannot be read.
    """

    first: int
    end: int
    body: int
    command: bytes = b""
    extended: dict[bytes, bytes] = field(default_factory=dict)
    old: bytes = b""
    new: bytes = b""
    pair: bytes = b""
    """Both names of a plain binary notice: `old and new`."""
    binary: bool = False
    only: bool = False
    """The file is on one side only and the diff does not hold its lines."""
    columns: int = 1
    """How many markers a line has: one for each parent of a merge."""
    problem: tuple[int, str] | None = None


class _MalformedError(Exception):
    """The hunk does not keep what its header promises."""

    def __init__(self, at: int, why: str) -> None:
        super().__init__(why)
        self.at, self.why = at, why


def split(lines: Sequence[bytes]) -> Iterator[Section]:
    """The sections in order; whatever stands between them is prose."""
    at = 0
    while at < len(lines):
        section = None
        if lines[at] and lines[at][0] in _BEGINNINGS:
            section = _git(lines, at) or _plain(lines, at) or _notice(lines, at)
        if section is None:
            at += 1
        else:
            yield section
            at = section.end


def _git(lines: Sequence[bytes], at: int) -> Section | None:
    """A section that begins with `diff --git` (or that of a merge, which is refused)."""
    if combined := _COMBINED.fullmatch(lines[at]):
        end = _next_section(lines, at + 1)
        body = next((here for here in range(at, end) if lines[here].startswith(b"@@@")), end)
        columns = len(_line(lines, body).partition(b" ")[0]) - 1
        why = "a combined diff of a merge; make a two-way one with `git diff PARENT MERGE`"
        return Section(at, end, body, new=combined[1], columns=columns, problem=(at, why))
    if not lines[at].startswith(b"diff --git "):
        return None
    section = Section(at, at + 1, at + 1, command=lines[at][11:].removesuffix(b"\r"))
    here = at + 1
    while header := _EXTENDED.fullmatch(_line(lines, here)):
        section.extended[header[1]] = header[2]
        here += 1
    section.end = section.body = here
    if _both_binary(_line(lines, here)) or _line(lines, here).rstrip(b"\r") == b"GIT binary patch":
        section.binary = True
        section.end = section.body = here + 1
    elif _names_follow(lines, here):
        _read_hunks(section, lines, here)
    return section


def _plain(lines: Sequence[bytes], at: int) -> Section | None:
    """A section of `diff -u`: names and a hunk in a row. A hunk without names is a section with a problem."""
    if _names_follow(lines, at) and _line(lines, at + 2).startswith(b"@@ "):
        section = Section(at, at, at)
        _read_hunks(section, lines, at)
        return section
    if _HUNK.match(lines[at]):
        why = "a hunk without a file header above it"
        return Section(at, _next_section(lines, at + 1), at, problem=(at, why))
    return None


def _notice(lines: Sequence[bytes], at: int) -> Section | None:
    """One line that stands for a file: binary, on one side only, or a submodule."""
    line = lines[at]
    if both := _both_binary(line):
        return Section(at, at + 1, at + 1, pair=both, binary=True)
    if _SVN_BINARY.match(line) and at > 1 and lines[at - 2].startswith(b"Index: "):
        name = lines[at - 2][7:].rstrip(b"\r")
        return Section(at, at + 1, at + 1, old=name, new=name, binary=True)
    if found := _ONLY.fullmatch(line):
        name = found[1] + b"/" + found[2]
        return Section(at, at + 1, at + 1, old=name, new=name, only=True)
    if found := _SUBMODULE.fullmatch(line):
        sides = {b"new submodule": b"new file mode", b"submodule deleted": b"deleted file mode"}
        mode = sides.get(found[2] or b"", b"index")
        value = b"160000" if mode != b"index" else b".. 160000"
        return Section(at, at + 1, at + 1, old=found[1], new=found[1], extended={mode: value})
    return None


def _both_binary(line: bytes) -> bytes:
    """`OLD and NEW` of the notice that they are binary and differ; nothing for any other line."""
    line = line.removesuffix(b"\r")
    if line.startswith(b"Binary files ") and line.endswith(b" differ") and b" and " in line:
        return line[13:-7]
    return b""


def _read_hunks(section: Section, lines: Sequence[bytes], at: int) -> None:
    """Names at `at`, then hunks to the section's end."""
    section.old, section.new = lines[at][4:].rstrip(b"\r"), lines[at + 1][4:].rstrip(b"\r")
    section.body = section.end = at + 2
    try:
        section.end = _hunks_end(lines, section.body)
    except _MalformedError as malformed:
        section.problem = malformed.at, malformed.why
        section.end = _next_section(lines, section.body)


def _hunks_end(lines: Sequence[bytes], at: int) -> int:
    """The index after the last of the hunks that begin at `at`."""
    here, past = at, (0, 0)
    while _line(lines, here).startswith(b"@@"):
        old, old_count, new, new_count = _numbers(lines, here)
        # A hunk of no lines on a side names the line before it.
        begin = old + (not old_count), new + (not new_count)
        if begin[0] < past[0] or begin[1] < past[1]:
            raise _MalformedError(here, "this hunk begins before the one above ends")
        past = begin[0] + old_count, begin[1] + new_count
        here = _hunk_end(lines, here + 1, old_count, new_count)
    if here == at:
        raise _MalformedError(at, "no hunk follows the names of the file")
    if _spills(lines, here):
        raise _MalformedError(here, "the hunk above goes on after as many lines as its header says")
    return here


def _numbers(lines: Sequence[bytes], at: int) -> tuple[int, int, int, int]:
    """Old start and count, new start and count, as the header at `at` says."""
    header = _HUNK.match(lines[at])
    if header is None:
        raise _MalformedError(at, "this is no hunk header")
    return int(header[1]), int(header[2] or 1), int(header[3]), int(header[4] or 1)


def _hunk_end(lines: Sequence[bytes], at: int, old: int, new: int) -> int:
    """The index after the hunk that has `old` and `new` lines from `at` on."""
    if not old and not new:
        raise _MalformedError(at - 1, "this hunk has no lines")
    here = at
    while old or new:
        if here >= len(lines):
            missing = f"{old} old and {new} new lines are missing"
            raise _MalformedError(here - 1, f"the diff ends before this hunk does: {missing}")
        mark = lines[here][:1]
        if mark == b"+":
            new -= 1
        elif mark == b"-":
            old -= 1
        elif mark in (b" ", b"", b"\r"):
            old -= 1
            new -= 1
        elif mark != b"\\":
            raise _MalformedError(here, "this is no line of a hunk, and the hunk above has not ended yet")
        if old < 0 or new < 0:
            raise _MalformedError(here, "the hunk above has more lines on one side than its header says")
        here += 1
    while _line(lines, here).startswith(b"\\"):
        here += 1
    return here


def _spills(lines: Sequence[bytes], at: int) -> bool:
    """Whether lines of a hunk follow although their hunk is complete; a mail's signature `-- ` is none."""
    return _line(lines, at)[:1] in (b"+", b"-", b" ") and lines[at] not in _SIGNATURE and not _names_follow(lines, at)


def _next_section(lines: Sequence[bytes], at: int) -> int:
    """Where to go on after a section that cannot be read."""
    for here in range(at, len(lines)):
        line = lines[here]
        if line.startswith((b"diff --git ", b"diff --c")) or _MAIL.match(line):
            return here
        if _names_follow(lines, here) and _line(lines, here + 2).startswith(b"@@ "):
            return here
    return len(lines)


def _names_follow(lines: Sequence[bytes], at: int) -> bool:
    return _line(lines, at).startswith(b"--- ") and _line(lines, at + 1).startswith(b"+++ ")


def _line(lines: Sequence[bytes], at: int) -> bytes:
    return lines[at] if at < len(lines) else b"\n"
