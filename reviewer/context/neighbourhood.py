"""How near a file is to another one that uses a name: by what is imported, else by folder."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewer.context.symbols import Symbol
    from reviewer.syntax.imports import Imports

FAR = "elsewhere"
NEAR = {"here": 1.0, "imported": 0.97, "module": 0.85, "beside": 0.8, FAR: 0.65}
"""The kinds of places that a name may come from, the nearest first, and what each is worth."""

_FOLDERS = frozenset({"__init__", "index", "mod", "lib"})
"""Files that stand for their folder."""
_ROOTS = frozenset({"crate", "self", "super", "this"})


class Neighbourhood:
    """Of the file at `path`, which imports `imports`."""

    def __init__(self, path: str, imports: Imports) -> None:
        self._path = path
        self._folder = posixpath.dirname(path)
        self._modules = Ends(imports.modules)
        self._names = {name: Ends([module]) for name, module in imports.names.items()}
        self._parts: dict[str, tuple[str, ...]] = {}

    def nearness(self, symbol: Symbol, path: str) -> str:
        """`here`, `imported` by the name or by what it is used on, in a `module` imported, `beside`, or `elsewhere`."""
        if path == self._path:
            return "here"
        if path not in self._parts:
            self._parts[path] = parts_of(path)
        parts = self._parts[path]
        if any(self._names[name].fit(parts) for name in (symbol.name, *symbol.receivers) if name in self._names):
            return "imported"
        if self._modules.fit(parts):
            return "module"
        return "beside" if posixpath.dirname(path) == self._folder else FAR

    def is_foreign(self, symbol: Symbol) -> bool:
        """Whether the name, or what it is used on, is imported: then it is not what is defined just anywhere."""
        return symbol.name in self._names or any(receiver in self._names for receiver in symbol.receivers)


class Ends:
    """How modules' paths end: whole, a file or folder; without the last word, which may be a thing in it, a file."""

    def __init__(self, modules: Iterable[tuple[str, ...]]) -> None:
        plain = [tuple(word for word in module if word not in _ROOTS) for module in modules]
        self.whole = {parts[-2:] for parts in plain if parts}
        self.but_last = {parts[:-1][-2:] for parts in plain if len(parts) > 1}

    def fit(self, parts: tuple[str, ...]) -> bool:
        """Whether one of them may be the file of these words."""
        file, folder = parts[-2:], parts[:-1][-2:]
        return (
            file in self.whole
            or file[-1:] in self.whole
            or (bool(folder) and folder in self.whole)
            or file in self.but_last
            or file[-1:] in self.but_last
        )


def ends_of(imported: Imports) -> frozenset[str]:
    """The words under which `file_ends` has every file that a module of these may mean."""
    ends = Ends(imported.modules)
    files = (*ends.whole, *ends.but_last)
    return frozenset("/".join(parts) for parts in files) | {f"{'/'.join(parts)}/*" for parts in ends.whole}


def file_ends(path: str) -> frozenset[str]:
    """What a module's path may end with that means the file at `path`, or (`…/*`) the folder it is in."""
    parts = parts_of(path)
    folder = parts[:-1][-2:]
    return frozenset({"/".join(parts[-2:]), parts[-1], *([f"{'/'.join(folder)}/*"] if folder else [])})


def parts_of(path: str) -> tuple[str, ...]:
    """The words of a path; `shop/__init__.py` and `shop/index.ts` are the folder itself."""
    folder, _, name = path.rpartition("/")
    stem = name.partition(".")[0]
    parts = tuple(part for part in re.split(r"[/.]", folder) if part)
    return parts if stem in _FOLDERS and parts else (*parts, stem)


def distance(one: str, other: str) -> int:
    """Steps from folder to folder."""
    first, second = one.split("/")[:-1], other.split("/")[:-1]
    common = len(posixpath.commonprefix([first, second]))
    return len(first) + len(second) - 2 * common
