"""What .gitattributes files say of paths, read as git reads them where there is no git to ask."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from reviewer.change import paths as names
from reviewer.findings import Reason
from reviewer.sources import wildmatch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_REASONS = {"linguist-generated": Reason.GENERATED, "linguist-vendored": Reason.VENDORED}
_VALUES: dict[str | bool | None, bool] = {True: True, "true": True, False: False, "false": False}
_LONGEST_LINE = 2048
"""Bytes; git leaves a longer line out."""
_BLANK = " \t\r\n"
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_ATTRIBUTE = re.compile(r"[A-Za-z0-9_.][-A-Za-z0-9_.]*")

_WORD = re.compile(f"[^{_BLANK}]+")
_MACRO = "[attr]"

Assigned = tuple[str, str | bool | None]
"""An attribute and what it is set to: true, false, a word, or null for unspecified (`!name`)."""
Macros: TypeAlias = "Mapping[str, Sequence[Assigned]]"
State = dict[str, str | bool | None]


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[bytes]
    by_name: bool
    """The pattern has no slash: it is held against a path's last part."""
    assigned: tuple[Assigned, ...]


@dataclass(frozen=True, slots=True)
class _File:
    rules: list[_Rule] = field(default_factory=list)
    macros: dict[str, tuple[Assigned, ...]] = field(default_factory=dict)


def folders(path: str) -> Iterator[str]:
    """The folders whose file may speak of the path, from the root (an empty name) down."""
    yield ""
    for found in re.finditer("/", path):
        yield path[: found.start()]


def file_in(folder: str) -> str:
    """The path of the folder's file."""
    return f"{folder}/.gitattributes" if folder else ".gitattributes"


def said(paths: Sequence[str], files: Mapping[str, str]) -> dict[str, dict[Reason, bool]]:
    """For each path that is said to be generated or vendored, or not to be: which. `files` is by folder."""
    read = {folder: _read(text) for folder, text in files.items()}
    macros = read[""].macros if "" in read else {}  # git knows no others
    answer: dict[str, dict[Reason, bool]] = {}
    for path in paths:
        state: State = {}
        for folder in reversed(list(folders(path))):
            if folder in read:
                _apply(read[folder].rules, path[len(folder) :].lstrip("/"), macros, state)
        found = {reason: _VALUES[state[name]] for name, reason in _REASONS.items() if state.get(name) in _VALUES}
        if found:
            answer[path] = found
    return answer


def _apply(rules: Sequence[_Rule], path: str, macros: Macros, state: State) -> None:
    """From the last word to the first: what is assigned already stays."""
    whole = path.encode("utf-8", "surrogateescape")
    last = whole.rpartition(b"/")[2]
    for rule in reversed(rules):
        if rule.pattern.fullmatch(last if rule.by_name else whole):
            _assign(rule.assigned, macros, state)


def _assign(assigned: Sequence[Assigned], macros: Macros, state: State) -> None:
    for name, value in reversed(assigned):
        if name not in state:
            state[name] = value
            if value is True and name in macros:
                _assign(macros[name], macros, state)


def _read(text: str) -> _File:
    file = _File()
    for line in text.removeprefix("\ufeff").split("\n"):
        written = line.lstrip(_BLANK)
        if not written or written.startswith("#") or len(line.encode("utf-8", "replace")) >= _LONGEST_LINE:
            continue
        pattern, rest = _cut(written)
        assigned = _assigned(rest)
        if assigned is None:
            continue
        if pattern.startswith(_MACRO) and len(pattern) > len(_MACRO):
            file.macros[pattern.removeprefix(_MACRO)] = assigned
        elif not pattern.startswith("!") and not pattern.endswith("/"):
            expression = wildmatch.compiled(pattern.removeprefix("/").encode("utf-8", "surrogateescape"))
            file.rules.append(_Rule(expression, "/" not in pattern, assigned))
    return file


def _cut(line: str) -> tuple[str, str]:
    """A line's pattern, which may be quoted like a C string, and its attributes."""
    quoted = _QUOTED.match(line)
    if quoted:
        return names.decode(quoted[0].encode("utf-8", "surrogateescape")), line[quoted.end() :]
    pattern = _WORD.match(line)
    return (pattern[0], line[pattern.end() :]) if pattern else ("", "")


def _assigned(rest: str) -> tuple[Assigned, ...] | None:
    """Null where one of them has no valid name: git leaves out the whole line."""
    found: list[Assigned] = []
    for word in _WORD.findall(rest):
        name, equals, value = word.partition("=")
        setting: str | bool | None = value if equals else True
        if name[:1] in ("-", "!"):
            setting = False if name[0] == "-" else None
            name = name[1:]
        if not _ATTRIBUTE.fullmatch(name):
            return None
        found.append((name, setting))
    return tuple(found)
