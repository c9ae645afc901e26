"""Git, run so that no configuration, attribute or environment of anybody's changes what it answers."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONFIGURATION = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",  # writing an index runs post-index-change
    "core.quotePath=true",
    "diff.suppressBlankEmpty=false",
    "diff.relative=false",
    "diff.renameLimit=1000",
    "diff.algorithm=myers",
    "diff.indentHeuristic=true",
    "diff.orderFile=/dev/null",
)
_ENVIRONMENT = {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_PAGER": "cat"}
_UNSET = (
    "GIT_DIFF_OPTS",  # beats -U3
    "GIT_EXTERNAL_DIFF",
    "GIT_ATTR_SOURCE",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
)
_DIFF = (
    "diff",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--find-renames",
    "--full-index",
    "--submodule=short",
    "--ignore-submodules=dirty",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--unified=3",
    "--inter-hunk-context=0",
)
_DEFAULT_BRANCHES = (
    "refs/remotes/origin/HEAD",
    "refs/heads/main",
    "refs/heads/master",
    "refs/remotes/origin/main",
    "refs/remotes/origin/master",
)
NO_GIT = "git is not installed or not on the PATH: install it, or give a diff file instead"


def toplevel(path: Path) -> Path | None:
    """The top folder of the work tree around `path`; null outside of one. Raises `Misuse` where git refuses to look."""
    result = Git(path).attempt("rev-parse", "--show-toplevel")
    if result.returncode == 0:
        return Path(os.fsdecode(result.stdout.removesuffix(b"\n")))
    message = _message(result)
    if "not a git repository" in message or "must be run in a work tree" in message:
        return None
    raise Misuse(message)


def has_history(path: Path) -> bool:
    """Whether revisions can be looked up here: in a work tree, a bare repository or another folder of git's own."""
    return Git(path).attempt("rev-parse", "--git-dir").returncode == 0


@dataclass(frozen=True, slots=True)
class Git:
    """Git in the folder `root`, with `extra` in its environment."""

    root: Path
    extra: Mapping[str, str] = field(default_factory=dict)

    def command(self, *arguments: str) -> list[str]:
        """The words of a git command, hardened."""
        configuration = (word for setting in _CONFIGURATION for word in ("-c", setting))
        return ["git", "--no-pager", "--literal-pathspecs", *configuration, *arguments]

    def environment(self) -> dict[str, str]:
        """A child's environment: ours, without what would change an answer."""
        return {k: v for k, v in os.environ.items() if k not in _UNSET} | _ENVIRONMENT | dict(self.extra)

    def attempt(self, *arguments: str, given: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
        """Runs git to its end, whatever that is; raises `Misuse` where there is no git."""
        try:
            return subprocess.run(  # noqa: S603 - no shell, and options end before anything of a user's
                self.command(*arguments),
                cwd=self.root,
                env=self.environment(),
                input=given,
                stdin=subprocess.DEVNULL if given is None else None,
                capture_output=True,
                check=False,
            )
        except FileNotFoundError as error:
            if error.filename != "git":
                raise
            raise Misuse(NO_GIT) from None

    def run(self, *arguments: str, given: bytes | None = None) -> bytes:
        """What git prints; raises `Misuse` with its complaint where it fails."""
        result = self.attempt(*arguments, given=given)
        if result.returncode:
            raise Misuse(_message(result))
        return result.stdout

    def diff(self, *revisions: str) -> bytes:
        """The patch from one revision to another, or to the work tree; the same for everybody."""
        return self.run(*_DIFF, *revisions, "--")

    def commit(self, revision: str) -> str | None:
        """The hash of the commit a revision names; null where it names none."""
        if "\0" in revision:
            return None
        result = self.attempt("rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")
        return None if result.returncode else result.stdout.decode("ascii").strip()

    def merge_base(self, one: str, other: str) -> str:
        """The newest commit both descend from; raises `Misuse` where there is none here."""
        result = self.attempt("merge-base", one, other)
        if result.returncode == 0:
            return result.stdout.decode("ascii").split()[0]
        one, other = (name.removeprefix("refs/heads/").removeprefix("refs/remotes/") for name in (one, other))
        if self.is_shallow():
            raise Misuse(f"this clone is too shallow to know where {one} and {other} part: {_DEEPEN}")
        raise Misuse(f"{one} and {other} have no common ancestor: compare them as they are with {other}..{one}")

    def first_parent(self, commit: str) -> str:
        """The commit's first parent, or the empty tree for a root; raises `Misuse` where a shallow clone ends."""
        header = self.run("cat-file", "commit", commit).partition(b"\n\n")[0]
        parents = [line[7:].decode("ascii") for line in header.split(b"\n") if line.startswith(b"parent ")]
        if not parents:
            return self.empty_tree()
        if self.commit(parents[0]) is None:
            raise Misuse(f"this clone is too shallow to hold the parent of {commit[:12]}: {_DEEPEN}")
        return parents[0]

    def default_branch(self) -> str | None:
        """The branch a change is made against."""
        return next((name for name in _DEFAULT_BRANCHES if self.commit(name)), None)

    def empty_tree(self) -> str:
        """The hash of a tree without files, in the repository's own hash."""
        return self.run("hash-object", "-t", "tree", "--stdin", given=b"").decode("ascii").strip()

    def is_shallow(self) -> bool:
        """Whether history was cut off when this was cloned."""
        return self.run("rev-parse", "--is-shallow-repository").strip() == b"true"


_DEEPEN = "run `git fetch --unshallow` (in GitHub Actions, check out with fetch-depth: 0)"


def _message(result: subprocess.CompletedProcess[bytes]) -> str:
    """Git's complaint in one line."""
    words = result.stderr.decode("utf-8", "replace").split()
    return "git: " + " ".join(words).removeprefix("fatal: ")[:500]
