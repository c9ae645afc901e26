"""A model's globs. They are matched without backtracking: gitignore's, as a regular expression, can take for ever."""

from __future__ import annotations

import re
from fnmatch import translate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def matcher(glob: str) -> Callable[[str], bool]:
    """Whether a path fits: `*` stands for anything, `/` too, and a glob without `/` is held against the file's name.

    `src/` and `src/**` are all below the folder, `**/x` is `x` in any folder or in none.
    """
    wanted = glob + "*" if glob.endswith("/") else glob
    by_name = "/" not in wanted
    # Python's translation tries each star once, in an atomic group.
    expression = re.compile(translate(re.sub(r"(?:\*\*/)+|\*+", "*", wanted)))

    def fits(path: str) -> bool:
        return expression.match(path.rpartition("/")[2] if by_name else path) is not None

    return fits
