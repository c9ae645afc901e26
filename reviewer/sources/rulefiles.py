"""The files of the repository's own rule packs, of a commit or of the work tree; `rules.own` says what they mean."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from reviewer.errors import Misuse
from reviewer.rules.own import FOLDER, MAX_BYTES, MAX_FILES, is_pack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reviewer.sources.blobs import Blobs
    from reviewer.sources.command import Git


def in_commit(git: Git, blobs: Blobs, commit: str) -> Iterator[tuple[str, str | None]]:
    """Path and text of each; the text is null where it is no file, too large or binary. One too many is enough."""
    listing = git.run("ls-tree", "-z", "--long", "--full-tree", commit, f"{FOLDER}/").split(b"\0")[:-1]
    rows = [row.partition(b"\t") for row in listing]
    found = [(facts.split(), os.fsdecode(path)) for facts, _, path in rows if is_pack(_name(os.fsdecode(path)))]
    for (mode, _, _, size), path in found[: MAX_FILES + 1]:
        fits = mode.startswith(b"100") and int(size) <= MAX_BYTES
        yield path, _text(blobs.read(commit, path)) if fits else None


def in_work_tree(root: Path) -> Iterator[tuple[str, str | None]]:
    """As `in_commit`. Nothing is read that is reached by a symlink; a folder that may not be listed raises `Misuse`."""
    folder = root / FOLDER
    try:
        names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        raise Misuse(f"{FOLDER} cannot be read: {error.strerror}") from error
    for name in [name for name in names if is_pack(name)][: MAX_FILES + 1]:
        yield f"{FOLDER}/{name}", read(root / FOLDER / name, root)


def read(path: Path, root: Path) -> str | None:
    """A rule pack's text; null where it is not to be read, or reached from `root` by a symlink."""
    try:
        place = root.resolve(strict=True) / path.relative_to(root)
        if place.resolve(strict=True) != place or not place.is_file() or place.stat().st_size > MAX_BYTES:
            return None
        return _text(place.read_bytes().decode("utf-8", "replace"))
    except (OSError, ValueError):
        return None


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _text(text: str | None) -> str | None:
    return None if text is None or "\0" in text else text
