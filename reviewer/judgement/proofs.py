"""What a repository proves of a name, by its syntax trees: it is defined, used, tested; it is a file.

Only Python, JavaScript, TypeScript and Go are read that closely, and what Java imports; of the rest nothing is proven.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from reviewer.change.families import is_test
from reviewer.syntax.definitions import definitions, enclosing
from reviewer.syntax.grammars import Sort
from reviewer.syntax.presence import SCRIPTS, Import, Role, Source, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reviewer.findings import Span
    from reviewer.syntax.definitions import Definition

MAX_FILES = 20
"""Files in which a use of one name is looked for."""

_USED, _CALLED = frozenset({Role.CALL, Role.READ}), frozenset({Role.CALL})
_RUNS_LATER = frozenset({Sort.FUNCTION, Sort.METHOD})
_COMPILED = frozenset({"go", "java"})
_FOLDERS = frozenset({"__init__", "index"})
_CONDITIONS = ("//go:build", "// +build")


class Place(Protocol):
    """A line of the repository as the change leaves it."""

    @property
    def path(self) -> str:
        """Its file."""
        ...

    @property
    def line(self) -> int:
        """Its number."""
        ...


class Lookup(Protocol):
    """What the repository holds."""

    @property
    def capped(self) -> bool:
        """Whether there may be more than is told."""
        ...

    def definitions(self, name: str) -> Sequence[Place]:
        """Where something of this name is defined."""
        ...

    def uses(self, name: str) -> Sequence[Place]:
        """Where the name stands as a word of its own."""
        ...

    def read(self, path: str) -> str | None:
        """A file of it; null where there is none, or it is binary or too large."""
        ...


class _File:
    """A file that is read closely."""

    def __init__(self, path: str, text: str, source: Source) -> None:
        self.path, self.source = path, source
        self.rows = text.split("\n")
        self.defined = definitions(text, path)

    def top(self, name: str) -> Iterator[Definition]:
        """What the file defines under that name for all of its code, whatever happens."""
        for each in self.defined:
            row = self.rows[each.first - 1]
            alone = all(other is each for other in enclosing(self.defined, each.first))
            if each.name == name and not each.container and alone and not row[:1].isspace():
                yield each

    def around(self, line: int) -> Definition | None:
        """The outermost function whose body has the line."""
        functions = (each for each in enclosing(self.defined, line) if each.sort in _RUNS_LATER and each.head < line)
        return next(functions, None)

    def first(self, name: str, roles: frozenset[Role], *outside: tuple[int, int]) -> int | None:
        """The first line where the name has one of the roles; null where it may be another thing of that name too."""
        spots = self.source.spots(name)
        if spots is None:
            return None
        left = [spot for spot in spots if not any(start <= spot.line <= end for start, end in outside)]
        if any(spot.role in (Role.OTHER, Role.DEFINITION) for spot in left):
            return None
        return next((spot.line for spot in left if spot.role in roles), None)


def that_it_is_defined(name: str, span: Span, lookup: Lookup) -> str | None:
    """Defined or imported in the very file, above the line in question where order matters; Go: in its package."""
    file = _opened(span.path, lookup)
    if file is None or span.first is None:
        return None
    around = file.around(span.first)
    ordered = around is None and file.source.language not in _COMPILED
    if around is not None and file.source.language != "java" and _bound_anew(name, file, around):
        return None
    erased = {Sort.TYPE} if file.source.language in SCRIPTS else set()
    places = [
        (each.first, "defined")
        for each in file.top(name)
        if each.sort not in erased and not file.rows[each.first - 1].startswith(("declare ", "export declare "))
    ]
    imported = file.source.imports().get(name)
    places += [] if imported is None else [(imported.line, "imported")]
    for line, how in places:
        if (not ordered or line < span.first) and not _within(line, span):
            return f"`{name}` is {how} at {span.path}:{line}"
    return _in_the_package(name, file, lookup) if file.source.language == "go" else None


def that_it_is_called(name: str, span: Span, lookup: Lookup) -> str | None:
    """As `that_it_is_used`; to be named is not enough."""
    return that_it_is_used(name, span, lookup, _CALLED, "called")


def that_it_is_used(
    name: str, span: Span, lookup: Lookup, roles: frozenset[Role] = _USED, how: str = "used"
) -> str | None:
    """An import in its file, a definition without a namesake anywhere; tests count for what is in tests alone."""
    file = _opened(span.path, lookup)
    ends = () if span.first is None else ((span.first, span.last or span.first),)
    imported = file.source.imports().get(name) if file is not None else None
    if file is not None and imported is not None:
        line = file.first(name, roles, *ends)
        return None if line is None else f"`{name}` is {how} at {span.path}:{line}"
    found = _only(name, lookup)
    if found is None:
        return None
    home, definition = found
    line = home.first(name, roles, (definition.first, definition.last), *(ends if home.path == span.path else ()))
    if line is not None:
        return f"`{name}` is {how} at {home.path}:{line}"
    return _used_elsewhere(name, home, lookup, roles, how, tests=is_test(home.path))


def that_it_is_tested(name: str, _: Span, lookup: Lookup) -> str | None:
    """Called in a test that has it from the only place where it is defined."""
    found = _only(name, lookup)
    return None if found is None else _used_elsewhere(name, found[0], lookup, _CALLED, "called in a test", tests=True)


def that_it_is_a_file(path: str, _: Span, lookup: Lookup) -> str | None:
    """There to be read."""
    return f"`{path}` is in the repository" if lookup.read(path) is not None else None


def _opened(path: str, lookup: Lookup) -> _File | None:
    text = lookup.read(path)
    source = None if text is None else parsed(text, path)
    return None if text is None or source is None else _File(path, text, source)


def _only(name: str, lookup: Lookup) -> tuple[_File, Definition] | None:
    """The one thing of that name in the repository, if all of its file can use it."""
    places = lookup.definitions(name)
    if len(places) != 1 or lookup.capped:
        return None
    file = _opened(places[0].path, lookup)
    found = list(file.top(name)) if file is not None else []
    return (file, found[0]) if file is not None and len(found) == 1 else None


def _used_elsewhere(
    name: str, home: _File, lookup: Lookup, roles: frozenset[Role], how: str, *, tests: bool
) -> str | None:
    paths = dict.fromkeys(place.path for place in lookup.uses(name))
    for path in [path for path in paths if path != home.path and is_test(path) is tests][:MAX_FILES]:
        file = _opened(path, lookup)
        line = None if file is None else _taken_from(home.path, name, file, roles)
        if line is not None:
            return f"`{name}` is {how} at {path}:{line}"
    return None


def _taken_from(home: str, name: str, file: _File, roles: frozenset[Role]) -> int | None:
    """The line of `file` on which it uses what it has from `home` under that name."""
    imports = file.source.imports()
    is_go = file.source.language == "go"
    if name in imports or (is_go and _folder(home) == _folder(file.path) and home.endswith(".go")):
        own = is_go or _is_from(imports[name], "", home)
        return file.first(name, roles) if own else None
    for spot in file.source.spots(name) or ():
        receiver = imports.get(spot.receiver)
        if receiver is not None and _is_from(receiver, spot.receiver, home):
            return spot.line
    return None


def _is_from(imported: Import, receiver: str, home: str) -> bool:
    """Whether the module is that file, or the receiver a module of it; Go: the folder."""
    words = _words(home)
    given = tuple(part for part in re.split(r"[./\\]+", re.sub(r"\.[cm]?[jt]sx?\Z", "", imported.module)) if part)
    for parts in (given, (*given, receiver) if receiver else given):
        common = min(2, len(parts), len(words))
        if common and parts[-common:] == words[-common:]:
            return True
    return False


def _words(path: str) -> tuple[str, ...]:
    *folders, file = path.split("/")
    stem = file.partition(".")[0]
    return tuple(folders) if stem in _FOLDERS or path.endswith(".go") else (*folders, stem)


def _in_the_package(name: str, file: _File, lookup: Lookup) -> str | None:
    """Go's files of one folder see each other's definitions, tests those of all and nobody those of tests."""
    places = lookup.definitions(name)
    beside = [each for each in places if _folder(each.path) == _folder(file.path) and each.path != file.path]
    if len(beside) != 1 or (beside[0].path.endswith("_test.go") and not file.path.endswith("_test.go")):
        return None
    other = _opened(beside[0].path, lookup)
    conditional = other is None or any(row.startswith(_CONDITIONS) for row in other.rows)
    if other is None or conditional or _package(other) != _package(file) or not any(other.top(name)):
        return None
    return f"`{name}` is defined at {other.path}:{beside[0].line}"


def _package(file: _File) -> str | None:
    return next((row.split()[1] for row in file.rows if re.match(r"package\s+\w", row)), None)


def _bound_anew(name: str, file: _File, around: Definition) -> bool:
    spots = file.source.spots(name)
    return spots is None or any(spot.role is Role.OTHER and around.first <= spot.line <= around.last for spot in spots)


def _within(line: int, span: Span) -> bool:
    return span.first is not None and span.first <= line <= (span.last or span.first)


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
