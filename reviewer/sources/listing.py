"""Which files a tree holds: names, ids and sizes, nothing of what is in them."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.findings import Reason, Unreviewed
from reviewer.sources.blobs import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reviewer.sources.command import Git

_LINK, _MODULE, _PROGRAM = b"120000", b"160000", b"100755"
_SYMLINK = "a symbolic link: what it points to is not followed"
_NESTED = "a repository of its own"
_SPECIAL = "no regular file"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file. `blob` names its content: git's id where git knows it, else a digest of ours; `size` in bytes.

    `name` is what the file system calls it where `path`, which people read, cannot say that.
    """

    path: str
    blob: str
    size: int
    is_program: bool = False
    name: bytes | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """Files in path order, and what is there besides. `is_clean`: the files are those of the commit."""

    entries: tuple[Entry, ...]
    others: tuple[Unreviewed, ...] = ()
    is_clean: bool = True


def of_commit(git: Git, commit: str) -> Listing:
    """The files of a commit; the repository may be bare."""
    entries: list[Entry] = []
    others: list[Unreviewed] = []
    for row in git.run("ls-tree", "-r", "-z", "--long", "--full-tree", commit).split(b"\0")[:-1]:
        facts, _, name = row.partition(b"\t")
        mode, _, blob, size = facts.split()
        path = _decoded(name)
        if mode in (_LINK, _MODULE):
            others.append(Unreviewed(path, Reason.IGNORED, _SYMLINK if mode == _LINK else _NESTED))
        else:
            entries.append(Entry(path, blob.decode(), int(size), mode == _PROGRAM))
    return _sorted(entries, others)


def of_work_tree(git: Git, root: Path) -> Listing:
    """Tracked files as they are now, and untracked ones that nobody ignores. `root` is the top of the work tree."""
    changed = set(git.run("diff-files", "--name-only", "-z", "--ignore-submodules=all").split(b"\0")[:-1])
    staged = git.attempt("diff-index", "--cached", "--quiet", "--ignore-submodules=all", "HEAD", "--").returncode
    found: dict[bytes, Entry | Unreviewed] = {}
    for row in git.run("ls-files", "-z", "--stage").split(b"\0")[:-1]:
        facts, _, name = row.partition(b"\t")
        mode, blob, _ = facts.split()
        if mode == _MODULE:
            found[name] = Unreviewed(_decoded(name), Reason.IGNORED, _NESTED)
        else:
            _put(found, name, _on_disk(root, name, None if name in changed else blob.decode()))
    for name in git.run("ls-files", "-z", "--others", "--exclude-standard").split(b"\0")[:-1]:
        if name.endswith(b"/"):
            found[name] = Unreviewed(_decoded(name.rstrip(b"/")), Reason.IGNORED, _NESTED)
        else:
            _put(found, name, _on_disk(root, name, None))
    entries = [each for each in found.values() if isinstance(each, Entry)]
    others = [each for each in found.values() if isinstance(each, Unreviewed)]
    return _sorted(entries, others, is_clean=not changed and not staged)


def of_folder(root: Path) -> Listing:
    """Every file below a folder that is no repository; repositories in it are not entered."""
    entries: list[Entry] = []
    others: list[Unreviewed] = []
    for each in _walked(root):
        if isinstance(each, Entry):
            entries.append(each)
        else:
            others.append(each)
    return _sorted(entries, others)


def _walked(root: Path) -> Iterator[Entry | Unreviewed]:
    unread: list[Unreviewed] = []

    def refused(error: OSError) -> None:
        unread.append(_unreadable(_decoded(os.fsencode(os.path.relpath(error.filename, root))), error))

    top = os.fsencode(root)
    for folder, folders, names in os.walk(top, onerror=refused):
        inside = os.path.relpath(folder, top)
        if folder != top and b".git" in (*folders, *names):
            yield Unreviewed(_decoded(inside), Reason.IGNORED, _NESTED)
            folders.clear()
            continue
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]  # noqa: PTH118, PTH114 - bytes
        folders[:] = sorted(name for name in folders if name != b".git" and name not in links)
        for name in (*names, *links):
            found = _on_disk(root, name if folder == top else inside + b"/" + name, None)
            if found is not None:
                yield found
    yield from unread


def _on_disk(root: Path, name: bytes, blob: str | None) -> Entry | Unreviewed | None:
    """The file as it is now; null where it is gone. What git has no id for is read for one."""
    path = _decoded(name)
    place = root / os.fsdecode(name)
    try:
        facts = place.lstat()
        if stat.S_ISLNK(facts.st_mode):
            return Unreviewed(path, Reason.IGNORED, _SYMLINK)
        if not stat.S_ISREG(facts.st_mode):
            return Unreviewed(path, Reason.IGNORED, _SPECIAL)
        known = blob or _digest(place, facts.st_size)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return _unreadable(path, error)
    spelt = None if path.encode("utf-8", "surrogatepass") == name else name
    return Entry(path, known, facts.st_size, bool(facts.st_mode & stat.S_IXUSR), spelt)


def _digest(place: Path, size: int) -> str:
    """Git's own id of the content; a file that is too large to be opened is known by its size."""
    if size > MAX_BYTES:
        return f"{size} bytes"
    data = place.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _put(found: dict[bytes, Entry | Unreviewed], name: bytes, each: Entry | Unreviewed | None) -> None:
    if each is not None:
        found[name] = each


def _unreadable(path: str, error: OSError) -> Unreviewed:
    return Unreviewed(path, Reason.UNPARSABLE, f"cannot be read: {error.strerror or error}")


def _decoded(name: bytes) -> str:
    """As the paths of a diff are: invalid UTF-8 shows as `\\xff`."""
    return name.decode("utf-8", "backslashreplace")


def _sorted(entries: list[Entry], others: list[Unreviewed], *, is_clean: bool = True) -> Listing:
    in_order = tuple(sorted(entries, key=lambda each: each.path))
    return Listing(in_order, tuple(sorted(others, key=lambda each: each.path)), is_clean)
