"""A whole tree as a change: every line of every file counts as added."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Self, overload

from reviewer.change.change import Change, FileChange, Hunk, Kind, Line
from reviewer.errors import Misuse
from reviewer.findings import Reason, Side, Unreviewed
from reviewer.sources import listing
from reviewer.sources.attributes import BaseAttributes
from reviewer.sources.blobs import MAX_BYTES, Blobs
from reviewer.sources.command import Git
from reviewer.sources.folder import FolderSnapshot
from reviewer.sources.snapshots import GitSnapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from reviewer.context.snapshot import Snapshot
    from reviewer.sources.listing import Entry, Listing

Content = bytes | str
"""A file's bytes, or why there are none."""

MAX_LINES_KEPT = 60_000
"""Of the files that were looked at last: a file is asked for several times within a short while."""
_BINARY_SAMPLE = 8_000
_ODD = "no UTF-8 text: convert it to have it read"
_GONE = "it is not there any more"


class Tree:
    """Files are read when their lines are asked for. Safe for several threads; holds a git process: close it.

    `git` is null for a folder that is no repository, `commit` for the files on disk; `head`: the commit that the files
    are those of, null where they are nobody's.
    """

    def __init__(
        self, root: Path, found: Listing, *, git: Git | None = None, commit: str | None = None, head: str | None = None
    ) -> None:
        self.root, self.git, self.commit, self.head = root, git, commit, head
        self.listing = found
        self.blobs = Blobs(git) if git is not None else None
        base = commit or head or (git.commit("HEAD") if git is not None else None)
        self.attributes = BaseAttributes(git, base) if git is not None and base else None
        self._entries = {entry.path: entry for entry in found.entries}
        self._kept = _Kept()
        self._content: Callable[[Entry], Content] = self._from_git if commit else _Disk(root)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends what was started and removes what was written."""
        if self.blobs is not None:
            self.blobs.close()
        if self.attributes is not None:
            self.attributes.close()

    def change(self) -> Change:
        """The files as a stream, in path order; one that cannot be read counts as binary (`opened` tells why)."""
        return Change(self._files(), self.listing.others, self.head)

    def leave_out(self, reasons: Mapping[str, str]) -> None:
        """These paths are not read, and listed with why."""
        kept = tuple(each for each in self.listing.entries if each.path not in reasons)
        gone = [Unreviewed(path, Reason.IGNORED, why) for path, why in reasons.items() if path in self._entries]
        others = tuple(sorted((*self.listing.others, *gone), key=lambda each: each.path))
        self.listing = replace(self.listing, entries=kept, others=others)
        self._entries = {each.path: each for each in kept}

    def mention(self, others: Sequence[Unreviewed]) -> None:
        """Of what is there besides files, this is told."""
        self.listing = replace(self.listing, others=tuple(others))

    def entry(self, path: str) -> Entry | None:
        """The file of that path."""
        return self._entries.get(path)

    def opened(self, entry: Entry) -> FileChange | Unreviewed:
        """The file, or why it cannot be read; its content is looked at, and not kept."""
        if entry.size > MAX_BYTES:
            why = f"{-(-entry.size // 1024)} KiB: a file of more than {MAX_BYTES // 1000} KB is not opened"
            return Unreviewed(entry.path, Reason.TOO_LARGE, why)
        content = self._content(entry)
        if isinstance(content, str):
            return Unreviewed(entry.path, Reason.UNPARSABLE, f"cannot be read: {content}")
        is_binary = b"\0" in content[:_BINARY_SAMPLE]
        if not is_binary:
            try:
                self._kept.put(entry.path, _hunks(content.decode("utf-8")))
            except UnicodeDecodeError:
                return Unreviewed(entry.path, Reason.BINARY, _ODD)
        return self._file(entry, binary=is_binary)

    def read(self, path: str, side: Side) -> str | None:
        """The whole file; null where it cannot be had, and of the old side, which there is none of."""
        entry = self._entries.get(path)
        if entry is None or side is Side.OLD or entry.size > MAX_BYTES:
            return None
        content = self._content(entry)
        return content.decode("utf-8", "replace") if isinstance(content, bytes) else None

    def snapshot(self) -> Snapshot:
        """The tree, to be searched."""

        def read(path: str) -> str | None:
            return self.read(path, Side.NEW)

        if self.git is None:
            return FolderSnapshot(self.root, tuple(self._entries), read)
        return GitSnapshot(self.git, self.commit, read)

    def guides(self, paths: Sequence[str]) -> dict[str, str]:
        """The texts of those files that are there."""
        return {path: text for path in paths if (text := self.read(path, Side.NEW)) is not None}

    def hunks(self, path: str) -> tuple[Hunk, ...]:
        """The one hunk that a file is; none of an empty one, or one that is gone."""
        found = self._kept.get(path)
        if found is None:
            content = self._content(self._entries[path])
            found = _hunks(content.decode("utf-8", "replace")) if isinstance(content, bytes) else ()
            self._kept.put(path, found)
        return found

    def _files(self) -> Iterator[FileChange]:
        for entry in self.listing.entries:
            file = self.opened(entry)
            yield file if isinstance(file, FileChange) else self._file(entry, binary=True)

    def _file(self, entry: Entry, *, binary: bool) -> FileChange:
        return FileChange(
            path=entry.path,
            kind=Kind.ADDED,
            hunks=() if binary else _Lazy(self, entry.path),
            binary=binary,
            new_mode="100755" if entry.is_program else "100644",
            size=entry.size,
        )

    def _from_git(self, entry: Entry) -> Content:
        data = self.blobs.data(entry.blob) if self.blobs is not None else None
        return _GONE if data is None else data


def opened(root: Path, commit: str | None) -> Tree:
    """The tree of a work tree (null), or of a commit of it or of a bare repository. `Misuse` where git refuses."""
    git = Git(root)
    if commit is not None:
        return Tree(root, listing.of_commit(git, commit), git=git, commit=commit, head=commit)
    found = listing.of_work_tree(git, root)
    return Tree(root, found, git=git, head=git.commit("HEAD") if found.is_clean else None)


def folder(root: Path) -> Tree:
    """A folder that is no repository; `Misuse` where it cannot be listed."""
    try:
        with os.scandir(root) as listed:
            next(listed, None)
    except OSError as error:
        raise Misuse(f"{root} cannot be read: {error.strerror}") from error
    return Tree(root, listing.of_folder(root))


class _Disk:
    """Reads files below `root`, none that is reached through a symbolic link."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._folders: dict[str, bool] = {}

    def __call__(self, entry: Entry) -> Content:
        name = entry.path if entry.name is None else os.fsdecode(entry.name)
        try:
            if not self._is_real(name.rpartition("/")[0]):
                return "a folder above it is a symbolic link"
            # Not as a `Path`: to make one takes longer than to read the file.
            with os.fdopen(os.open(f"{self._root}/{name}", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
                data = file.read(MAX_BYTES + 1)
        except (OSError, ValueError) as error:
            return getattr(error, "strerror", None) or str(error)
        return data if len(data) <= MAX_BYTES else "it grew while it was looked at"

    def _is_real(self, folder: str) -> bool:
        known = self._folders.get(folder)
        if known is None:
            place = self._root / folder
            known = self._folders[folder] = place.resolve() == place
        return known


class _Lazy(Sequence[Hunk]):
    """A file's hunks, read when they are asked for."""

    def __init__(self, tree: Tree, path: str) -> None:
        self._tree, self._path = tree, path

    def __len__(self) -> int:
        return len(self._tree.hunks(self._path))

    @overload
    def __getitem__(self, index: int) -> Hunk: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Hunk]: ...

    def __getitem__(self, index: int | slice) -> Hunk | Sequence[Hunk]:
        return self._tree.hunks(self._path)[index]


class _Kept:
    """What was read last, up to `MAX_LINES_KEPT` lines."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._hunks: OrderedDict[str, tuple[Hunk, ...]] = OrderedDict()
        self._lines = 0

    def get(self, path: str) -> tuple[Hunk, ...] | None:
        with self._lock:
            found = self._hunks.get(path)
            if found is not None:
                self._hunks.move_to_end(path)
            return found

    def put(self, path: str, hunks: tuple[Hunk, ...]) -> None:
        with self._lock:
            self._lines += _count(hunks) - _count(self._hunks.pop(path, ()))
            self._hunks[path] = hunks
            while self._lines > MAX_LINES_KEPT and len(self._hunks) > 1:
                self._lines -= _count(self._hunks.popitem(last=False)[1])


def _count(hunks: Sequence[Hunk]) -> int:
    return sum(len(hunk.lines) for hunk in hunks)


def _hunks(text: str) -> tuple[Hunk, ...]:
    rows = text.split("\n")
    ends = not rows[-1]
    if ends:
        rows.pop()
    if not rows:
        return ()
    lines = [Line("+", None, number, row) for number, row in enumerate(rows, 1)]
    if not ends:
        lines[-1] = Line("+", None, len(rows), rows[-1], ends_file=True)
    return (Hunk(0, 0, 1, len(rows), "", tuple(lines)),)
