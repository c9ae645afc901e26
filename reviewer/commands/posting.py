"""`reviewer publish REPORT.json --repository owner/repo`: an audit that was made elsewhere, perhaps in many places."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from reviewer import settings
from reviewer.action import REPOSITORY
from reviewer.audit import parts
from reviewer.commands import announcing, delivery, hub
from reviewer.commands.announcing import Place
from reviewer.errors import Misuse
from reviewer.findings import NoteCode
from reviewer.github import repositories
from reviewer.github.failures import GitHubError
from reviewer.judgement import verdict
from reviewer.outputs import registry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from reviewer.commands.delivery import Output
    from reviewer.findings import Report
    from reviewer.github.client import Client


def of_audit(repository: str, report: Report, given: Mapping[str, Any], outputs: list[Output]) -> int:
    """Posts and prints; the exit code is the report's. One that is not about the whole repository raises `Misuse`."""
    _refuse_parts(repository, report)
    policy, operator = settings.load(given, {}, settings.REPOSITORY_FILE)
    stdout = registry.renderer("text")
    with hub.open_client(operator.model_copy(update={"deadline": None})) as client:
        if announcing.is_silent(report):
            sys.stderr.write("reviewer: an audit that was interrupted, or read nothing, is not posted\n")
        said = announcing.announced(_place(client, repository, report.head), report)
    delivery.deliver(said.report, stdout, outputs)
    said.check()
    return verdict.exit_code(said.report, policy.fail_on, allow_incomplete=operator.allow_incomplete)


def _refuse_parts(repository: str, report: Report) -> None:
    """What is said of a part is nothing to close an issue over."""
    if not REPOSITORY.fullmatch(repository):
        raise Misuse(f"--repository {repository}: name the repository like owner/repo")
    if report.base is not None:
        raise Misuse("this is the report of a change, no audit: post it with --pull")
    if any(note.code is NoteCode.SCOPE for note in report.notes):
        raise Misuse("this report is about a part of the repository, or not as it is: the issue speaks for the whole")
    if parts.is_part(report):
        raise Misuse("this is one part of an audit: post what `reviewer merge` makes of all of them")


def _place(client: Client, repository: str, head: str | None) -> Place:
    """With the branch that was audited: in a workflow of that commit the runner's, else the default one."""
    if head is None:
        return Place(client, repository, None)
    named = (os.environ.get("GITHUB_REPOSITORY"), os.environ.get("GITHUB_SHA"))
    if named == (repository, head) and os.environ.get("GITHUB_REF"):
        return Place(client, repository, os.environ["GITHUB_REF"])
    try:
        branch = repositories.default_branch(client, repository)
    except GitHubError as error:  # the issue needs no branch
        return Place(client, repository, None, error)
    return Place(client, repository, None if branch is None else f"refs/heads/{branch}")
