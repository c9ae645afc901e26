"""`reviewer audit owner/repo`: a repository on GitHub, copied for as long as it is read."""

from __future__ import annotations

import os
import re
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from reviewer.action import REPOSITORY
from reviewer.commands import grounds, target
from reviewer.errors import Misuse
from reviewer.sources import scratch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reviewer.commands.grounds import Grounds
    from reviewer.settings import Operator

_ADDRESS = re.compile(r"(?i:https?)://(?P<host>[^/@]+)/(?P<name>[\w.-]+/[\w.-]+?)(?:\.git)?/?")
_SCHEME = re.compile(r"(?i:[a-z][a-z0-9+.-]*)://")
_USER = re.compile(r"(?<=://).*@", re.DOTALL)
"""With the password that may be in it."""
_ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY")


def named(written: str | None) -> str | None:
    """The `owner/repo` of a name or an address; null for a folder, and what looks like one. Raises `Misuse`."""
    if not written or _is_there(written):
        return None
    shown = _USER.sub("", written)
    found = _ADDRESS.fullmatch(written)
    if found is None and _SCHEME.match(written):
        if shown != written and _ADDRESS.fullmatch(shown):
            raise Misuse(f"{shown} needs no user in it: leave that out, and set GITHUB_TOKEN for a private repository")
        raise Misuse(f"{shown} is no address of a repository, like {target.server()}/owner/repo")
    if found is not None and found["host"].lower() != (ours := urlsplit(target.server()).netloc.lower()):
        raise Misuse(f"{written} is not at {ours}: set GITHUB_API_URL to the interface of {found['host']}")
    name = found["name"] if found else written
    return name if REPOSITORY.fullmatch(name) else None


def _is_there(written: str) -> bool:
    try:
        return Path(written).exists()
    except OSError as error:
        raise Misuse(f"PATH {_USER.sub('', written)[:80]} cannot be looked up: {error.strerror}") from error


@contextmanager
def opened(
    written: str | None, revision: str | None, *, operator: Callable[[], Operator], whole: bool, quiet: bool
) -> Iterator[Grounds]:
    """Of a folder, or of a repository on GitHub, with its whole history where that is asked for; raises `Misuse`.

    `operator` is asked where there is something to clone.
    """
    name = named(written)
    if name is None:
        with grounds.opened(written, revision) as found:
            yield found
        return
    mistyped = f"there is no folder {written}, and " if written == name else ""
    if not shutil.which("git"):
        raise Misuse(f"{mistyped}to clone {name} takes git: install it")
    for variable in _ELSEWHERE:
        if os.environ.get(variable):
            raise Misuse(f"{mistyped}{variable} is set, where git would look instead of into {name}: unset it")
    from reviewer.commands import hub  # what speaks with GitHub is loaded where it is needed
    from reviewer.github.failures import GitHubError
    from reviewer.sources import clone

    address = f"{target.server()}/{name}"
    given = operator()
    folder = scratch.made()
    try:
        if not quiet:
            sys.stderr.write(f"reviewer: cloning {address}\n")
            sys.stderr.flush()
        copy = folder / "repository.git"
        whole = whole or revision is not None
        try:
            clone.bare(address, copy, token=hub.token(given), whole=whole, seconds=given.deadline)
        except (Misuse, GitHubError) as error:
            error.args = (f"{mistyped}{error}",)
            raise
        with grounds.of_copy(copy, address, revision) as found:
            yield found
    finally:
        shutil.rmtree(folder, ignore_errors=True)
