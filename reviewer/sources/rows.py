"""GitHub's listing of changed files as the values of a diff; what it does not show is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.change import diff
from reviewer.change.change import FileChange, Kind
from reviewer.change.diff import Parsed
from reviewer.findings import Reason, Unreviewed
from reviewer.github.files import MOST_FILES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.github.files import Listing, Row

BEYOND = "(files beyond GitHub's 3 000)"
UNSHOWN = "(changes that GitHub does not show)"
MEND = "a checkout of the base and head commits has no such limit"
"""What to do about what GitHub does not show."""
_KINDS = {"added": Kind.ADDED, "removed": Kind.DELETED, "renamed": Kind.RENAMED, "copied": Kind.COPIED}
_HEADER = b"diff --git a/file b/file\n--- a/file\n+++ b/file\n"
"""Always the same: a name that became part of a diff could be a diff itself."""
_EMPTY = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
"""The SHA of a file without a byte."""


def parsed(listing: Listing) -> Parsed:
    """Its files, and what stays unread. A file without hunks is `binary` by guess: GitHub does not say."""
    items = [item for row in listing.rows for item in _read(row, doubtful=listing.doubtful(row))]
    files = tuple(item for item in items if isinstance(item, FileChange))
    broken = (item for item in items if isinstance(item, Unreviewed))
    return Parsed(files, (*broken, *_untold(listing)))


def _read(row: Row, *, doubtful: bool) -> Iterator[FileChange | Unreviewed]:
    if row.shown < row.changes:
        detail = f"GitHub shows {row.shown} of its {row.changes} changed lines; {MEND}"
        yield Unreviewed(row.path, Reason.TRUNCATED_BY_GITHUB, detail, lines=row.changes - row.shown)
    elif doubtful:
        detail = f"GitHub shows no lines of it, and fewer in all than it counts; {MEND}"
        yield Unreviewed(row.path, Reason.TRUNCATED_BY_GITHUB, detail)
    if row.patch is not None:
        yield _with_hunks(row, row.patch.encode("utf-8", "replace"))
    elif not (row.changes or doubtful):
        pure = row.status in ("renamed", "changed", "unchanged") or row.sha == _EMPTY
        yield _file(row, binary=not pure)


def _with_hunks(row: Row, patch: bytes) -> FileChange | Unreviewed:
    read = diff.parse(_HEADER + patch)
    if read.broken or len(read.files) != 1:
        return Unreviewed(row.path, Reason.UNPARSABLE, f"GitHub's patch cannot be read; {MEND}", lines=row.shown)
    return _file(row, read.files[0], size=len(patch))


def _file(row: Row, read: FileChange | None = None, *, size: int = 0, binary: bool = False) -> FileChange:
    return FileChange(
        path=row.path,
        kind=_KINDS.get(row.status, Kind.MODIFIED),
        hunks=read.hunks if read else (),
        old_path=row.previous if row.status in ("renamed", "copied") else None,
        binary=binary,
        size=size,
    )


def _untold(listing: Listing) -> Iterator[Unreviewed]:
    """Of these nobody knows the files, or how many lines are whose."""
    rows, files, lines = len(listing.rows), listing.missing_files, listing.missing_lines
    if files:
        path = BEYOND if rows >= MOST_FILES else UNSHOWN
        detail = f"GitHub lists {rows} of {rows + files} files: {files} are missing; {MEND}"
        yield Unreviewed(path, Reason.TRUNCATED_BY_GITHUB, detail, lines=lines)
    elif lines:
        detail = f"GitHub counts {lines} changed lines more than it shows; {MEND}"
        yield Unreviewed(UNSHOWN, Reason.TRUNCATED_BY_GITHUB, detail, lines=lines)
