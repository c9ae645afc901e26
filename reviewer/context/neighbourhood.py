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
        self._modules = _ends(imports.modules)
        self._names = {name: _ends([module]) for name, module in imports.names.items()}
        self._known: dict[str, tuple[tuple[str, ...], ...]] = {}

    def nearness(self, symbol: Symbol, path: str) -> str:
        """`here`, `imported` by the name or by what it is used on, in a `module` imported, `beside`, or `elsewhere`."""
        if path == self._path:
            return "here"
        ends = self._ends_of(path)
        for name in (symbol.name, *symbol.receivers):
            if name in self._names and not self._names[name].isdisjoint(ends):
                return "imported"
        if not self._modules.isdisjoint(ends):
            return "module"
        return "beside" if posixpath.dirname(path) == self._folder else FAR

    def is_foreign(self, symbol: Symbol) -> bool:
        """Whether the name, or what it is used on, is imported: then it is not what is defined just anywhere."""
        return symbol.name in self._names or any(receiver in self._names for receiver in symbol.receivers)

    def _ends_of(self, path: str) -> tuple[tuple[str, ...], ...]:
        if path not in self._known:
            parts = parts_of(path)
            self._known[path] = tuple(end for end in (parts[-2:], parts[-1:], parts[:-1][-2:]) if end)
        return self._known[path]


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


def _ends(modules: Iterable[tuple[str, ...]]) -> frozenset[tuple[str, ...]]:
    """How the path of a file ends that holds one of these: a module may name a thing in its last word."""
    ends = set()
    for module in modules:
        words = tuple(word for word in module if word not in _ROOTS)
        for parts in (words, words[:-1]):
            if parts:
                ends.add(parts[-2:])
    return frozenset(ends)
