"""Every changed line is accounted for: handed out to be read, or named with the reason why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.change import chunks
from reviewer.findings import Coverage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewer.change.change import FileChange
    from reviewer.change.pieces import Chunk
    from reviewer.findings import Reason, Unreviewed


class Ledger:
    """Counts while a review runs; what was handed out and never settled is named when it is abandoned."""

    def __init__(self, broken: Iterable[Unreviewed] = ()) -> None:
        self.unreviewed: list[Unreviewed] = []
        self._out: dict[int, Chunk] = {}
        self._chosen: set[str] = set()
        self._left_out: set[str] = set()
        self._lost: set[str] = set()
        self._lines = self._read = 0
        for entry in broken:
            self.leave_out(entry)

    def leave_out(self, entry: Unreviewed) -> None:
        """Lines that are not going to be read at all."""
        self.unreviewed.append(entry)
        self._left_out.add(entry.path)
        self._lines += entry.lines

    def credit(self, file: FileChange, rest: FileChange) -> None:
        """Lines that an earlier review of the same change has read: those of `file` that are not in `rest`."""
        lines = file.changed_lines() - rest.changed_lines()
        self._chosen.add(file.path)
        self._lines += lines
        self._read += lines

    def recall(self, lines: Iterable[tuple[str, int]]) -> None:
        """Lines of paths that an earlier run has read."""
        for path, count in lines:
            self._chosen.add(path)
            self._lines += count
            self._read += count

    def hand_out(self, chunk: Chunk) -> None:
        """Lines that somebody is going to read."""
        self._out[id(chunk)] = chunk
        self._chosen.update(piece.file.path for piece in chunk.pieces)
        self._lines += sum(piece.changed for piece in chunk.pieces)

    def settle(self, chunk: Chunk, lost: Iterable[Unreviewed]) -> None:
        """The chunk was read but for `lost`."""
        del self._out[id(chunk)]
        self._read += sum(piece.changed for piece in chunk.pieces)
        for entry in lost:
            self.unreviewed.append(entry)
            self._lost.add(entry.path)
            self._read -= entry.lines

    def abandon(self, reason: Reason, detail: str) -> None:
        """Whatever is still out comes back unread."""
        for chunk in list(self._out.values()):
            self.settle(chunk, chunks.lost(chunk, reason, detail))

    def coverage(self) -> Coverage:
        """A file counts as reviewed when it was chosen and no line of it was lost."""
        return Coverage(
            files=len(self._chosen | self._left_out),
            reviewed_files=len(self._chosen - self._lost),
            changed_lines=self._lines,
            reviewed_lines=self._read,
        )
