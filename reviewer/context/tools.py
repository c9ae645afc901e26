"""What a model may look up in the repository under review: read-only, confined to its files, bounded.

Patterns are plain text and globs are matched without backtracking: a model that was talked into it can waste the calls
it has, and no more time than that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from reviewer.change.numbered import shown_path
from reviewer.context import arguments as asked
from reviewer.context.arguments import Wrong, quoted
from reviewer.context.definitions import remembered
from reviewer.context.files import Files
from reviewer.context.globs import matcher
from reviewer.context.offers import OFFERS
from reviewer.errors import ReviewerError
from reviewer.syntax import lines as shapes
from reviewer.syntax.languages import dialect_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from reviewer.context.files import Shown
    from reviewer.context.snapshot import Snapshot
    from reviewer.messages import Tool

_WORD = re.compile(r"[$\w]*\w[$\w]*")
_SEPARATORS = re.compile(r"::|->|[.#/]")
_REGEX = re.compile(r"\\[a-zA-Z.(|]|\.[*+]|\(\?|[^|]\|[^|]")


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one call: lines of a file or definition, hits, paths and definitions told; files looked into; characters in
    all and of one line."""

    lines: int = 200
    hits: int = 40
    paths: int = 200
    places: int = 5
    files: int = 60
    characters: int = 12_000
    width: int = 300


class Toolbox:
    """Answers calls; safe for many threads if `snapshot` is. `visible` hides more than the credentials files.

    `show` sees whole files: give it a counter of its own where it counts secrets.
    """

    specs: tuple[Tool, ...] = OFFERS

    def __init__(
        self,
        snapshot: Snapshot,
        show: Shown,
        *,
        visible: Callable[[str], bool] = bool,
        limits: Limits | None = None,
    ) -> None:
        self._memory = remembered(snapshot)
        self._files = Files(self._memory, show, visible)
        self._limits = limits or Limits()
        self._answers: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
            "read_file": self._read_file,
            "search": self._search,
            "list_files": self._list_files,
            "definition": self._definition,
        }

    def call(self, name: str, arguments: str) -> str:
        """What the call gives, or `error: …`; never raises, whatever the arguments."""
        try:
            return self._answer(name)(asked.read(arguments))
        except Wrong as wrong:
            return f"error: {wrong}"
        except ReviewerError:
            # A look-up is not worth a review: where the repository cannot be asked, the model does without.
            return "error: the repository cannot be read just now"

    def _answer(self, name: str) -> Callable[[Mapping[str, Any]], str]:
        if name not in self._answers:
            raise Wrong(f"there is no tool {quoted(name)}; there are {', '.join(self._answers)}")
        return self._answers[name]

    def _read_file(self, given: Mapping[str, Any]) -> str:
        path = self._files.known(asked.text(given, "path"))
        lines = self._files.lines(path)
        if not lines:
            raise Wrong(f"{quoted(path)} cannot be read: it is empty, binary, too large or not at hand")
        first = max(1, asked.number(given, "start", 1))
        last = min(asked.number(given, "end", len(lines)), len(lines))
        if first > len(lines):
            raise Wrong(f"{quoted(path)} has only {len(lines)} lines")
        if last < first:
            raise Wrong("end comes before start")
        rows = self._rows(lines, range(first, min(last, first + self._limits.lines - 1) + 1))
        shown = first + len(rows) - 1
        more = f"; for more: start {shown + 1}" if shown < last else ""
        return "\n".join([f"{shown_path(path)}, lines {first}-{shown} of {len(lines)}{more}", *rows])

    def _search(self, given: Mapping[str, Any]) -> str:
        pattern = asked.text(given, "pattern")
        words = _WORD.findall(pattern)
        if not words:
            raise Wrong("the pattern needs a word: letters, digits or _")
        candidates = self._candidates(pattern, max(words, key=len), _fitting(given))
        looked_into = list(islice(candidates, self._limits.files))
        found = [
            (path, range(number, number + 1))
            for path in looked_into
            for number in candidates[path]
            # As it is shown: what is hidden cannot be guessed piece by piece either.
            if pattern in _line(self._files.lines(path), number)
        ]
        if not found:
            hint = ", and it is plain text, no regular expression" if _REGEX.search(pattern) else ""
            raise Wrong(f"nothing found for {quoted(pattern)}: its words are whole words{hint}")
        return self._listed(found, self._limits.hits, more=len(candidates) > len(looked_into))

    def _candidates(self, pattern: str, word: str, fits: Callable[[str], bool]) -> dict[str, list[int]]:
        """Lines that may hold the pattern, by file; of a long one the snapshot tells the beginning."""
        numbers: dict[str, list[int]] = {}
        for hit in self._files.hits(word):
            if (pattern in hit.text or len(hit.text) > self._limits.width) and fits(hit.path):
                numbers.setdefault(hit.path, []).append(hit.line)
        return numbers

    def _list_files(self, given: Mapping[str, Any]) -> str:
        fits = _fitting(given)
        paths = [path for path in self._files.paths if fits(path)]
        if not paths:
            raise Wrong("no file matches: `*` stands for anything, {a,b} is not understood")
        rows = self._within(map(shown_path, paths[: self._limits.paths]))
        more = [f"… and {len(paths) - len(rows)} more: narrow the glob"] if len(rows) < len(paths) else []
        return "\n".join([*rows, *more])

    def _definition(self, given: Mapping[str, Any]) -> str:
        symbol = asked.text(given, "symbol").strip().removesuffix("()")
        name = _SEPARATORS.split(symbol)[-1]
        words = _WORD.findall(name)
        if not words:
            raise Wrong("the symbol needs a name: letters, digits or _")
        paths = self._defining_first(name, max(words, key=len))
        found = [
            (path, range(each.first, each.last + 1))
            for path in paths
            for each in self._memory.definitions(path)
            if each.name == name
        ]
        if not found:
            seen = f"the {len(paths)} files that were looked into" if paths else "any file"
            raise Wrong(f"no definition of {quoted(name)} in {seen}; it may come from a library")
        return self._listed(found, self._limits.places)

    def _defining_first(self, name: str, word: str) -> list[str]:
        """The files to look into: first those with a line that looks like a definition of `name`."""
        known: dict[str | None, re.Pattern[str]] = {}
        likely: list[str] = []
        others: list[str] = []
        for hit in self._files.hits(word):
            dialect = dialect_of(hit.path)
            if dialect not in known:
                known[dialect] = re.compile(shapes.filled(shapes.shape(dialect), (name,)) if dialect else "(?!)")
            (likely if known[dialect].search(hit.text) else others).append(hit.path)
        return list(islice(dict.fromkeys((*likely, *others)), self._limits.files))

    def _listed(self, places: Sequence[tuple[str, range]], most: int, *, more: bool = False) -> str:
        """Lines under the paths of their files, as many as fit."""
        rows: list[str] = []
        previous = ""
        cut = more or len(places) > most
        for path, numbers in places[:most]:
            if path != previous:
                rows += ([""] if rows else []) + [shown_path(path)]
                previous = path
            rows += self._rows(self._files.lines(path), numbers[: self._limits.lines])
            cut |= len(numbers) > self._limits.lines
        told = self._within(rows)
        cut |= len(told) < len(rows)
        return "\n".join([*told, *(["… there is more: ask for less at once"] if cut else [])])

    def _rows(self, lines: Sequence[str], numbers: Iterable[int]) -> list[str]:
        """Numbered as in the change; a long line is cut only after it was shown."""
        kept = (number for number in numbers if 0 < number <= len(lines))
        return self._within(f"{number} {self._narrow(lines[number - 1])}" for number in kept)

    def _narrow(self, line: str) -> str:
        width = self._limits.width
        return line if len(line) <= width else f"{line[:width]}… ({len(line)} characters)"

    def _within(self, rows: Iterable[str]) -> list[str]:
        """The first rows, as many as a result may have characters."""
        kept: list[str] = []
        left = self._limits.characters
        for row in rows:
            left -= len(row) + 1
            if left < 0:
                break
            kept.append(row)
        return kept


def _line(lines: Sequence[str], number: int) -> str:
    return lines[number - 1] if 0 < number <= len(lines) else ""


def _fitting(given: Mapping[str, Any]) -> Callable[[str], bool]:
    glob = asked.text(given, "glob", "")
    return matcher(glob.strip().removeprefix("./")) if glob.strip() else bool
