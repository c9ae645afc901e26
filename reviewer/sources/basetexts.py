"""Files of the base, many at once: what the team wrote, whatever the change says now."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from reviewer.sources.blobs import Blobs
from reviewer.sources.command import Git
from reviewer.sources.git import Repository

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from reviewer.context.guides import ReadAll
    from reviewer.sources.patch import Patch
    from reviewer.sources.pull import PullSource


@contextmanager
def opened(source: Patch | Repository, root: Path | None) -> Iterator[ReadAll | None]:
    """Of what a range, the work tree or the index is held against; for a diff file of the commit that is checked out
    around it (`root`). Null where there is none."""
    if isinstance(source, Repository):
        yield partial(at, source.blobs, source.base)
        return
    git = None if root is None else Git(root)
    commit = git.commit("HEAD") if git else None
    if git is None or commit is None:
        yield None
        return
    blobs = Blobs(git)
    try:
        yield partial(at, blobs, commit)
    finally:
        blobs.close()


def of_pull(place: Repository | PullSource, base: str) -> ReadAll:
    """Of the tip of a pull request's base, where its settings come from too."""
    return partial(at, place.blobs, base) if isinstance(place, Repository) else place.at_tip


def at(blobs: Blobs, commit: str, paths: Sequence[str]) -> dict[str, str]:
    """Of one commit."""
    return {path: text for path in paths if (text := blobs.read(commit, path)) is not None}
