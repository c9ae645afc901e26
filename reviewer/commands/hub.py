"""A pull request, opened from what the operator gave: its address, a token, and a checkout if there is one."""

from __future__ import annotations

import os
import shutil
import time
from typing import TYPE_CHECKING

from reviewer import settings
from reviewer.commands.target import PUBLIC_API
from reviewer.context import guides
from reviewer.errors import Misuse
from reviewer.github.client import connect
from reviewer.github.threads import ALONG
from reviewer.sources import git
from reviewer.sources.git import Repository
from reviewer.sources.pull import PullSource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import Any

    from reviewer.github.client import Client
    from reviewer.github.pull import PullRequest
    from reviewer.settings import Operator


def open_client(operator: Operator) -> Client:
    """Sends nothing yet; no token at all raises `Misuse`."""
    given = needed(operator)
    deadline = None if operator.deadline is None else time.monotonic() + operator.deadline
    return connect(
        given,
        api_url=os.environ.get("GITHUB_API_URL") or PUBLIC_API,
        graphql_url=os.environ.get("GITHUB_GRAPHQL_URL") or None,
        deadline=deadline,
        clock=time.monotonic,
        sleep=time.sleep,
    )


def needed(operator: Operator) -> str:
    """The token; none at all raises `Misuse`."""
    given = token(operator)
    if not given:
        raise Misuse("GitHub needs a token: set GITHUB_TOKEN (in a workflow: ${{ github.token }})")
    return given


def token(operator: Operator) -> str | None:
    """The first of REVIEWER_GITHUB_TOKEN, GITHUB_TOKEN and GH_TOKEN that is set; null: none."""
    given = operator.github_token.get_secret_value() if operator.github_token else ""
    return given or os.environ.get("GITHUB_TOKEN") or os.environ.get("GH_TOKEN") or None


def lateness(operator: Operator) -> Callable[[], bool]:
    """Whether the run, which begins now, is past its deadline."""
    start, most = time.monotonic(), operator.deadline
    return lambda: most is not None and time.monotonic() - start >= most


def source(client: Client, request: PullRequest, folder: Path) -> Repository | PullSource:
    """The checkout around `folder` where it has the commits, which has no limits; else GitHub's interface."""
    root = git.toplevel(folder) if shutil.which("git") else None
    if root is not None:
        try:
            return git.revisions(root, f"{request.base}...{request.head}")
        except Misuse:  # another repository, or a shallow clone: GitHub has what it has not
            pass
    return PullSource(
        client, request, wanted=[settings.REPOSITORY_FILE, settings.BASELINE_FILE, *guides.AT_ROOT], along=ALONG
    )


def policy_file(request: PullRequest, opened: Repository | PullSource) -> tuple[Mapping[str, Any], str]:
    """The team's settings as the base commit has them, and what to call them: the change cannot bring its own.

    Of a `PullSource`, they come along with its change.
    """
    name = settings.REPOSITORY_FILE
    text = opened.blobs.read(request.base, name) if isinstance(opened, Repository) else opened.base_file(name)
    if text is None:
        return {}, "defaults"
    return settings.parse_repository_file(text, name), f"{name} at {request.base[:12]}"
