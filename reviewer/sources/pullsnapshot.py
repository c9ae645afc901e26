"""A pull request's head as a snapshot, from GitHub alone: the files likely to matter, in a few requests."""

from __future__ import annotations

import re
from threading import Lock
from typing import TYPE_CHECKING

from reviewer.change.change import Kind
from reviewer.context.likely import likely
from reviewer.context.snapshot import WORD, Hit
from reviewer.findings import Side
from reviewer.github.failures import GitHubError
from reviewer.sources.grep import MAX_HITS, MAX_TEXT, searchable
from reviewer.syntax.lines import filled

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from reviewer.change.change import FileChange
    from reviewer.sources.pull import PullSource

BATCHES, BATCH = 3, 100
"""Requests for files, and files in one."""
MAX_BYTES = 4_000_000


class PullSnapshot:
    """The changed files and those likely to define what they use; one listing and `BATCHES` requests, when first asked.

    For several threads: whoever asks first fetches, the others wait.
    """

    def __init__(self, source: PullSource, files: Sequence[FileChange]) -> None:
        self._source = source
        self._files = files
        self._lock = Lock()
        self._sizes: dict[str, int] | None = None
        self._texts: dict[str, str] | None = None
        self._capped: dict[str, None] = {}

    @property
    def capped(self) -> Sequence[str]:
        """What is not there to be searched."""
        return tuple(self._capped)

    def read(self, path: str) -> str | None:
        """A changed file, or one of those that were fetched."""
        return self._fetched().get(path)

    def grep(self, words: Collection[str], shape: str = WORD, suffixes: Collection[str] = ()) -> Sequence[Hit]:
        """The lines of the files that are here."""
        asked = searchable(words)
        if not asked:
            return ()
        pattern = re.compile(filled(shape, asked))
        hits: list[Hit] = []
        for path, text in sorted(self._fetched().items()):
            if not suffixes or path.endswith(tuple(suffixes)):
                hits += _hits(path, text, pattern)
        return tuple(hits[:MAX_HITS])

    def paths(self) -> Sequence[str]:
        """The files of the head; only the change's where GitHub does not list them."""
        changed = {file.path for file in self._files if file.kind is not Kind.DELETED}
        with self._lock:
            return tuple(sorted(changed.union(self._listed())))

    def _fetched(self) -> dict[str, str]:
        with self._lock:
            if self._texts is None:
                self._texts = self._fetch()
            return self._texts

    def _fetch(self) -> dict[str, str]:
        sizes = self._listed()
        chosen = likely(sizes, self._files, most=BATCHES * BATCH, most_bytes=MAX_BYTES)
        changed = [file.path for file in self._files if file.kind is not Kind.DELETED and not file.binary]
        wanted = [*changed[:BATCH], *chosen][: BATCHES * BATCH]
        for start in range(0, len(wanted), BATCH):
            self._source.prefetch(wanted[start : start + BATCH], Side.NEW)
        texts = {path: self._source.read(path, Side.NEW) for path in wanted}
        if len(texts) < len(sizes):
            self._capped[f"without a checkout {len(texts)} of {len(sizes)} files were searched for definitions"] = None
        return {path: text for path, text in texts.items() if text is not None}

    def _listed(self) -> dict[str, int]:
        """With the lock held, asked for once. GitHub's failure is context missed, no line of the change."""
        if self._sizes is None:
            self._sizes = {}
            try:
                listing = self._source.tree()
            except GitHubError:
                self._capped["GitHub did not list the repository's files: no definition was looked up"] = None
                return self._sizes
            self._sizes = dict(listing.sizes)
            if listing.truncated:
                self._capped["GitHub lists only part of this repository's files"] = None
        return self._sizes


def _hits(path: str, text: str, pattern: re.Pattern[str]) -> Iterator[Hit]:
    for number, row in enumerate(text.split("\n"), 1):
        if pattern.search(row[: MAX_TEXT * 4]):
            yield Hit(path, number, row[:MAX_TEXT].removesuffix("\r"))
