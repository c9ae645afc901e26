"""What the user pointed at, as a source."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from reviewer.commands import delivery, files
from reviewer.errors import Misuse
from reviewer.sources import git
from reviewer.sources.command import NO_GIT
from reviewer.sources.git import Repository
from reviewer.sources.patch import Patch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reviewer.change.select import Attributes
    from reviewer.commands.delivery import Output

PUBLIC_API = "https://api.github.com"
_SHORT = re.compile(r"(?P<name>[\w.-]+/[\w.-]+)#(?P<number>[1-9]\d{0,9})")
_ADDRESS = re.compile(r"https?://(?P<host>[^/]+)/(?P<name>[\w.-]+/[\w.-]+)/pull/(?P<number>[1-9]\d{0,9})(?:[/?#].*)?")
MAX_DIFF_BYTES = 256 * 1024 * 1024
_NO_REPOSITORY = "there is no git repository here: name a diff file, or - for standard input"
_NO_WORK_TREE = "this repository has no work tree: name what to review, for example `reviewer review HEAD~3..HEAD`"


@dataclass(frozen=True, slots=True)
class Target:
    """The source, and the work tree around it (null: none), whose settings and attributes count."""

    source: Patch | Repository
    root: Path | None


def resolve(written: str | None, folder: Path) -> Target:
    """`-`, a file, a git range or a revision; nothing: the work tree. `Misuse` says what else was tried."""
    root, history = _repository(folder)
    if written is None:
        if root is None:
            raise Misuse(_NO_WORK_TREE if history else _NO_REPOSITORY if shutil.which("git") else NO_GIT)
        return Target(git.work_tree(root), root)
    if not written:
        raise Misuse("TARGET is empty: name what to review, or leave it out to review the work tree")
    if written == "-":
        return Target(_patch(written), root)
    path = Path(written)
    # Without a work tree around it, HEAD is also one of git's own files.
    if path.exists() and not path.is_dir() and (root or not history or not git.is_commit(history, written)):
        return Target(_patch(written), root)
    return Target(_revisions(written, history), root)


def _repository(folder: Path) -> tuple[Path | None, Path | None]:
    """The top of the work tree around the folder, and a folder in which git knows revisions; each null if none."""
    if not shutil.which("git"):
        return None, None
    root = git.toplevel(folder)
    return root, root or (folder if git.has_history(folder) else None)


def _revisions(written: str, history: Path | None) -> Repository:
    """A folder may have a branch's name, so whether it is a folder is asked last."""
    tried = "no git repository here in which it could be a range" if shutil.which("git") else NO_GIT
    if history is not None:
        try:
            return git.revisions(history, written)
        except Misuse as error:
            tried = f"as a revision: {error}"
    if Path(written).is_dir():
        raise Misuse(f"{written} is a folder: leave TARGET out to review the work tree")
    raise Misuse(f"there is no file {written}, and {tried}")


def pull(written: str) -> tuple[str, int] | None:
    """`owner/repo#12` or its address; null for what is neither. An address elsewhere raises `Misuse`."""
    found = _SHORT.fullmatch(written) or _ADDRESS.fullmatch(written)
    if found is None:
        if re.match(r"https?://", written):
            raise Misuse(f"{written} is no address of a pull request, like https://github.com/owner/repo/pull/12")
        return None
    host, ours = found.groupdict().get("host"), urlsplit(server()).netloc
    if host not in (None, ours):
        raise Misuse(f"{written} is not at {ours}: set GITHUB_API_URL to the interface of {host}")
    return found["name"], int(found["number"])


def server() -> str:
    """The address of GitHub's pages and repositories, without a slash at its end."""
    given = os.environ.get("GITHUB_SERVER_URL")
    if given:
        return given.rstrip("/")
    api = urlsplit(os.environ.get("GITHUB_API_URL") or PUBLIC_API)
    if api.netloc == "api.github.com" or api.netloc.endswith(".ghe.com"):  # https://api.octo.ghe.com
        return f"{api.scheme}://{api.netloc.removeprefix('api.')}"
    return f"{api.scheme}://{api.netloc}"


def staged(folder: Path) -> Target:
    """What the next commit would hold, against the last one."""
    root = git.toplevel(folder)
    if root is None:
        raise Misuse("--staged needs a git work tree, and there is none here")
    return Target(git.staged(root), root)


def apart_from(target: Target, outputs: Sequence[Output]) -> Target:
    """The same, where the reports that the review writes into the work tree are none of what it reads."""
    if not isinstance(target.source, Repository):
        return target
    ours = delivery.inside(outputs, target.source.git.root)
    return replace(target, source=replace(target.source, ours=frozenset(ours)))


@contextmanager
def attributes(target: Target) -> Iterator[Attributes | None]:
    """What the repository says of paths: the base of a git range, or the commit that is checked out around a diff."""
    if isinstance(target.source, Repository):
        yield target.source.attributes
    elif target.root is None or (found := git.attributes(target.root)) is None:
        yield None
    else:
        with found:
            yield found


def _patch(written: str) -> Patch:
    data = files.read(written, MAX_DIFF_BYTES + 1, "a diff")
    if len(data) > MAX_DIFF_BYTES:
        raise Misuse(f"{files.called(written)} is larger than {MAX_DIFF_BYTES >> 20} MiB: review it in parts")
    return Patch(data, files.called(written))
