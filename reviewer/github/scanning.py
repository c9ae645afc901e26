"""Findings as alerts of GitHub's code scanning, by an upload of SARIF."""

from __future__ import annotations

import base64
import gzip
import re
from typing import TYPE_CHECKING

from reviewer.errors import Misuse
from reviewer.github import attempts
from reviewer.github.failures import GitHubError

if TYPE_CHECKING:
    from collections.abc import Callable

    from reviewer.github.client import Client

TOOL = "reviewer"
_COMMIT, _REF = re.compile(r"[0-9a-f]{40}"), re.compile(r"refs/(?:heads|tags|pull)/.+")


def upload(
    client: Client, repository: str, sarif: str, *, commit: str, ref: str, is_late: Callable[[], bool]
) -> str | None:
    """Hands it over. Null, or why GitHub does not take it: code scanning is off, or not for this token.

    `ref` is a full one, `refs/heads/main`; else `Misuse`. An upload whose answer got lost is made again: GitHub shows
    the same analysis once. Other trouble raises `GitHubError`.
    """
    if not _COMMIT.fullmatch(commit) or not _REF.fullmatch(ref):
        raise Misuse(f"code scanning wants a commit's 40 digits and a full reference, not {commit!r} and {ref!r}")
    body = {
        "commit_sha": commit,
        "ref": ref,
        "sarif": base64.b64encode(gzip.compress(sarif.encode(), mtime=0)).decode("ascii"),
        "tool_name": TOOL,
    }
    path = f"/repos/{repository}/code-scanning/sarifs"
    try:
        attempts.again(lambda: client.rest("POST", path, body=body), is_late=is_late)
    except GitHubError as error:
        if error.kind not in ("forbidden", "not_found"):
            raise
        way = "it is on for public repositories and with GitHub Code Security, and the job needs security-events: write"
        return f"the findings are not in code scanning: {way} ({error})"
    return None
