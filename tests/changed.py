"""Changed files built by hand, as small as a test needs them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from reviewer.change.change import FileChange, Hunk, Kind, Line, Marker

if TYPE_CHECKING:
    from reviewer.findings import Side


def hunk(body: str, start: int = 1) -> Hunk:
    """`body` is a hunk's text, each line with its marker; both sides begin at `start`."""
    lines: list[Line] = []
    old = new = start
    for row in body.split("\n"):
        marker = cast("Marker", row[0])
        lines.append(Line(marker, None if marker == "+" else old, None if marker == "-" else new, row[1:]))
        old += marker != "+"
        new += marker != "-"
    return Hunk(start, old - start, start, new - start, "", tuple(lines))


def modified(path: str, *hunks: Hunk) -> FileChange:
    return FileChange(path, Kind.MODIFIED, hunks)


def added(path: str, text: str) -> FileChange:
    """A new file: every line is added."""
    return FileChange(path, Kind.ADDED, (hunk("\n".join("+" + line for line in text.split("\n"))),))


def unreadable(path: str, side: Side) -> str | None:  # noqa: ARG001 the signature is the protocol's
    """Nothing but the diff is to be had."""
    return None
