"""Where names are defined and used in a snapshot: asked for once a run, however many chunks want to know."""

from __future__ import annotations

import re
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache, lru_cache
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from reviewer.context.snapshot import WORD
from reviewer.syntax import lines
from reviewer.syntax.definitions import definitions
from reviewer.syntax.languages import suffixes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from reviewer.context.snapshot import Hit, Snapshot
    from reviewer.syntax.definitions import Definition

CALL = r"(?<![\w$])NAME\s*(?:<[^<>()]*>)?[?!]?\("
_IDENTIFIER = re.compile(r"[^\W\d][\w$]*|\$[\w$]+")
MAX_KEPT = 2_000
"""Files whose definitions are remembered."""

_Key = tuple[tuple[str, ...], str, str]
"""Languages, `defines` or `calls`, and a name."""

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Place:
    """A line (1-based) of a file."""

    path: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Sightings:
    """For each name the lines that seem to define it, and for each changed one those that call it."""

    defining: Mapping[str, Sequence[Hit]]
    calling: Mapping[str, Sequence[Hit]]


class _Once:
    """Values by key; whoever asks second waits for whoever asked first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._futures: dict[_Key, Future[Sequence[Hit]]] = {}

    def claim(self, keys: Iterable[_Key]) -> list[_Key]:
        """Those that nobody has asked for yet: they are the caller's to `settle`."""
        with self._lock:
            mine = [key for key in dict.fromkeys(keys) if key not in self._futures]
            self._futures.update((key, Future()) for key in mine)
        return mine

    def settle(self, keys: Iterable[_Key], found: Mapping[_Key, Sequence[Hit]]) -> None:
        """What was found for the keys claimed; nothing, where the search broke off."""
        for key in keys:
            self._futures[key].set_result(found.get(key, ()))

    def get(self, key: _Key) -> Sequence[Hit]:
        """Waits until it is settled."""
        return self._futures[key].result()


class Remembered:
    """A snapshot that is asked everything once: files, their definitions, and where names are. For several threads."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._once = _Once()
        self._lock = Lock()
        self._definitions: dict[str, tuple[Definition, ...]] = {}
        self._texts: dict[str, str | None] = {}

    @property
    def capped(self) -> Sequence[str]:
        """Which bounds were hit so far."""
        return self._snapshot.capped

    def read(self, path: str) -> str | None:
        """The file, or null."""
        return _kept(self._texts, path, self._snapshot.read)

    def grep(self, words: Collection[str], shape: str = WORD, suffixes: Collection[str] = ()) -> Sequence[Hit]:
        """As the snapshot does it."""
        return self._snapshot.grep(words, shape, suffixes)

    def paths(self) -> Sequence[str]:
        """The tracked files."""
        return self._snapshot.paths()

    def definitions(self, path: str) -> tuple[Definition, ...]:
        """What the file defines; nothing where it cannot be read."""
        return _kept(self._definitions, path, self._read_definitions)

    def sightings(self, dialects: tuple[str, ...], defined: Collection[str], called: Collection[str]) -> Sightings:
        """One search for what is not known yet of `defined` and `called`, in the files of these languages."""
        wanted = [*((dialects, "defines", name) for name in defined), *((dialects, "calls", name) for name in called)]
        mine = self._once.claim(wanted)
        found: dict[_Key, list[Hit]] = {}
        try:
            if mine:
                found = self._searched(dialects, mine)
        finally:
            self._once.settle(mine, found)
        return Sightings(
            {name: self._once.get((dialects, "defines", name)) for name in defined},
            {name: self._once.get((dialects, "calls", name)) for name in called},
        )

    def _searched(self, dialects: tuple[str, ...], keys: Iterable[_Key]) -> dict[_Key, list[Hit]]:
        names: dict[str, set[str]] = {"defines": set(), "calls": set()}
        for _, what, name in keys:
            names[what].add(name)
        shapes = []
        if names["defines"]:
            shapes.append(lines.filled(_defining(dialects), names["defines"]))
        if names["calls"]:
            shapes.append(lines.filled(CALL, names["calls"]))
        hits = self._snapshot.grep(names["defines"] | names["calls"], "|".join(shapes), suffixes(dialects))
        found: dict[_Key, list[Hit]] = {}
        for what, shape in (("defines", _defining(dialects)), ("calls", CALL)):
            for hit in hits if names[what] else ():
                for name in _matching(hit.text, shape, names[what]):
                    found.setdefault((dialects, what, name), []).append(hit)
        return found

    def _read_definitions(self, path: str) -> tuple[Definition, ...]:
        source = self.read(path)
        return () if source is None else definitions(source, path)


def remembered(snapshot: Snapshot) -> Remembered:
    """The snapshot with a memory; itself where it has one."""
    return snapshot if isinstance(snapshot, Remembered) else Remembered(snapshot)


class Lookup:
    """Is a name defined, is it used: what a claim about absence is held against."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._memory = remembered(snapshot)

    @property
    def capped(self) -> bool:
        """Whether a bound was hit: then nothing found proves nothing."""
        return bool(self._memory.capped)

    def read(self, path: str) -> str | None:
        """The file, or null."""
        return self._memory.read(path)

    def definitions(self, name: str) -> Sequence[Place]:
        """Where something of this name is defined, in any language."""
        places = {}
        for hit in self._memory.grep([name]):
            for each in self._memory.definitions(hit.path):
                if each.name == name:
                    places[hit.path, each.first] = Place(hit.path, each.first, each.signature)
        return tuple(places[at] for at in sorted(places))

    def uses(self, name: str) -> Sequence[Place]:
        """The lines that hold the name as a word, but for those that define it."""
        defined = {(place.path, place.line) for place in self.definitions(name)}
        hits = self._memory.grep([name])
        return tuple(Place(hit.path, hit.line, hit.text) for hit in hits if (hit.path, hit.line) not in defined)


def _matching(text: str, shape: str, names: Collection[str]) -> Iterator[str]:
    """Which of the names the shape finds in a line that may hold several of them."""
    for name in dict.fromkeys(_IDENTIFIER.findall(text)):
        if name in names and _for_one(shape, name).search(text):
            yield name


@lru_cache(maxsize=4_096)
def _for_one(shape: str, name: str) -> re.Pattern[str]:
    return re.compile(lines.filled(shape, [name]))


@cache
def _defining(dialects: tuple[str, ...]) -> str:
    return "|".join(dict.fromkeys(lines.shape(dialect) for dialect in dialects))


def _kept(memory: dict[str, Value], path: str, make: Callable[[str], Value]) -> Value:
    """Two threads may make the same value at once; they make the same."""
    if path in memory:
        return memory[path]
    value = make(path)
    if len(memory) >= MAX_KEPT:
        memory.clear()
    memory[path] = value
    return value
