"""A repository in memory that a model may look things up in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from reviewer.checks import catalogue
from reviewer.context.tools import Toolbox
from reviewer.text.redact import Redactor
from reviewer.text.show import Show

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

SECRETS = catalogue.secret_patterns(catalogue.load())


@dataclass(frozen=True)
class Hit:
    path: str
    line: int


@dataclass(frozen=True)
class Place:
    name: str
    first: int
    last: int


@dataclass
class Tree:
    """`files` are tracked; `beside` could be read, but is no part of the repository."""

    files: Mapping[str, str | None]
    beside: Mapping[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def read(self, path: str) -> str | None:
        self.asked.append(path)
        return self.files.get(path, self.beside.get(path))

    def grep(self, words: Collection[str]) -> Sequence[Hit]:
        word = re.compile("|".join(rf"(?<![\w$]){re.escape(each)}(?![\w$])" for each in words))
        texts = {path: text for path, text in {**self.files, **self.beside}.items() if text}
        return [
            Hit(path, number)
            for path, text in texts.items()
            for number, line in enumerate(text.split("\n"), 1)
            if word.search(line)
        ]

    def paths(self) -> Sequence[str]:
        return tuple(self.files)

    def definitions(self, path: str) -> Iterator[Place]:
        """Each `def` or `class` reaches to the next one at the left margin."""
        lines = (self.files[path] or "").split("\n")
        starts = [number for number, line in enumerate(lines, 1) if re.match(r"(def|class) \w+", line)]
        for start, end in pairwise([*starts, len(lines) + 1]):
            yield Place(re.split(r"\W+", lines[start - 1])[1], start, end - 1)


def toolbox(tree: Tree, **options: Any) -> Toolbox:
    return Toolbox(tree, Show(Redactor(SECRETS)), tree.definitions, **options)
