"""The repository's own rule packs, within bounds: what the files in its folder define."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.errors import Misuse
from reviewer.rules import frontmatter, packs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reviewer.rules.packs import Pack

FOLDER = ".github/reviewer/rules"
MAX_FILES = 50
MAX_BYTES = 16 * 1024


def is_pack(name: str) -> bool:
    """Whether the file of this name in `FOLDER` is a pack: a Markdown file that does not explain the folder."""
    return name.lower().endswith(".md") and name.lower() != "readme.md"


def collect(listing: Iterable[tuple[str, str | None]]) -> tuple[Pack, ...]:
    """The packs that files (path, text) define, in path order, switched off or not; raises `Misuse` at the first fault.

    A text is null where the file is not to be read: see `define`.
    """
    found: dict[str, Pack] = {}
    for path, text in bounded(listing):
        pack = define(path, text, {name: pack.origin for name, pack in found.items()})
        found[pack.name] = pack
    return tuple(found.values())


def bounded(listing: Iterable[tuple[str, str | None]]) -> list[tuple[str, str | None]]:
    """The files in path order; raises `Misuse` where they are more than `MAX_FILES`."""
    files = sorted(listing, key=lambda file: file[0])
    if len(files) > MAX_FILES:
        raise Misuse(f"{FOLDER} holds more than {MAX_FILES} rule packs: put those together that concern the same files")
    return files


def define(path: str, text: str | None, taken: Mapping[str, str]) -> Pack:
    """The pack of one file; `taken`: the names that are given already, and by which file. Raises `Misuse`."""
    if text is None or len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise Misuse(f"{path}:1: a rule pack is a text file of at most {MAX_BYTES // 1024} KiB, and no symlink")
    pack = packs.parse(text, path, origin=path)
    if pack.name in taken:
        line = frontmatter.line_of("name", text)
        raise Misuse(f"{path}:{line}: {taken[pack.name]} is called {pack.name!r} too: a name is given once")
    return pack
