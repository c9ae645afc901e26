"""A unified diff as frozen values. The only room of unidiff, which reads the hunks."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Any

from reviewer.change import paths, sections
from reviewer.change.change import FileChange, Hunk, Kind, Line
from reviewer.errors import Misuse
from reviewer.findings import Reason, Unreviewed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reviewer.change.sections import Section

UNKNOWN_PATH = "(unknown file)"
_MEND = "make the diff again, for example with `git diff`, or mend this part by hand"
_EPOCH = re.compile(rb"\t(?:1970-01-01|1969-12-31)[ T]")
_CHANGED = re.compile(rb"[+-]")
_NO_NEWLINE = re.compile(r"(?m)^\\[^\n]*$")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Parsed:
    """The files of a diff, and what of it could not be read.

    A file that the diff names twice (a series of commits) is there twice.
    """

    files: tuple[FileChange, ...]
    broken: tuple[Unreviewed, ...]


def parse(data: bytes, name: str = "the input") -> Parsed:
    """Reads a diff; text that is none raises `Misuse`, a file of it that cannot be read is among the broken."""
    data = _plain_utf8(data)
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    in_git_style = data.startswith(b"diff --git ") or b"\ndiff --git " in data
    files: list[FileChange] = []
    broken: list[Unreviewed] = []
    for section in sections.split(lines):
        if section.only and in_git_style:
            continue  # a sentence in a log message: git has no such notice
        read = _read(section, lines)
        if isinstance(read, FileChange):
            files.append(read)
        else:
            broken.append(read)
    if not (files or broken or data.isspace() or not data):
        raise Misuse(f"{name} is no diff: no hunk and no git header found in it; make one with `git diff`")
    return Parsed(tuple(files), tuple(broken))


def _plain_utf8(data: bytes) -> bytes:
    """Without what an editor or a shell (PowerShell's `>` writes UTF-16) did to the diff as a whole."""
    if data.startswith(_UTF16):
        data = data.decode("utf-16", "replace").encode()
    data = data.removeprefix(codecs.BOM_UTF8)
    ends = data.count(b"\n")
    if ends and ends == data.count(b"\r\n"):
        # git ends its own lines with a line feed alone: where all have a carriage return, something added it.
        return data.replace(b"\r\n", b"\n").removesuffix(b"\r")
    return data


def _read(section: Section, lines: Sequence[bytes]) -> FileChange | Unreviewed:
    old, new = (None, None) if section.problem and not _named(section) else paths.pair(section)
    path = new or old or UNKNOWN_PATH
    if section.only:
        why = "on one side only and its lines are not in the diff: `diff -N` puts them there"
        return Unreviewed(path, Reason.NO_LINES, why)
    if section.problem is None and path == UNKNOWN_PATH:
        section.problem = section.first, "the header names no file"
    if section.problem is not None:
        return _unparsable(section, *section.problem, path, lines)
    hunks = _hunks(lines[section.body : section.end])
    old_mode, new_mode = _modes(section)
    kind = _kind(section, old, new, hunks)
    return FileChange(
        path=path,
        kind=kind,
        hunks=hunks,
        old_path=old if kind in (Kind.RENAMED, Kind.COPIED) else None,
        binary=section.binary,
        old_mode=old_mode,
        new_mode=new_mode,
        size=sum(map(len, lines[section.first : section.end])) + section.end - section.first,
    )


def _named(section: Section) -> bool:
    return bool(section.command or section.old or section.new)


def _unparsable(section: Section, at: int, why: str, path: str, lines: Sequence[bytes]) -> Unreviewed:
    body = lines[section.body : section.end]
    changed = sum(_CHANGED.search(line, 0, section.columns) is not None for line in body)
    mend = "" if ";" in why else f"; {_MEND}"
    return Unreviewed(path, Reason.UNPARSABLE, f"line {at + 1} of the diff: {why}{mend}", lines=changed)


def _kind(section: Section, old: str | None, new: str | None, hunks: Sequence[Hunk]) -> Kind:
    extended = section.extended
    if b"new file mode" in extended or old is None or _is_epoch(section.old, [hunk.old_count for hunk in hunks]):
        return Kind.ADDED
    if b"deleted file mode" in extended or new is None or _is_epoch(section.new, [hunk.new_count for hunk in hunks]):
        return Kind.DELETED
    if b"rename from" in extended:
        return Kind.RENAMED
    if b"copy from" in extended:
        return Kind.COPIED
    return Kind.MODIFIED


def _is_epoch(label: bytes, counts: Sequence[int]) -> bool:
    """`diff -N` dates a file that is not there 1970-01-01, local time."""
    return counts == [0] and _EPOCH.search(label) is not None


def _modes(section: Section) -> tuple[str | None, str | None]:
    extended = {name: value.decode("ascii", "replace") for name, value in section.extended.items()}
    _, _, both = extended.get(b"index", "").partition(" ")
    old = extended.get(b"old mode") or extended.get(b"deleted file mode") or both
    new = extended.get(b"new mode") or extended.get(b"new file mode") or both
    return old or None, new or None


def _hunks(body: Sequence[bytes]) -> tuple[Hunk, ...]:
    """Names never go into the header made here: a newline in one would inject a second file."""
    if not body:
        return ()
    from unidiff.patch import PatchSet

    text = b"\n".join(body).decode("utf-8", "replace")
    if "\n\\" in text:
        text = _NO_NEWLINE.sub(r"\\ No newline at end of file", text)  # diff translates it, unidiff knows English
    (file,) = PatchSet(StringIO(f"--- a\n+++ b\n{text}\n"))
    return tuple(
        Hunk(
            hunk.source_start,
            hunk.source_length,
            hunk.target_start,
            hunk.target_length,
            hunk.section_header.rstrip("\r"),
            tuple(_lines(hunk)),
        )
        for hunk in file
    )


def _lines(hunk: Sequence[Any]) -> Iterator[Line]:
    following = iter(hunk)
    next(following, None)
    for line in hunk:
        after = next(following, None)
        if line.line_type != "\\":
            ends_file = after is not None and after.line_type == "\\"
            yield Line(line.line_type, line.source_line_no, line.target_line_no, line.value[:-1], ends_file)
