"""Which lines of a tree were packed and read before, and which are new."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reviewer.context.guides import candidates, folders_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from reviewer.audit.journal import Journal, Known, Packed
    from reviewer.sources.listing import Entry

Lines = tuple[int, int]
"""First and last, 1-based."""


@dataclass(frozen=True, slots=True)
class Rest:
    """What of a file nobody has packed: these lines, or all; `known` is what is known of it, null: nothing."""

    entry: Entry
    lines: tuple[Lines, ...] = ()
    known: Known | None = None


@dataclass(frozen=True, slots=True)
class Before:
    """Files as they were packed before, and those chunks whose every line stands as it did then."""

    known: Mapping[str, Known] = field(default_factory=dict)
    read: tuple[Packed, ...] = ()
    unread: tuple[Packed, ...] = ()


def recall(journal: Journal | None, entries: Mapping[str, Entry], guides: Guides, *, writes: bool) -> Before:
    """What the journal knows of these files. `writes`: what is still of use is marked as such."""
    if journal is None:
        return Before()
    known = {each.path: each for each in journal.files() if _is_here(entries, each.path, each.blob)}

    def is_whole(packed: Packed) -> bool:
        here = all(each.path in known and _is_here(entries, each.path, each.blob) for each in packed.members)
        return here and packed.around == guides.around({each.path for each in packed.members})

    whole = _apart(list(filter(is_whole, journal.chunks())))
    if writes:
        journal.used(whole, known.values())
    read = tuple(packed for packed in whole if packed.results is not None)
    return Before(known, read, tuple(packed for packed in whole if packed.results is None))


def missing(entries: Mapping[str, Entry], before: Before) -> list[Rest]:
    """What is in no chunk and was not left out."""
    packed: dict[str, list[Lines]] = defaultdict(list)
    for chunk in (*before.read, *before.unread):
        for each in chunk.members:
            packed[each.path].append((each.first, each.last))
    rest = []
    for path, entry in entries.items():
        file = before.known.get(path)
        if file is None:
            rest.append(Rest(entry))
        elif all(each.new is not None for each in file.left_out):  # else it was left out as a whole
            lines = _missing(file.lines, [*packed[path], *(each.new for each in file.left_out if each.new)])
            if lines:
                rest.append(Rest(entry, lines, file))
    return rest


def _is_here(entries: Mapping[str, Entry], path: str, blob: str) -> bool:
    entry = entries.get(path)
    return entry is not None and entry.blob == blob


class Guides:
    """Which guides stand around files: other ones, and what was said of the files may not be said again."""

    def __init__(self, blobs: Mapping[str, str]) -> None:
        self._blobs = blobs
        self._known: dict[frozenset[str], str] = {}

    def around(self, paths: Collection[str]) -> str:
        """16 hex of SHA-256 of their names and contents; empty where there are none."""
        folders = frozenset(path.rpartition("/")[0] for path in paths)
        if folders not in self._known:
            names = candidates(folders_of([f"{folder}/_" if folder else "_" for folder in folders]))
            found = [f"{name}\0{self._blobs[name]}" for name in names if name in self._blobs]
            text = "\n".join(found).encode("utf-8", "surrogatepass")
            self._known[folders] = hashlib.sha256(text).hexdigest()[:16] if found else ""
        return self._known[folders]


def _apart(found: Sequence[Packed]) -> list[Packed]:
    """Of chunks that share a line, as audits of parts make them, one: rather one that was read."""
    taken: dict[str, list[Lines]] = defaultdict(list)
    kept = set()
    for at in sorted(range(len(found)), key=lambda at: (found[at].results is None, at)):
        members = found[at].members
        if not any(each.first <= last and first <= each.last for each in members for first, last in taken[each.path]):
            kept.add(at)
            for each in members:
                taken[each.path].append((each.first, each.last))
    return [found[at] for at in sorted(kept)]


def _missing(count: int, known: Iterable[Lines]) -> tuple[Lines, ...]:
    """The lines of 1…count in none of the ranges."""
    missing = []
    at = 1
    for first, last in sorted(known):
        if first > at:
            missing.append((at, first - 1))
        at = max(at, last + 1)
    return (*missing, (at, count)) if at <= count else tuple(missing)
