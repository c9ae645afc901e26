"""The repository's own rule packs, read where its settings are: a change cannot bring its own."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from reviewer import settings
from reviewer.commands import policyfile
from reviewer.rules import own
from reviewer.sources import git, rulefiles
from reviewer.sources.git import Repository

if TYPE_CHECKING:
    from pathlib import Path

    from reviewer.github.pull import PullRequest
    from reviewer.rules.packs import Pack
    from reviewer.settings import Policy
    from reviewer.sources.patch import Patch
    from reviewer.sources.pull import PullSource


def around(folder: Path) -> Path | None:
    """The top of the work tree around `folder`; null outside of one, or without git."""
    return git.toplevel(folder) if shutil.which("git") else None


def policy(root: Path | None) -> Policy:
    """The team's settings in the work tree at `root`, under those of the environment; raises `Misuse`."""
    return settings.load({}, policyfile.read(root) or {}, settings.REPOSITORY_FILE)[0]


def of_change(source: Patch | Repository, root: Path | None) -> tuple[Pack, ...]:
    """A range's are those of its base, the work tree's (around a diff, too) those in it; raises `Misuse`."""
    if isinstance(source, Repository):
        return own.collect(source.rule_files())
    return of_work_tree(root)


def of_work_tree(root: Path | None) -> tuple[Pack, ...]:
    """Those in the work tree at `root`; none where there is none. Raises `Misuse`."""
    return own.collect(rulefiles.in_work_tree(root)) if root else ()


def of_pull(request: PullRequest, opened: Repository | PullSource) -> tuple[Pack, ...]:
    """Those of the base commit; raises `Misuse`, and `GitHubError` where GitHub does not tell."""
    return own.collect(opened.rule_files(request.base) if isinstance(opened, Repository) else opened.rule_files())
