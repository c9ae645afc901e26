"""When is a hunk one that was seen before: by what it says, wherever it stands now."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from reviewer.change.change import FileChange, Hunk


def identities(files: Iterable[FileChange], without: Collection[str] = ()) -> frozenset[str]:
    """Of every hunk of a change but those of the paths `without`."""
    return frozenset(name for file in files if file.path not in without for _, name in _named(file))


def unseen(file: FileChange, seen: frozenset[str]) -> FileChange:
    """The file with the hunks that are not among the `seen` ones, perhaps none."""
    return replace(file, hunks=tuple(hunk for hunk, name in _named(file) if name not in seen))


def _named(file: FileChange) -> Iterator[tuple[Hunk, str]]:
    """Each hunk with 32 hex of SHA-256 over the path, every line with its marker, and which copy of it this is.

    Line numbers do not count, so a rebase keeps the name; a further copy of a hunk that was seen is another hunk.
    """
    copies: Counter[str] = Counter()
    for hunk in file.hunks:
        text = "\n".join((file.path, *(line.marker + line.text for line in hunk.lines)))
        copies[text] += 1
        named = f"{copies[text]}\n{text}"
        yield hunk, hashlib.sha256(named.encode("utf-8", "surrogatepass")).hexdigest()[:32]
