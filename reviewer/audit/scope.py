"""Which files of a tree an audit is about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from reviewer.change.globs import Globs
from reviewer.errors import Misuse
from reviewer.findings import Note, NoteCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewer.findings import Unreviewed
    from reviewer.sources.command import Git
    from reviewer.sources.listing import Entry

Named = TypeVar("Named", "Entry", "Unreviewed")

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:?\d{2})?)?")
_AGO = re.compile(r"\d{1,5}[ .](?:hour|day|week|month|year)s?[ .]ago")


@dataclass(frozen=True, slots=True)
class Scope:
    """Files below `folder` (empty: all) that `include` takes (empty: all) and `exclude` does not, in gitignore syntax.

    `changed`: only these paths; null: whatever their age. `since` is what a user called that.
    """

    folder: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    changed: frozenset[str] | None = None
    since: str | None = None

    def within(self, entries: Sequence[Named]) -> list[Named]:
        """Those whose paths are of the scope; an invalid glob raises `Misuse`."""
        include, exclude = Globs("--include", self.include), Globs("--exclude", self.exclude)
        return [
            each
            for each in entries
            if self._holds(each.path)
            and (not self.include or include.match(each.path) is not None)
            and exclude.match(each.path) is None
        ]

    def notes(self, taken: int, all_files: int) -> tuple[Note, ...]:
        """That it was not the whole, if so."""
        words = [
            *([f"below {self.folder}"] if self.folder else []),
            *([f"--include {' '.join(self.include)}"] if self.include else []),
            *([f"--exclude {' '.join(self.exclude)}"] if self.exclude else []),
            *([f"changed since {self.since}"] if self.since else []),
        ]
        if not words:
            return ()
        said = f"{taken:,} of {all_files:,} files are what this audit is about: {', '.join(words)}"
        return (Note(NoteCode.SCOPE, said, {"files": taken, "of": all_files}),)

    def _holds(self, path: str) -> bool:
        inside = not self.folder or path.startswith(f"{self.folder}/")
        return inside and (self.changed is None or path in self.changed)


def changed_since(git: Git, since: str, commit: str | None) -> frozenset[str]:
    """Paths that differ from a revision, or from the last commit before a date; `commit` null: in the work tree.

    Before the first commit everything counts. What is neither raises `Misuse`, so does a clone that is too shallow.
    """
    head = commit or git.commit("HEAD")
    base = git.commit(since) if not since.startswith("-") else None
    if base is None:
        if not (_DAY.fullmatch(since) or _AGO.fullmatch(since)):
            what = "a revision that git knows here, a date like 2026-01-31, or an age like '2 weeks ago'"
            raise Misuse(f"--since {since}: name {what}{_shallow(git)}")
        found = git.run("rev-list", "--max-count=1", f"--before={since}", head, "--").split() if head else []
        if not found and git.is_shallow():
            raise Misuse(f"--since {since}: this clone does not reach back so far{_shallow(git)}")
        base = found[0].decode() if found else git.empty_tree()
    asked = ("diff", "--no-ext-diff", "--no-renames", "--name-only", "--ignore-submodules=all", "-z", base)
    names = git.run(*asked, *([commit] if commit else []), "--").split(b"\0")
    if commit is None:
        names += git.run("ls-files", "-z", "--others", "--exclude-standard").split(b"\0")
    return frozenset(name.decode("utf-8", "backslashreplace") for name in names if name)


def _shallow(git: Git) -> str:
    return "; run `git fetch --unshallow` (in Actions: fetch-depth: 0)" if git.is_shallow() else ""
