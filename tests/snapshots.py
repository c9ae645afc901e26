"""A repository in memory as a snapshot, and chunks of changes to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from changed import added, hunk, modified

from reviewer.change.pieces import Chunk, Piece
from reviewer.context.snapshot import WORD, Hit
from reviewer.syntax.lines import filled
from reviewer.text.redact import Redactor
from reviewer.text.show import Show

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from reviewer.change.change import FileChange


class Files:
    """`searches` counts how often something was searched for; `capped` is what the test says."""

    def __init__(self, texts: Mapping[str, str], capped: Sequence[str] = ()) -> None:
        self.texts = dict(texts)
        self.capped = capped
        self.searches: list[frozenset[str]] = []

    def read(self, path: str) -> str | None:
        return self.texts.get(path)

    def grep(self, words: Collection[str], shape: str = WORD, suffixes: Collection[str] = ()) -> Sequence[Hit]:
        self.searches.append(frozenset(words))
        pattern = re.compile(filled(shape, words))
        return [
            Hit(path, number, row)
            for path, text in sorted(self.texts.items())
            if not suffixes or path.endswith(tuple(suffixes))
            for number, row in enumerate(text.split("\n"), 1)
            if words and pattern.search(row)
        ]

    def paths(self) -> Sequence[str]:
        return sorted(self.texts)


def chunk(*files: FileChange) -> Chunk:
    pieces = (
        Piece(file, part, part.lines, tuple(line.text for line in part.lines)) for file in files for part in file.hunks
    )
    return Chunk(tuple(pieces), 0)


def change(texts: Mapping[str, str], path: str, body: str, start: int = 1) -> Chunk:
    """`body` with markers changes `path`, whose text in `texts` is taken for the new side."""
    assert path in texts
    return chunk(modified(path, hunk(body, start)))


def new(path: str, text: str) -> Chunk:
    return chunk(added(path, text))


def plainly() -> Show:
    return Show(Redactor(()))
