"""Which changed files belong together: a source with its tests, a module with its neighbours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_TEST = re.compile(
    r"(?:tests?|spec)[_-](?P<after>.+)|(?P<before>.+?)(?:[._-](?:tests?|spec|specs)|(?<=[a-z0-9])(?:Tests?|TestCase|Spec|IT))"
    r"|Test(?P<camel>[A-Z].*)"
)
"""test_foo.py · foo_test.go · foo.spec.ts · foo-test.js · FooTest.java · FooSpec.scala · FooIT.java · TestFoo.java"""


_FOLDERS = frozenset({"test", "tests", "spec", "specs", "__tests__", "testing"})


def group(paths: Sequence[str]) -> list[list[int]]:
    """Indices of `paths` in families, the families in path order, folder by folder; every index once."""
    families: dict[tuple[str, str], list[int]] = {}
    by_subject: dict[str, list[tuple[str, str]]] = {}
    tests: list[tuple[int, str, str]] = []
    for index in sorted(range(len(paths)), key=lambda i: (_place(paths[i]), i)):
        folder = paths[index].rpartition("/")[0]
        subject, is_test = _subject(paths[index])
        if is_test:
            tests.append((index, folder, subject))
            continue
        key = folder, subject
        if key not in families:
            families[key] = []
            by_subject.setdefault(subject, []).append(key)
        families[key].append(index)
    for index, folder, subject in tests:
        home = _nearest(folder, by_subject.get(subject, ())) or (folder, subject)
        families.setdefault(home, []).append(index)
    return sorted(families.values(), key=lambda members: (_place(paths[members[0]]), members[0]))


def in_order(paths: Sequence[str]) -> list[list[int]]:
    """The same families by their first member: what came first stays first."""
    return sorted(map(sorted, group(paths)))


def is_test(path: str) -> bool:
    """Whether a file is a test of something, by its name or its folder."""
    return _subject(path)[1] or not _FOLDERS.isdisjoint(path.split("/")[:-1])


def _place(path: str) -> tuple[list[str], str]:
    *folders, name = path.split("/")
    return folders, name


def _subject(path: str) -> tuple[str, bool]:
    """What a file is about, and whether it is a test of that."""
    folder, _, name = path.rpartition("/")
    stem = _shorter(name)
    while "." in stem[1:] and not _TEST.fullmatch(stem):
        stem = _shorter(stem)
    found = _TEST.fullmatch(stem)
    if found is None:
        return stem.lower(), folder.endswith("__tests__")
    return (found["after"] or found["before"] or found["camel"]).lower(), True


def _shorter(name: str) -> str:
    """Without the last suffix; a leading dot begins a name, not a suffix."""
    return name[:1] + name[1:].rpartition(".")[0] if "." in name[1:] else name


def _nearest(folder: str, homes: Iterable[tuple[str, str]]) -> tuple[str, str] | None:
    """Of several sources with the test's name, the one whose folders are most like the test's."""
    ours = set(folder.split("/"))
    return max(homes, key=lambda home: (len(ours & set(home[0].split("/"))), -len(home[0])), default=None)
