"""A repository in memory that a model may look things up in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reviewer.checks import catalogue
from reviewer.context.snapshot import WORD, Hit
from reviewer.context.tools import Toolbox
from reviewer.text.redact import Redactor
from reviewer.text.show import Show

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

SECRETS = catalogue.secret_patterns(catalogue.load())


@dataclass
class Tree:
    """`files` are tracked; `beside` could be read, but is no part of the repository."""

    files: Mapping[str, str | None]
    beside: Mapping[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def read(self, path: str) -> str | None:
        self.asked.append(path)
        return self.files.get(path, self.beside.get(path))

    def grep(self, words: Collection[str], shape: str = WORD, suffixes: Collection[str] = ()) -> Sequence[Hit]:
        wanted = re.compile(shape.replace("NAME", "|".join(map(re.escape, words))))
        texts = {path: text for path, text in {**self.files, **self.beside}.items() if text}
        return [
            Hit(path, number, line)
            for path, text in texts.items()
            for number, line in enumerate(text.split("\n"), 1)
            if wanted.search(line) and path.endswith(tuple(suffixes) or "")
        ]

    def paths(self) -> Sequence[str]:
        return tuple(self.files)

    @property
    def capped(self) -> Sequence[str]:
        return ()


def toolbox(tree: Tree, **options: Any) -> Toolbox:
    return Toolbox(tree, Show(Redactor(SECRETS)), **options)
