"""An audit's way through a tree: what was read before is recalled, the rest is packed and read in the order of risk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from reviewer.audit import recollection
from reviewer.audit.journal import Known, Member, Packed
from reviewer.audit.recollection import Guides
from reviewer.change import chunks
from reviewer.change.change import FileChange, Hunk
from reviewer.change.pieces import Chunk
from reviewer.findings import NoteCode, Reason, Unreviewed
from reviewer.memory import Part, Recalled
from reviewer.text.redact import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from reviewer.audit.journal import Journal
    from reviewer.audit.order import Family
    from reviewer.audit.recollection import Rest
    from reviewer.examination import Examined
    from reviewer.memory import Pack
    from reviewer.sources.listing import Entry
    from reviewer.sources.tree import Tree
    from reviewer.text.show import Show

BUNDLE_FILES, BUNDLE_BYTES = 512, 1024 * 1024
"""Files are packed so many at a time, apart from all others: what one bundle is packed into depends on nothing else."""

Order = Callable[[Sequence["Entry"]], Sequence["Family"]]
"""Families, what is to be read first first."""

_HALF_DONE = frozenset({NoteCode.UNVERIFIED, NoteCode.PASS_LOST})


class Trail:
    """The memory of an audit of `entries`, which are files of `tree`.

    `journal` null: nothing is recalled or kept. `aside` shows lines without counting their secrets for the review.
    """

    def __init__(
        self,
        tree: Tree,
        entries: Sequence[Entry],
        order: Order,
        journal: Journal | None,
        *,
        aside: Show,
        writes: bool = True,
    ) -> None:
        self._tree, self._order, self._journal, self._aside = tree, order, journal, aside
        self._writes = writes and journal is not None
        self._entries = {entry.path: entry for entry in entries}
        self._guides = Guides({entry.path: entry.blob for entry in tree.listing.entries})
        self._out: dict[int, tuple[Chunk, Packed, set[Part]]] = {}
        self.secrets = 0

    def packed(self, files: Iterable[FileChange], pack: Pack) -> Iterator[Chunk | Unreviewed | Recalled]:  # noqa: ARG002
        """The files are those of the tree; they are opened only where somebody has to read them."""
        before = recollection.recall(self._journal, self._entries, self._guides, writes=self._writes)
        for packed in before.read:
            self.secrets += packed.secrets
            yield _recalled(packed)
        for each in before.known.values():
            yield from each.left_out
        unread, rest = before.unread, recollection.missing(self._entries, before)
        if unread or rest:
            for unit in self._units(rest, unread):
                yield from self._restored(unit) if isinstance(unit, Packed) else self._bundled(unit, pack)

    def keep(self, chunk: Chunk, part: Part, result: Examined) -> None:
        """What lost a line, or its judge, is done again another time."""
        _, packed, parts = self._out[id(chunk)]
        parts.add(part)
        if len(parts) == len(Part):
            del self._out[id(chunk)]
        is_half_done = result.answer.lost or any(note.code in _HALF_DONE for note in result.answer.notes)
        if self._writes and self._journal is not None and not is_half_done:
            self._journal.done(packed, part, result)

    def _units(self, rest: Iterable[Rest], unread: Iterable[Packed]) -> Iterator[Packed | list[Rest]]:
        """Bundles of what is to be packed and chunks that were packed and never read, in the order of risk."""
        missing = {each.entry.path: each for each in rest}
        waiting: dict[str, list[Packed]] = defaultdict(list)
        for packed in unread:
            for path in dict.fromkeys(each.path for each in packed.members):
                waiting[path].append(packed)
        gone: set[int] = set()
        bundle: list[Rest] = []
        size = 0
        for family in self._order(list(self._entries.values())):
            for packed in (packed for entry in family for packed in waiting.get(entry.path, ())):
                if id(packed) not in gone:
                    gone.add(id(packed))
                    yield packed
            members = [missing[entry.path] for entry in family if entry.path in missing]
            weight = sum(each.entry.size for each in members)
            if bundle and (len(bundle) + len(members) > BUNDLE_FILES or size + weight > BUNDLE_BYTES):
                yield bundle
                bundle, size = [], 0
            bundle += members
            size += weight
        if bundle:
            yield bundle

    def _bundled(self, bundle: Sequence[Rest], pack: Pack) -> Iterator[Chunk | Unreviewed]:
        """Packed as a whole and entered before the first of it is read."""
        by_path = {each.entry.path: each for each in bundle}
        rank = {path: number for number, path in enumerate(by_path)}
        items = list(pack(map(self._opened, bundle), in_order=True))
        made = [item for item in items if isinstance(item, Chunk)]
        made.sort(key=lambda chunk: min(rank[piece.file.path] for piece in chunk.pieces))  # gaps were filled by others
        left_out = [item for item in items if isinstance(item, Unreviewed)]
        entered = self._entered(made, by_path)
        if self._writes and self._journal is not None:
            self._journal.enter(entered, _known(made, left_out, by_path))
        for chunk, packed in zip(made, entered, strict=True):
            self._out[id(chunk)] = chunk, packed, set()
        yield from left_out
        yield from made

    def _opened(self, rest: Rest) -> FileChange | Unreviewed:
        file = self._tree.opened(rest.entry)
        if isinstance(file, Unreviewed) or not rest.lines:
            return file
        hunks = [_cut(file, *lines) for lines in rest.lines]
        return _changed(file.path) if None in hunks else replace(file, hunks=tuple(filter(None, hunks)))

    def _entered(self, made: Sequence[Chunk], by_path: Mapping[str, Rest]) -> list[Packed]:
        counted: set[str] = set()
        entered = []
        for chunk in made:
            paths = {piece.file.path for piece in chunk.pieces}
            hiding = {
                piece.file.path: piece.file
                for piece in chunk.pieces
                if any(PLACEHOLDER in shown for shown in piece.shown) and piece.file.path not in counted
            }
            counted |= hiding.keys()
            members = tuple(
                Member(
                    piece.file.path,
                    by_path[piece.file.path].entry.blob,
                    piece.lines[0].new or 0,
                    piece.lines[-1].new or 0,
                    piece.hunk.new_start,
                    piece.hunk.new_start + piece.hunk.new_count - 1,
                )
                for piece in chunk.pieces
            )
            secrets = sum(map(self._secrets, hiding.values()))
            entered.append(Packed(members, self._guides.around(paths), secrets))
        return entered

    def _secrets(self, file: FileChange) -> int:
        """How many are hidden in a file."""
        before = self._aside.secrets
        for hunk in file.hunks:
            self._aside([line.text for line in hunk.lines])
        return self._aside.secrets - before

    def _restored(self, packed: Packed) -> Iterator[Chunk | Unreviewed]:
        """The chunk as it was packed, or what cannot be read of it any more."""
        files: dict[str, FileChange | Unreviewed] = {}
        parts = []
        for each in packed.members:
            if each.path not in files:
                files[each.path] = self._tree.opened(self._entries[each.path])
            file = files[each.path]
            hunk = None if isinstance(file, Unreviewed) else _cut(file, each.hunk_first, each.hunk_last)
            if isinstance(file, Unreviewed) or hunk is None:
                yield from (replace(_changed(one.path), lines=one.last - one.first + 1) for one in packed.members)
                return
            parts.append((file, hunk, each.first - each.hunk_first, each.last - each.hunk_first + 1))
        chunk = chunks.restored(parts, self._aside)
        self.secrets += packed.secrets
        self._out[id(chunk)] = chunk, packed, set()
        yield chunk


def _recalled(packed: Packed) -> Recalled:
    lines = tuple((each.path, each.last - each.first + 1) for each in packed.members)
    return Recalled(lines, tuple((packed.results or {}).values()))


def _known(made: Iterable[Chunk], left_out: Iterable[Unreviewed], by_path: Mapping[str, Rest]) -> Iterator[Known]:
    """Every file of a bundle that was packed or left out for good; what may be readable another time is tried again."""
    out: dict[str, list[Unreviewed]] = defaultdict(list)
    for entry in left_out:
        out[entry.path].append(entry)
    lines = {
        piece.file.path: piece.hunk.new_start + piece.hunk.new_count - 1 for chunk in made for piece in chunk.pieces
    }
    for path, rest in by_path.items():
        if any(entry.reason.is_loss for entry in out[path]):
            continue
        before = rest.known.left_out if rest.known else ()
        count = rest.known.lines if rest.known else lines.get(path, 0)
        yield Known(path, rest.entry.blob, count, (*before, *out[path]))


def _cut(file: FileChange, first: int, last: int) -> Hunk | None:
    """These lines of a file's one hunk, itself where they are all; null where they are not there any more."""
    hunk = next(iter(file.hunks), None)
    if hunk is None or hunk.new_count < last or (first, last) == (1, hunk.new_count):
        return hunk if hunk is not None and hunk.new_count >= last else None
    return Hunk(0, 0, first, last - first + 1, "", hunk.lines[first - 1 : last])


def _changed(path: str) -> Unreviewed:
    return Unreviewed(path, Reason.UNPARSABLE, "it changed while it was looked at: audit again")
