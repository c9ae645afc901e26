"""Every definition of a snapshot and who depends on whom: made in parallel, kept by what is in a file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from reviewer.context.facts import Facts, Kept, facts
from reviewer.context.neighbourhood import parts_of
from reviewer.syntax.grammars import Sort
from reviewer.syntax.imports import resolved
from reviewer.syntax.languages import dialect_of, family

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

MAX_FILES = 200_000
MAX_SIZE = 400_000
"""Bytes of a file that is worth an index."""
PARALLEL = 400
"""Files that are worth a second process: starting one takes as long as reading some hundred."""
SLICE = 100
MANY = 20
"""So many files that a module's path fits are meant by none."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the snapshot: `blob` is the hash of its content, `size` its bytes."""

    path: str
    blob: str
    size: int


Load = Callable[["Sequence[str]"], "Sequence[str | None]"]
"""Blobs → their texts, as many; null for what cannot be read. It goes to other processes: it must be picklable."""


@dataclass(frozen=True, slots=True)
class Known:
    """A definition by its line."""

    name: str
    sort: str
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Index:
    """`used_by`: for each file the others that import it, or use a name that it alone defines."""

    files: int = 0
    definitions: Mapping[str, tuple[Known, ...]] = field(default_factory=dict)
    used_by: Mapping[str, frozenset[str]] = field(default_factory=dict)
    capped: tuple[str, ...] = ()

    def weight(self, path: str) -> int:
        """How many other files depend on the file."""
        return len(self.used_by.get(path, ()))


def build(
    entries: Iterable[Entry],
    load: Load,
    *,
    folder: Path | None = None,
    workers: int = 1,
) -> Index:
    """What is in `folder` from before is not read again; null: nothing is kept. `workers` processes at most."""
    chosen = [entry for entry in entries if entry.size <= MAX_SIZE and _family(entry.path)]
    capped = (f"the index is of {MAX_FILES} of {len(chosen)} files",) if len(chosen) > MAX_FILES else ()
    chosen = chosen[:MAX_FILES]
    name = sha256("\0".join(f"{_key(entry)} {entry.path}" for entry in chosen).encode("utf-8", "replace")).hexdigest()
    with Kept(folder) as kept:
        index = _loaded(kept.whole(name), capped)
        if index is not None:
            return index
        known = kept.get([_key(entry) for entry in chosen])
        missing = [entry for entry in {_key(entry): entry for entry in chosen}.values() if _key(entry) not in known]
        fresh = dict(_read(missing, load, workers))
        kept.put(fresh)
        known.update(fresh)
        index = _joined([(entry.path, known[_key(entry)]) for entry in chosen if _key(entry) in known], capped)
        kept.put_whole(name, _dumped(index))
    return index


def _key(entry: Entry) -> str:
    """What is found in a file depends on its content and its language."""
    return f"{entry.blob} {dialect_of(entry.path)}"


def _read(entries: Sequence[Entry], load: Load, workers: int) -> Iterator[tuple[str, Facts]]:
    slices = [entries[start : start + SLICE] for start in range(0, len(entries), SLICE)]
    if workers < 2 or len(entries) < PARALLEL:
        for part in slices:
            yield from _of_slice(load, part)
        return
    # Not forked: other threads may hold locks at that moment.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for future in [pool.submit(_of_slice, load, part) for part in slices]:
            yield from future.result()


def _of_slice(load: Load, entries: Sequence[Entry]) -> list[tuple[str, Facts]]:
    texts = load([entry.blob for entry in entries])
    return [
        (_key(entry), facts(text, dialect_of(entry.path) or ""))
        for entry, text in zip(entries, texts, strict=True)
        if text is not None
    ]


def _joined(files: Sequence[tuple[str, Facts]], capped: tuple[str, ...]) -> Index:
    definitions: dict[str, list[Known]] = defaultdict(list)
    for path, found in files:
        for name, sort, line in found.definitions:
            definitions[name].append(Known(name, sort, path, line))
    known = {name: tuple(each) for name, each in definitions.items()}
    return Index(len(files), known, _dependents(files, known), capped)


def _dependents(
    files: Sequence[tuple[str, Facts]], definitions: Mapping[str, Sequence[Known]]
) -> dict[str, frozenset[str]]:
    owners = {}
    for name, known in definitions.items():
        paths = {each.path for each in known}
        if len(paths) == 1 and any(each.sort != Sort.CONSTANT for each in known):
            owners[name] = known[0].path
    by_end: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for path, _ in files:
        by_end[parts_of(path)[-2:]].append(path)
    used: dict[str, set[str]] = defaultdict(set)
    for path, found in files:
        meant = {owners[name] for name in owners.keys() & found.words}
        for module in found.modules:
            meant.update(_files_of(resolved(module, path), by_end))
        for owner in meant:
            if owner != path and _family(owner) == _family(path):
                used[owner].add(path)
    return {path: frozenset(users) for path, users in used.items()}


def _files_of(module: tuple[str, ...], by_end: Mapping[tuple[str, ...], Sequence[str]]) -> Sequence[str]:
    """The files that a module's path may mean; its last word may be a thing in the file."""
    for end in (module[-2:], module[:-1][-2:]):
        found = by_end.get(end, ()) if end else ()
        if 0 < len(found) <= MANY:
            return found
    return ()


@lru_cache(maxsize=MAX_FILES)
def _family(path: str) -> tuple[str, ...]:
    dialect = dialect_of(path)
    return family(dialect) if dialect else ()


def _dumped(index: Index) -> object:
    """Paths by number: they are most of it."""
    paths = sorted(
        {known.path for each in index.definitions.values() for known in each}
        | index.used_by.keys()
        | {user for users in index.used_by.values() for user in users}
    )
    number = {path: at for at, path in enumerate(paths)}
    return [
        index.files,
        paths,
        {name: [[k.sort, number[k.path], k.line] for k in each] for name, each in index.definitions.items()},
        [[number[path], sorted(number[user] for user in users)] for path, users in index.used_by.items()],
    ]


def _loaded(content: Any, capped: tuple[str, ...]) -> Index | None:
    """Null for what nobody here has written."""
    try:
        files, paths, definitions, used_by = content
        users = {paths[at]: frozenset(paths[user] for user in each) for at, each in used_by}
        return Index(int(files), _Rows(paths, definitions), users, capped)
    except (ValueError, TypeError, IndexError, AttributeError):
        return None


class _Rows(Mapping[str, tuple[Known, ...]]):
    """Definitions as they were kept: made into values when they are asked for. Raises where they are none."""

    def __init__(self, paths: Sequence[str], rows: Mapping[str, Sequence[Any]]) -> None:
        most = max((at for known in rows.values() for _, at, _ in known), default=-1)
        if most >= len(paths):
            raise IndexError(most)
        self._paths, self._rows = paths, rows

    def __getitem__(self, name: str) -> tuple[Known, ...]:
        return tuple(Known(name, str(sort), self._paths[at], int(line)) for sort, at, line in self._rows[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)
