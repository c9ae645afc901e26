"""Many blobs at once, wherever they are asked for: in another process too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.change.paths import decode
from reviewer.context.index import Entry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewer.sources.command import Git


@dataclass(frozen=True, slots=True)
class Loader:
    """Texts of blobs, by one `git cat-file` each time it is called."""

    git: Git

    def __call__(self, blobs: Sequence[str]) -> list[str | None]:
        """As many as blobs; null for what git does not have or what is binary."""
        given = "".join(f"{blob}\n" for blob in blobs).encode("ascii")
        output = self.git.attempt("cat-file", "--batch", given=given).stdout
        texts: list[str | None] = []
        at = 0
        for _ in blobs:
            end = output.find(b"\n", at)
            words = output[at:end].split() if end >= 0 else []
            at = end + 1 if end >= 0 else at
            if len(words) != 3 or words[1] != b"blob":
                texts.append(None)
                continue
            size = int(words[2])
            data = output[at : at + size]
            at += size + 1
            texts.append(None if b"\0" in data[:8_000] else data.decode("utf-8", "replace"))
        return texts


def entries(git: Git, tree: str) -> list[Entry]:
    """The regular files of a commit or tree."""
    found = []
    for row in git.run("ls-tree", "-r", "-z", "-l", "--full-tree", tree).split(b"\0")[:-1]:
        meta, _, path = row.partition(b"\t")
        mode, kind, blob, size = meta.split()
        if kind == b"blob" and mode != b"120000" and size.isdigit():
            found.append(Entry(decode(path), blob.decode("ascii"), int(size)))
    return found
