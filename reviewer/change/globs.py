"""Users' globs in gitignore syntax. The only room of pathspec, whose import is worth avoiding where there are none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Sequence


class Globs:
    """Of several globs the last that matches decides, and `!` takes back; an invalid one raises `Misuse`."""

    def __init__(self, setting: str, globs: Sequence[str]) -> None:
        self._globs = [glob for glob in globs if glob.strip()]
        if self._globs:
            from pathspec import GitIgnoreSpec

            for glob in self._globs:
                _refuse_invalid(setting, glob)
            self._spec = GitIgnoreSpec.from_lines(self._globs)

    def match(self, path: str) -> str | None:
        """The glob that takes the path; null where none does."""
        if not self._globs:
            return None
        result = self._spec.check_file(path)
        return self._globs[result.index] if result.include and result.index is not None else None


def _refuse_invalid(setting: str, glob: str) -> None:
    from pathspec import GitIgnoreSpec

    try:
        (pattern,) = GitIgnoreSpec.from_lines([glob]).patterns
    except (ValueError, re.error) as error:
        raise Misuse(f"{setting}: {glob!r} is no valid glob (gitignore syntax): {error}") from None
    if pattern.include is None and not glob.startswith("#"):
        raise Misuse(f"{setting}: {glob!r} is no valid glob (gitignore syntax): it can match nothing")
