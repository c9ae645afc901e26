"""`reviewer` as a process, and real repositories to run it in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Done:
    """How a process ended."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


def command(*arguments: str | Path) -> list[str]:
    """The words of a command line."""
    return [sys.executable, "-m", "reviewer", *map(str, arguments)]


def reviewer(
    *arguments: str | Path, cwd: Path | None = None, stdin: bytes = b"", variables: Mapping[str, str] | None = None
) -> Done:
    """Runs it to its end."""
    done = subprocess.run(
        command(*arguments),
        check=False,
        capture_output=True,
        cwd=cwd,
        input=stdin,
        env={**os.environ, **(variables or {})},
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def asking(url: str, **more: str) -> dict[str, str]:
    """The environment that asks the model server at `url`, once about each chunk: what is said is not verified."""
    return {
        "REVIEWER_VERIFY": "false",
        "REVIEWER_PROVIDER": "openai",
        "REVIEWER_BASE_URL": f"{url}/v1",
        "REVIEWER_API_KEY": "sk-reviewer-test-0123456789",
        **{f"REVIEWER_{name.upper()}": value for name, value in more.items()},
    }


IDENTITY = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Ada"), ("EMAIL", "ada@example.org"), ("DATE", "2026-01-02T03:04:05+00:00"))
}
"""For what is committed before a test of its own began: a machine may have no name to commit in."""


def git(root: Path, *arguments: str) -> str:
    """Real git."""
    return subprocess.run(
        ["git", "-C", str(root), *arguments],
        check=True,
        capture_output=True,
        text=True,
        env={**IDENTITY, **os.environ},
    ).stdout.strip()


def repository(root: Path, files: Mapping[str, str]) -> Path:
    """A repository whose branch `main` has one commit."""
    root.mkdir(parents=True, exist_ok=True)
    git(root, "init", "-q", "-b", "main")
    commit(root, files)
    return root


def commit(root: Path, files: Mapping[str, str], message: str = "a change") -> str:
    """Writes the files, commits everything, returns the commit."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", message)
    return git(root, "rev-parse", "HEAD")


def many_files(tmp_path: Path, count: int = 12) -> Path:
    """A diff of `count` files, each a request of its own at 500 tokens a chunk."""
    root = repository(tmp_path / "many", {"README.md": "x\n"})
    text = "".join(f"value_{n} = compute({n}, 'some text to fill the line with')\n" for n in range(30))
    commit(root, {f"module{n}/part{n}.py": f"number = {n}\n{text}" for n in range(count)})
    (tmp_path / "many.diff").write_text(git(root, "diff", "HEAD~1") + "\n")
    return tmp_path / "many.diff"
