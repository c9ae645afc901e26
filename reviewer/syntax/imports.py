"""What a source imports: names, and the parts of the paths they come from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_SOURCE = 200_000
"""Characters at a file's beginning in which imports are looked for."""
MAX_IMPORTS = 400


@dataclass(frozen=True, slots=True)
class Imports:
    """`names`: each name and the module it comes from; `modules`: every imported module, split into its parts."""

    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    modules: tuple[tuple[str, ...], ...] = ()


_PYTHON = re.compile(
    r"^[ \t]{0,40}from[ \t]{1,8}([.\w]{1,200})[ \t]{1,8}import[ \t]{1,8}(\([^)]{0,4000}\)|[^\n#;(]{1,400})"
    r"|^[ \t]{0,40}import[ \t]{1,8}([^\n#;]{1,400})",
    re.MULTILINE,
)
_SCRIPT = re.compile(r"""\b(from|require|import)\s{0,8}\(?\s{0,8}['"]([^'"\n]{1,300})['"]""")
_LOOK_BACK = 2_000
_ROW = 400
_QUOTED = re.compile(
    r"(?:(?:import|export|require(?:_relative)?|include|part|source|load|#[ \t]{0,8}include|\.)[ \t(]{0,8})?"
    r"""(?:[\w.]{1,80}[ \t]{1,8})?["'<]([^"'<>]{1,200})["'>]"""
)
_DOTTED = re.compile(
    r"^[ \t]{0,40}(?:import|using|use|open|alias|require)[ \t]{1,8}"
    r"(?:(?:static|qualified|function|const)[ \t]{1,8}|global::|crate::)?([\w.:\\*{}, \n]{1,2000})",
    re.MULTILINE,
)
_DOTTED_LANGUAGES = frozenset(
    {"java", "kotlin", "scala", "groovy", "csharp", "swift", "rust", "php", "haskell", "elixir", "ml"}
)
_SCRIPTS = frozenset({"javascript", "typescript", "tsx", "script"})
_SEPARATORS = re.compile(r"[./\\\\:{}, \n*~@]+")
_UPWARDS = re.compile(r"\.+")
_WORD = re.compile(r"[^\W\d][\w$]*")
_ENDING = re.compile(r"\.(?:[cm]?[jt]sx?|py|hpp?|h|dart|rb|proto|vue|svelte|sol)\Z")


def imports(source: str, dialect: str, path: str) -> Imports:
    """What the file at `path` imports, at most `MAX_IMPORTS` modules; relative ones from the root. Never raises."""
    names: dict[str, tuple[str, ...]] = {}
    modules: dict[tuple[str, ...], None] = {}
    for bound, module in _found(source[:MAX_SOURCE], dialect):
        parts = resolved(module, path)
        if not parts or len(modules) >= MAX_IMPORTS:
            continue
        modules[parts] = None
        names.update(dict.fromkeys(bound, parts))
    return Imports(names, tuple(modules))


def _found(source: str, dialect: str) -> Iterator[tuple[list[str], str]]:
    """Names that are bound, and the module as it is written."""
    if dialect == "python":
        yield from _python(source)
    elif dialect in _SCRIPTS:
        for found in _SCRIPT.finditer(source):
            yield _bound(_clause(source, found)), found[2]
    elif dialect in _DOTTED_LANGUAGES:
        for found in _DOTTED.finditer(source):
            words = _WORD.findall(found[1])
            yield [word for word in words if not word.islower()] or words[-1:], found[1]
    else:
        for row in source.split("\n"):
            may = len(row) <= _ROW and ('"' in row or "'" in row or "<" in row)  # few rows, and a match takes long
            quoted = _QUOTED.match(row.strip()) if may else None
            if quoted is not None:
                yield [], quoted[1]


def _python(source: str) -> Iterator[tuple[list[str], str]]:
    for found in _PYTHON.finditer(source):
        if found[1]:
            yield _bound(found[2]), found[1]
        else:
            for part in found[3].split(","):
                module, _, name = part.partition(" as ")
                yield _bound(name or module), module


def _clause(source: str, found: re.Match[str]) -> str:
    """What stands between `import` and `from`, or before `= require`."""
    if found[1] == "import":
        return ""
    before = source[max(0, found.start() - _LOOK_BACK) : found.start()]
    if found[1] == "require":
        return before.rpartition("\n")[2].partition("=")[0]
    at = max(before.rfind("import"), before.rfind("export"))
    return before[at + 6 :] if at >= 0 else ""


def _bound(clause: str) -> list[str]:
    """Original names and their new ones: `{a as b}` gives both."""
    return [word for word in _WORD.findall(clause) if word not in ("as", "type", "const", "let", "var", "default")]


def resolved(module: str, path: str) -> tuple[str, ...]:
    """`../lib/cart.js` in `src/web` → `src`, `lib`, `cart`; `shop.cart` → `shop`, `cart`."""
    name = _ENDING.sub("", module.strip())
    parts = tuple(part for part in _SEPARATORS.split(name) if part)
    up = _UPWARDS.match(name)
    if not up:
        return parts
    folder = [part for part in re.split(r"[/.]", path.rpartition("/")[0]) if part]
    steps = name.count("../") if "/" in name else len(up[0]) - 1
    return (*folder[: max(0, len(folder) - steps)], *parts)
