"""`reviewer audit owner/repo`: a repository on GitHub, copied for as long as it is read."""

from __future__ import annotations

import os
import re
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from reviewer.action import REPOSITORY
from reviewer.commands import grounds, target
from reviewer.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reviewer.commands.grounds import Grounds

_ADDRESS = re.compile(r"https?://(?P<host>[^/]+)/(?P<name>[\w.-]+/[\w.-]+?)(?:\.git)?/?")
_ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY")


def named(written: str | None) -> str | None:
    """The `owner/repo` of a name or an address; null for a folder, and what looks like one. Raises `Misuse`."""
    if not written or Path(written).exists():
        return None
    found = _ADDRESS.fullmatch(written)
    if found is None and re.match(r"[a-z]+://", written):
        raise Misuse(f"{written} is no address of a repository, like {target.server()}/owner/repo")
    if found is not None and found["host"] != (ours := urlsplit(target.server()).netloc):
        raise Misuse(f"{written} is not at {ours}: set GITHUB_API_URL to the interface of {found['host']}")
    name = found["name"] if found else written
    return name if REPOSITORY.fullmatch(name) else None


@contextmanager
def opened(
    written: str | None, revision: str | None, *, token: Callable[[], str | None], whole: bool, quiet: bool
) -> Iterator[Grounds]:
    """Of a folder, or of a repository on GitHub, with its whole history where that is asked for; raises `Misuse`."""
    name = named(written)
    if name is None:
        with grounds.opened(written, revision) as found:
            yield found
        return
    if not shutil.which("git"):
        raise Misuse(f"to clone {name} takes git: install it")
    for variable in _ELSEWHERE:
        if os.environ.get(variable):
            raise Misuse(f"{variable} is set, and git would look there instead of into {name}: unset it")
    from reviewer.sources import clone  # what speaks with GitHub is loaded where it is needed

    address = f"{target.server()}/{name}"
    with TemporaryDirectory(prefix="reviewer-") as folder:
        if not quiet:
            sys.stderr.write(f"reviewer: cloning {address}\n")
            sys.stderr.flush()
        copy = Path(folder) / "repository.git"
        try:
            clone.bare(address, copy, token=token(), whole=whole or revision is not None)
        except Misuse as error:
            raise Misuse(f"there is no folder {written}, and {error}" if written == name else str(error)) from error
        with grounds.of_copy(copy, address, revision) as found:
            yield found
