"""When is a hunk one that was seen before: by what it says, wherever it stands now."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from reviewer.change.change import FileChange, Hunk


def identity(path: str, hunk: Hunk) -> str:
    """32 hex of SHA-256 over the path and every line with its marker; no line numbers, so a rebase keeps it."""
    text = "\n".join((path, *(line.marker + line.text for line in hunk.lines)))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def identities(files: Iterable[FileChange], without: Collection[str] = ()) -> frozenset[str]:
    """Of every hunk of a change but those of the paths `without`."""
    return frozenset(identity(file.path, hunk) for file in files if file.path not in without for hunk in file.hunks)


def unseen(file: FileChange, seen: frozenset[str]) -> FileChange:
    """The file with the hunks that are not among the `seen` ones, perhaps none."""
    return replace(file, hunks=tuple(hunk for hunk in file.hunks if identity(file.path, hunk) not in seen))
