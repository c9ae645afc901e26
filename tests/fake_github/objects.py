"""A real git repository, read by its own commands."""

from __future__ import annotations

import os
import re
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHA = re.compile(r"[0-9a-f]{40}")
BRANCH = re.compile(r"(refs/heads/[\w-]+)\^\{commit\}")
STABLE = ("-c", "core.quotePath=off", "-c", "diff.algorithm=myers", "-c", "diff.noprefix=false")


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    email: str
    date: str


@dataclass(frozen=True, slots=True)
class Commit:
    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    message: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What a tree says of one path; `size` is null unless it is a blob."""

    mode: str
    kind: str
    sha: str
    size: int | None
    path: str


class Objects:
    """Answers about commits never change, so they are asked once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._known: dict[tuple[str, ...], bytes | None] = {}

    def commit_sha(self, revision: str) -> str | None:
        """The commit a branch, tag or (full or short) SHA names, as of now."""
        return self._resolve(f"{revision}^{{commit}}")

    def object_sha(self, expression: str) -> str | None:
        """What `revision:path` names, as of now."""
        return self._resolve(expression)

    def kind(self, sha: str) -> str:
        return self._must("cat-file", "-t", sha).decode().strip()

    def default_branch(self) -> str:
        """main or master where there is one: in a work tree HEAD is whatever was checked out last."""
        for name in ("main", "master"):
            if self.commit_sha(f"refs/heads/{name}"):
                return name
        return self.run("symbolic-ref", "--short", "HEAD").decode().strip()

    def merge_base(self, base: str, head: str) -> str | None:
        found = self.once("merge-base", base, head)
        return found.decode().strip() if found else None

    def between(self, base: str, head: str) -> list[str]:
        """The commits that `head` has and `base` has not, oldest first."""
        return self._must("rev-list", "--topo-order", "--reverse", f"{base}..{head}").decode().split()

    def history(self, head: str, most: int) -> list[str]:
        """Newest first."""
        return self._must("rev-list", f"--max-count={most}", head).decode().split()

    def commit(self, sha: str) -> Commit:
        form = "%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B"
        raw = self._must("log", "-1", "--no-show-signature", f"--format={form}", sha)
        tree, parents, *people, message = raw.decode(errors="replace").split("\0")
        return Commit(sha, tree, tuple(parents.split()), Person(*people[:3]), Person(*people[3:]), message.rstrip("\n"))

    def entry(self, commit: str, path: str) -> Entry | None:
        """The entry at exactly `path`; the root has none."""
        return next((e for e in self._entries(commit, "--", path) if e.path == path), None)

    def children(self, commit: str, path: str) -> list[Entry]:
        """What is in the folder `path` (empty for the root)."""
        return list(self._entries(f"{commit}:{path}" if path else commit))

    def tree(self, tree: str, *, recursive: bool) -> list[Entry]:
        return list(self._entries("-r", "-t", tree) if recursive else self._entries(tree))

    def blob(self, sha: str) -> bytes:
        return self._must("cat-file", "blob", sha)

    def once(self, *arguments: str) -> bytes | None:
        """The output of a command about fixed commits; null when it fails."""
        if arguments not in self._known:
            try:
                self._known[arguments] = self.run(*arguments)
            except subprocess.CalledProcessError:
                self._known[arguments] = None
        return self._known[arguments]

    def run(self, *arguments: str) -> bytes:
        environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
        command = ["git", "-C", str(self.root), "--literal-pathspecs", *STABLE, *arguments]
        return subprocess.run(command, check=True, capture_output=True, env=environment).stdout

    def _branch(self, expression: str) -> str | None:
        """What git would say of a branch; null where the file of that name does not tell. It is asked all the time."""
        name = BRANCH.fullmatch(expression)
        if name is None:
            return None
        for folder in (self.root / ".git", self.root):
            with suppress(OSError):
                if found := SHA.fullmatch((folder / name[1]).read_text("ascii").strip()):
                    return found[0]
        return None

    def _resolve(self, expression: str) -> str | None:
        if (known := self._branch(expression)) is not None:
            return known
        arguments = ("rev-parse", "--verify", "--quiet", "--end-of-options", expression)
        if SHA.match(expression):
            found = self.once(*arguments)
        else:
            try:
                found = self.run(*arguments)
            except subprocess.CalledProcessError:
                found = None
        lines = found.decode().split() if found else []
        return lines[-1] if lines else None

    def _must(self, *arguments: str) -> bytes:
        found = self.once(*arguments)
        if found is None:
            raise LookupError(arguments)
        return found

    def _entries(self, *arguments: str) -> Iterator[Entry]:
        for row in self._must("ls-tree", "-z", "--long", *arguments).decode(errors="replace").split("\0"):
            if row:
                facts, path = row.split("\t", 1)
                mode, kind, sha, size = facts.split()
                yield Entry(mode, kind, sha, None if size == "-" else int(size), path)
