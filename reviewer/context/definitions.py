"""Where names are defined and used in a snapshot: asked for once a run, however many chunks want to know."""

from __future__ import annotations

import re
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Generic, TypeVar

from reviewer.context.snapshot import WORD
from reviewer.syntax import lines
from reviewer.syntax.definitions import definitions
from reviewer.syntax.languages import dialect_of, suffixes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from reviewer.context.index import Index
    from reviewer.context.snapshot import Hit, Snapshot
    from reviewer.context.symbols import Part
    from reviewer.syntax.definitions import Definition

CALL = r"(?<![\w$])NAME\s*(?:<[^<>()]*>)?[?!]?\("
_IDENTIFIER = re.compile(r"[^\W\d][\w$]*|\$[\w$]+")
SECONDS = 30.0
"""Spent on parsing in one review: hostile sources take seconds each where others take a millisecond."""
_SLOW = "the repository's sources take too long to parse: some were only read line by line"
MAX_KEPT = 2_000
"""Files that are remembered, and as many whose definitions are."""
MAX_CHARACTERS = 32_000_000
"""Of the files that are remembered, and as many of their definitions."""
_RECORD = 300
"""Characters that a definition costs besides its texts."""

_Key = tuple[tuple[str, ...], str, str]
"""Languages, `defines` or `calls`, and a name."""

Key = TypeVar("Key")
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


@dataclass(frozen=True, slots=True)
class Defining:
    """`paths` gives the files that define a name which a part uses; `sightings` are of what a change touches."""

    paths: Callable[[Part, str], Sequence[str]]
    sightings: Sightings


class _Once(Generic[Key]):
    """Values by key; whoever asks second waits for whoever asked first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._futures: dict[Key, Future[Sequence[Hit]]] = {}

    def claim(self, keys: Iterable[Key]) -> list[Key]:
        """Those that nobody has asked for yet: they are the caller's to `settle`."""
        with self._lock:
            mine = [key for key in dict.fromkeys(keys) if key not in self._futures]
            self._futures.update((key, Future()) for key in mine)
        return mine

    def settle(self, keys: Iterable[Key], found: Mapping[Key, Sequence[Hit]]) -> None:
        """What was found for the keys claimed; nothing, where the search broke off."""
        for key in keys:
            self._futures[key].set_result(found.get(key, ()))

    def get(self, key: Key) -> Sequence[Hit]:
        """Waits until it is settled."""
        return self._futures[key].result()


class _Kept(Generic[Value]):
    """What was made last of files, by path: so many, and of so many characters."""

    def __init__(self, size: Callable[[Value], int]) -> None:
        self._size = size
        self._lock = Lock()
        self._values: dict[str, Value] = {}
        self._held = 0

    def get(self, path: str, make: Callable[[str], Value]) -> Value:
        """Two threads may make the same value at once; they make the same."""
        with self._lock:
            if path in self._values:
                return self._values[path]
        value = make(path)
        with self._lock:
            if path not in self._values:
                self._values[path] = value
                self._held += self._size(value)
            while len(self._values) > MAX_KEPT or self._held > MAX_CHARACTERS:
                self._held -= self._size(self._values.pop(next(iter(self._values))))
        return value


class Remembered:
    """A snapshot that is asked everything once: files, their definitions, and where names are. For several threads."""

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        index: Index | None = None,
        seconds: float = SECONDS,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`seconds` may be spent on parsing; what comes after is read by its lines. `index` spares searches."""
        self._snapshot, self._index = snapshot, index
        self._left, self._clock = seconds, clock
        self._once: _Once[_Key] = _Once()
        self._greps: _Once[tuple[tuple[str, ...], str, tuple[str, ...]]] = _Once()
        self._lock = Lock()
        self._definitions: _Kept[tuple[Definition, ...]] = _Kept(_size)
        self._texts: _Kept[str | None] = _Kept(lambda text: len(text or ""))

    @property
    def capped(self) -> Sequence[str]:
        """Which bounds were hit so far."""
        said = (*((_SLOW,) if self._left <= 0 else ()), *((self._index.trouble,) if self._index else ()))
        return (*self._snapshot.capped, *filter(None, said))

    def read(self, path: str) -> str | None:
        """The file, or null."""
        return self._texts.get(path, self._snapshot.read)

    def grep(self, words: Collection[str], shape: str = WORD, suffixes: Collection[str] = ()) -> Sequence[Hit]:
        """As the snapshot does it; the same search is made once."""
        key = tuple(sorted(set(words))), shape, tuple(sorted(suffixes))
        if self._greps.claim([key]):
            hits: Sequence[Hit] = ()
            try:
                hits = self._snapshot.grep(words, shape, suffixes)
            finally:
                self._greps.settle([key], {key: hits})
        return self._greps.get(key)

    def paths(self) -> Sequence[str]:
        """The tracked files."""
        return self._snapshot.paths()

    def definitions(self, path: str) -> tuple[Definition, ...]:
        """What the file defines; nothing where it cannot be read."""
        return self._definitions.get(path, self._read_definitions)

    def defining(self, parts: Sequence[Part], names: Collection[str], called: Collection[str]) -> Defining:
        """Where `names` are defined and `called` ones are called, for parts of one family of languages."""
        dialects = parts[0].family
        if self._index is not None:
            return Defining(self._index.defining(parts, names), self.sightings(dialects, called, called))
        seen = self.sightings(dialects, {*names, *called}, called)
        return Defining(lambda _, name: list(dict.fromkeys(hit.path for hit in seen.defining.get(name, ()))), seen)

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
                for name in _matching(hit.text, shape, names[what]) or _held(hit.text, names[what]):
                    found.setdefault((dialects, what, name), []).append(hit)
        return found

    def _read_definitions(self, path: str) -> tuple[Definition, ...]:
        source = self.read(path)
        if source is None:
            return ()
        start = self._clock()
        found = definitions(source, path, parsed=self._left > 0)
        with self._lock:
            self._left -= self._clock() - start
        return found


def remembered(snapshot: Snapshot) -> Remembered:
    """The snapshot with a memory; itself where it has one."""
    return snapshot if isinstance(snapshot, Remembered) else Remembered(snapshot)


class Lookup:
    """Is a name defined, is it used: what a claim about absence is held against. For several threads."""

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
        """The lines that define something of this name, in any language; of too common a name the first few."""
        return tuple(Place(hit.path, hit.line, hit.text) for hit in self._hits(name) if self._defines(hit, name))

    def uses(self, name: str) -> Sequence[Place]:
        """The lines that hold the name as a word, but for those that define it."""
        return tuple(Place(hit.path, hit.line, hit.text) for hit in self._hits(name) if not self._defines(hit, name))

    def _hits(self, name: str) -> Sequence[Hit]:
        return self._memory.grep([name])

    def _defines(self, hit: Hit, name: str) -> bool:
        """By the line, and for a file that can be parsed by what is parsed."""
        dialect = dialect_of(hit.path)
        if dialect is None or name not in _matching(hit.text, lines.shape(dialect), {name}):
            return False
        found = [each for each in self._memory.definitions(hit.path) if each.name == name]
        return any(each.first <= hit.line <= each.head for each in found)


def _matching(text: str, shape: str, names: set[str]) -> set[str]:
    """Which of the names the shape finds in a line that may hold several of them."""
    held = _held(text, names)
    if not held:
        return held
    found = {name.rstrip("?!") for match in _general(shape).finditer(text) for name in match.groups() if name}
    return held & found


def _held(text: str, names: set[str]) -> set[str]:
    return names.intersection(_IDENTIFIER.findall(text))


def _size(found: Sequence[Definition]) -> int:
    return sum(_RECORD + len(each.signature) + len(each.doc) for each in found)


@cache
def _general(shape: str) -> re.Pattern[str]:
    """The shape for any name: each alternative has a group for it."""
    return re.compile(shape.replace(lines.NAME, f"({lines.ANY})"))


@cache
def _defining(dialects: tuple[str, ...]) -> str:
    return "|".join(dict.fromkeys(lines.shape(dialect) for dialect in dialects))
