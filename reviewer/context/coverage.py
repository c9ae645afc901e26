"""Which lines the tests ran: Cobertura XML (coverage.py, gcovr, coverlet, Istanbul …) and lcov."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reviewer.context import places
from reviewer.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from reviewer.context.places import Names

MAX_DEPTH, MAX_SOURCES, MAX_FILES, MAX_LINE = 100, 50, 100_000, 10_000_000

_NUMBER = re.compile(r"-?[0-9]{1,30}")
_FORMATS = "coverage is read as Cobertura XML (`coverage xml`) or lcov (`coverage lcov`)"
_RECORD = re.compile(rb"SF:([^\n]{1,5000})|DA:([0-9]{1,8}),(-?[0-9]{1,30})(?![0-9])|(end_of_record)")


@dataclass(slots=True)
class Lines:
    """The lines of one file that can be run: those that some test ran, and those that none did."""

    covered: set[int] = field(default_factory=set)
    missed: set[int] = field(default_factory=set)

    def add(self, number: int, hits: int) -> None:
        """A line may be told several times: once for each class, method or test that has it."""
        if 0 < number <= MAX_LINE:
            (self.covered if hits > 0 else self.missed).add(number)


@dataclass(frozen=True, slots=True)
class Measured:
    """The files of one coverage report, by what they may be called."""

    files: Mapping[Names, Lines]


def cobertura(data: bytes, name: str) -> Measured:
    """Reads Cobertura XML; `Misuse`, which calls the file `name`, where it is not, is broken or declares entities."""
    from xml.parsers import expat  # nothing is fetched: an external DTD is read only by who sets a handler for it

    reader = _Cobertura(name)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.begin
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.read
    parser.EntityDeclHandler = parser.AttlistDeclHandler = reader.refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # the latter two: an encoding that Python lacks
        where = f" (line {error.lineno})" if isinstance(error, expat.ExpatError) else ""
        raise Misuse(f"{name} is no well-formed XML{where}: {_FORMATS}") from error
    if not reader.has_packages:
        raise Misuse(f"{name} is XML, but not Cobertura (no <packages> in <coverage>): {_FORMATS}")
    return Measured(reader.files())


class _Cobertura:
    """Listens to the parser; holds no more of the file than the numbers of its lines."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._depth = 0
        self._sources: list[str] = []
        self._text: list[str] | None = None
        self._lines: Lines | None = None
        self._by_name: dict[str, Lines] = {}
        self.has_packages = False

    def begin(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Misuse(f"{self._name} is XML, but nested too deeply: {_FORMATS}")
        if self._depth == 1 and tag != "coverage":
            raise Misuse(f"{self._name} is XML, but not Cobertura (its root is no <coverage>): {_FORMATS}")
        if tag == "packages" and self._depth == 2:  # a child of the root
            self.has_packages = True
        elif tag == "source":
            self._text = []
        elif tag == "class":
            self._lines = self._by_name.setdefault(attributes.get("filename", ""), Lines())
        elif tag == "line" and self._lines is not None:
            number, hits = (_NUMBER.fullmatch(attributes.get(key, "")) for key in ("number", "hits"))
            if number and hits:
                self._lines.add(int(number[0]), int(hits[0]))

    def end(self, tag: str) -> None:
        """An element ends."""
        self._depth -= 1
        if tag == "source" and self._text is not None:
            self._sources.append("".join(self._text).strip()[: places.MAX_NAME])
            self._text = None
        elif tag == "class":
            self._lines = None

    def read(self, text: str) -> None:
        """Text within an element."""
        if self._text is not None:
            self._text.append(text)

    def refuse(self, *_: object) -> None:
        """An entity is declared, or a default for an attribute: both make much of little."""
        raise Misuse(f"{self._name} declares XML entities or defaults, which no coverage report needs: {_FORMATS}")

    def files(self) -> dict[Names, Lines]:
        """A name is relative to one of the sources, nobody says which."""
        found: dict[Names, Lines] = {}
        if len(self._sources) > MAX_SOURCES:
            raise Misuse(f"{self._name} names {len(self._sources)} source folders: at most {MAX_SOURCES} are tried")
        for name, lines in _bounded(self._by_name, self._name).items():
            spelled = [name, *(f"{source}/{name}" for source in self._sources if not name.startswith("/"))]
            _enter(found, spelled, lines)
        return found


def lcov(data: bytes, name: str) -> Measured:
    """Reads an lcov tracefile; `Misuse`, which calls the file `name`, where it names no file."""
    by_name: dict[str, Lines] = {}
    lines: Lines | None = None
    for row in data.split(b"\n"):
        record = _RECORD.match(row)
        if record is None:
            continue
        if record[1]:
            source = record[1].decode("utf-8", "backslashreplace").strip()
            lines = by_name.setdefault(source, Lines())
        elif record[4]:
            lines = None
        elif lines is not None:
            lines.add(int(record[2]), int(record[3]))
    if not by_name:
        raise Misuse(f"{name} is no lcov file (no SF: record): {_FORMATS}")
    found: dict[Names, Lines] = {}
    for source, measured in _bounded(by_name, name).items():
        _enter(found, [source], measured)
    return Measured(found)


def _bounded(by_name: dict[str, Lines], name: str) -> dict[str, Lines]:
    if len(by_name) > MAX_FILES:
        raise Misuse(f"{name} measures {len(by_name)} files: at most {MAX_FILES} are read; split it")
    return by_name


def _enter(found: dict[Names, Lines], spelled: Iterable[str], lines: Lines) -> None:
    names = tuple(dict.fromkeys(name for name in map(places.normal, spelled) if name))
    if names:
        known = found.setdefault(names, Lines())
        known.covered |= lines.covered
        known.missed |= lines.missed


Range = tuple[int, int]


def uncovered(added: Iterable[int], reports: Collection[Lines]) -> tuple[tuple[Range, ...], int]:
    """The added lines that no report covers, as ranges, and how many they are.

    A range goes on over added lines that cannot be run, such as blank ones. `added` is in order.
    """
    ranges: list[Range] = []
    count, previous, joins = 0, 0, False
    for number in added:
        covered = any(number in lines.covered for lines in reports)
        if not covered and any(number in lines.missed for lines in reports):
            count += 1
            if joins and number == previous + 1:
                ranges[-1] = ranges[-1][0], number
            else:
                ranges.append((number, number))
            joins = True
        else:
            joins = joins and number == previous + 1 and not covered
        previous = number
    return tuple(ranges), count


def in_words(ranges: Iterable[Range]) -> str:
    """`10-14, 20`."""
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)
