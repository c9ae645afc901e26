"""Real pull requests with what reviewers said of them (AACR-Bench), as far as they are on this machine.

Their folder holds `index.json` and `diffs/NN.diff`; none of it is part of this repository.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.change import chunks, diff
from reviewer.change.pieces import Chunk
from reviewer.change.select import Selection, select
from reviewer.checks import catalogue
from reviewer.findings import Unreviewed
from reviewer.text.redact import Redactor
from reviewer.text.show import Show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewer.change.pieces import Piece

CHUNK_TOKENS = 8_000


@dataclass(frozen=True, slots=True)
class Comment:
    """What a reviewer said of lines `first`…`last` of the new side."""

    path: str
    first: int
    last: int
    text: str


@dataclass(frozen=True)
class Pull:
    """A pull request; `repository` is null where no bare repository has its commits."""

    name: str
    base: str
    head: str
    merge_base: str
    diff: bytes
    comments: tuple[Comment, ...]
    repository: Path | None = None

    @cached_property
    def chunks(self) -> tuple[Chunk, ...]:
        """As a review makes them."""
        return packed(self.diff)[0]

    def piece(self, comment: Comment) -> tuple[Chunk, Piece] | None:
        """Where the commented lines begin; null where the diff does not hold them."""
        for chunk in self.chunks:
            for piece in chunk.pieces:
                if piece.file.path == comment.path and any(line.new == comment.first for line in piece.lines):
                    return chunk, piece
        return None


def show() -> Show:
    """As a review shows code: secrets cut out, hidden characters made visible."""
    return Show(Redactor(catalogue.secret_patterns(catalogue.load())))


def packed(data: bytes, budget: int = CHUNK_TOKENS) -> tuple[tuple[Chunk, ...], tuple[Unreviewed, ...]]:
    """A diff through selecting and packing, and what these leave out."""
    parsed = diff.parse(data)
    chosen = select(parsed.files, Selection(), attributes=None, read=lambda _path, _side: None)
    items = list(chunks.pack(chosen, budget=budget, show=show()))
    left_out = [item for item in items if isinstance(item, Unreviewed)]
    return tuple(item for item in items if isinstance(item, Chunk)), (*parsed.broken, *left_out)


def load(folder: Path, repositories: Path | None) -> tuple[Pull, ...]:
    """Every pull request of the set; `repositories` holds bare ones as `owner+name`, `.git` or `/repo` behind it."""
    return tuple(
        Pull(
            name=f"{entry['repo']}#{entry['pull']}",
            base=entry["base"],
            head=entry["head"],
            merge_base=entry["merge_base"],
            diff=(folder / "diffs" / f"{entry['n']:02}.diff").read_bytes(),
            comments=tuple(
                Comment(said["path"], said["first_line"], said["last_line"], said["text"])
                for said in entry["comments"]
                if said["side"] == "right"
            ),
            repository=_repository(repositories, entry["repo"], (entry["head"], entry["merge_base"])),
        )
        for entry in json.loads((folder / "index.json").read_text())
    )


def git(repository: Path, *arguments: str, check: bool = True) -> str:
    """What git prints; nothing where it fails and need not be right."""
    command = ["git", "-C", str(repository), *arguments]
    done = subprocess.run(command, check=check, capture_output=True)
    return done.stdout.decode(errors="replace")


def _repository(root: Path | None, name: str, commits: Sequence[str]) -> Path | None:
    flat = name.replace("/", "+")
    for place in (flat, f"{flat}.git", f"{flat}/repo") if root else ():
        path = Path(root or "", place)
        if (path / "HEAD").exists() and all(_has(path, commit) for commit in commits):
            return path
    return None


def _has(repository: Path, commit: str) -> bool:
    command = ["git", "-C", str(repository), "cat-file", "-e", f"{commit}^{{commit}}"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0
