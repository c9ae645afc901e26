"""Which files a pack's globs take, in gitignore syntax."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pathspec import GitIgnoreSpec


def matching(globs: tuple[str, ...], path: str) -> str | None:
    """The glob that takes the path: of several that match the last, which may take it back; null where none does."""
    result = _spec(globs).check_file(path)
    return globs[result.index] if result.include and result.index is not None else None


def idle(globs: Sequence[str], paths: Sequence[str]) -> tuple[str, ...]:
    """The globs that match none of the paths, `!` or not."""
    return tuple(glob for glob in globs if not any(map(_spec((glob.removeprefix("!"),)).match_file, paths)))


def is_glob(glob: str) -> bool:
    """Whether it can match anything."""
    try:
        return any(pattern.include is not None for pattern in _spec((glob,)).patterns)
    except (ValueError, re.error):
        return False


@cache
def _spec(globs: tuple[str, ...]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(globs)
