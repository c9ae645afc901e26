"""Diffs as GitHub shows them, made by git; and where a line of one commit is in another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fake_github.objects import Objects

Side = Literal["LEFT", "RIGHT"]

HEADER = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
STATUS = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "C": "copied", "T": "changed"}
NO_BLOB = "0" * 40


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a patch. `position` counts from the line below the first @@, as GitHub's deprecated field does."""

    position: int
    old: int | None
    new: int | None
    text: str

    def number(self, side: str) -> int | None:
        return self.new if side == "RIGHT" else self.old


@dataclass(frozen=True)
class Hunk:
    header: str
    rows: tuple[Row, ...]

    def row(self, side: str, line: int) -> Row | None:
        return next((row for row in self.rows if row.number(side) == line), None)


@dataclass(frozen=True)
class DiffFile:
    """One file of a diff. `sha` is the blob on the new side, or the removed one."""

    path: str
    previous: str | None
    status: str
    sha: str
    text: str
    """From the first @@ on; empty for a binary file, a pure rename, a mode change."""

    @cached_property
    def hunks(self) -> tuple[Hunk, ...]:
        return tuple(_hunks(self.text))

    @cached_property
    def lines(self) -> int:
        return self.text.count("\n") + 1 if self.text else 0

    @cached_property
    def additions(self) -> int:
        return sum(1 for hunk in self.hunks for row in hunk.rows if row.text[0] == "+")

    @cached_property
    def deletions(self) -> int:
        return sum(1 for hunk in self.hunks for row in hunk.rows if row.text[0] == "-")

    def hunk(self, side: str, line: int) -> Hunk | None:
        """The hunk that shows this line; null: a comment on it is refused."""
        return next((hunk for hunk in self.hunks if hunk.row(side, line)), None)

    def row_at(self, position: int) -> Row | None:
        return next((row for hunk in self.hunks for row in hunk.rows if row.position == position), None)


class Diffs:
    """The diffs of one repository, each made once."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._known: dict[tuple[str, str], tuple[DiffFile, ...]] = {}

    def between(self, base: str, head: str) -> tuple[DiffFile, ...]:
        """In the order of git, renames found."""
        if (base, head) not in self._known:
            self._known[base, head] = tuple(self._read(base, head))
        return self._known[base, head]

    def file(self, base: str, head: str, path: str) -> DiffFile | None:
        return next((file for file in self.between(base, head) if file.path == path), None)

    def text(self, base: str, head: str) -> bytes:
        """The whole diff, as the diff media type gives it."""
        return self._objects.once("diff", "--no-ext-diff", "--no-textconv", "--no-color", "-M", base, head) or b""

    def moved(self, before: str, after: str, path: str, line: int) -> int | None:
        """Where a line of `path` at one commit is at another; null when a change took it."""
        arguments = ("diff", "--no-ext-diff", "--no-textconv", "--no-color", "-U0", before, after, "--", path)
        shift = 0
        for match in HEADER.finditer(_patch(self._objects.once(*arguments) or b"")):
            start, count, _, added = _numbers(match)
            if line < start or (count == 0 and line == start):
                break
            if line < start + count:
                return None
            shift += added - count
        return line + shift

    def _read(self, base: str, head: str) -> Iterator[DiffFile]:
        raw = self._objects.once("diff", "--raw", "-z", "-M", "--no-abbrev", base, head) or b""
        sections = re.split(rb"^(?=diff --git )", self.text(base, head), flags=re.MULTILINE)[1:]
        fields = iter(raw.decode(errors="replace").split("\0"))
        index = 0
        for facts in fields:
            if not facts:
                return
            mode_before, mode_after, blob_before, blob_after, letter = facts[1:].split(" ")
            previous = next(fields)
            path = next(fields) if letter[0] in "RC" else previous
            text = _patch(sections[index])
            index += 2 if letter == "T" else 1  # a type change is two sections: one removed, one added
            only_mode = letter == "M" and mode_before != mode_after and blob_before == blob_after
            yield DiffFile(
                path,
                previous if letter[0] in "RC" else None,
                "changed" if only_mode else STATUS[letter[0]],
                blob_before if blob_after == NO_BLOB else blob_after,
                "" if letter == "T" else text,
            )


def _patch(section: bytes) -> str:
    """The hunks of one file, without a newline at the end, as GitHub writes them."""
    start = re.search(rb"^@@ ", section, flags=re.MULTILINE)
    return section[start.start() :].decode(errors="replace").removesuffix("\n") if start else ""


def _numbers(match: re.Match[str]) -> tuple[int, int, int, int]:
    old, old_count, new, new_count = match.groups(default="1")
    return int(old), int(old_count), int(new), int(new_count)


def _hunks(text: str) -> Iterator[Hunk]:
    header, rows, old, new, old_left, new_left = "", list[Row](), 0, 0, 0, 0
    for position, line in enumerate(text.split("\n") if text else ()):
        match = HEADER.match(line) if not (old_left or new_left) else None
        if match:
            if header:
                yield Hunk(header, tuple(rows))
            header, rows = line, []
            old, old_left, new, new_left = _numbers(match)
            continue
        is_old, is_new = line[:1] in (" ", "-"), line[:1] in (" ", "+")
        rows.append(Row(position, old if is_old else None, new if is_new else None, line))
        old, new, old_left, new_left = old + is_old, new + is_new, old_left - is_old, new_left - is_new
    if header:
        yield Hunk(header, tuple(rows))
