"""A process that outlines chunks of a tree for an audit: `python -P -m reviewer.audit.outlining`.

A question is a line of JSON, and so is its answer. The first line says where the tree is. Where there are no answers
any more, the last line says why.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from reviewer.change.change import FileChange
from reviewer.change.pieces import Chunk, Piece
from reviewer.checks import catalogue
from reviewer.context.definitions import SECONDS, Remembered
from reviewer.context.index import Index
from reviewer.context.items import Item, Kind
from reviewer.context.outline import Outline, outline
from reviewer.errors import ReviewerError
from reviewer.sources import tree as trees
from reviewer.text.redact import Redactor
from reviewer.text.show import Show

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType

    from reviewer.sources.tree import Tree

READY = b"ready\n"
"""What is said when the tree has been read."""
MAX_WHY = 600
"""Characters of why there are no answers."""
_EACH = 0.02
"""Seconds of parsing that a file of the tree may take, on average."""

_Lines = tuple[str, int, int]
"""A path, the first line and the last."""


def place(tree: Tree) -> bytes:
    """The first line."""
    return json.dumps([os.fspath(tree.root.resolve()), tree.commit, tree.git is not None]).encode() + b"\n"


def question(chunk: Chunk) -> bytes:
    """What is said of a chunk, every line of which is as the tree has it: where its pieces are."""
    pieces: list[_Lines] = [(each.file.path, each.lines[0].new or 0, each.lines[-1].new or 0) for each in chunk.pieces]
    return json.dumps(pieces).encode() + b"\n"


def answer(line: bytes) -> Outline | str:
    """What is said back; a text: why nothing is, from now on."""
    said = json.loads(line)
    if isinstance(said, str):
        return said
    items, capped = said
    return Outline(tuple(Item(Kind(kind), *rest) for kind, *rest in items), tuple(capped))


def main(asked: IO[bytes], told: IO[bytes]) -> None:
    """Answers line by line, until nobody asks any more."""
    where = asked.readline()
    if where:
        root, commit, is_repository = json.loads(where)
        with trees.opened(Path(root), commit) if is_repository else trees.folder(Path(root)) as tree:
            for line in _answers(tree, asked):
                told.write(line)
                told.flush()


def _answers(tree: Tree, questions: IO[bytes]) -> Iterator[bytes]:
    snapshot = tree.snapshot()
    paths = [entry.path for entry in tree.listing.entries]
    index = Index(paths, snapshot.read)
    # Of this thread alone: what others do on the machine must not change what is told.
    memory = Remembered(snapshot, index=index, seconds=SECONDS + _EACH * len(paths), clock=time.thread_time)
    show = Show(Redactor(catalogue.secret_patterns(catalogue.load())))
    yield READY
    for question in questions:
        found = outline(_chunk(tree, json.loads(question)), memory, show)
        items = [[each.kind, each.where, each.why, each.text, each.value] for each in found.items]
        yield json.dumps([items, found.capped]).encode() + b"\n"
    index.close()


def _chunk(tree: Tree, pieces: Sequence[Any]) -> Chunk:
    """Without what is shown of its lines, which nobody looks at here."""
    found = []
    for path, first, last in pieces:
        entry = tree.entry(path)
        file = None if entry is None else tree.opened(entry)
        if isinstance(file, FileChange):
            found += [Piece(file, hunk, hunk.lines[first - 1 : last], ()) for hunk in file.hunks]
    return Chunk(tuple(each for each in found if each.lines), 0)


def why(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    """Says why there are no answers any more: of an error of ours its kind alone, its words may be a source's."""
    said = str(error) if isinstance(error, ReviewerError) else f"the reviewer met an error of its own ({kind.__name__})"
    sys.stdout.buffer.write(json.dumps(said[:MAX_WHY]).encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.excepthook = why
    with suppress(KeyboardInterrupt, BrokenPipeError):
        main(sys.stdin.buffer, sys.stdout.buffer)
