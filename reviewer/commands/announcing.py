"""What an audit says on GitHub: in the one issue that rolls on, and in code scanning, where the token may write."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from reviewer.action import REPOSITORY
from reviewer.audit import issue
from reviewer.audit.alerts import may_replace
from reviewer.commands import delivery
from reviewer.errors import Misuse
from reviewer.findings import Note, NoteCode, Status
from reviewer.github import issues, scanning
from reviewer.github.failures import GitHubError
from reviewer.judgement import verdict
from reviewer.text.sanitise import page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reviewer.audit.issue import Memory
    from reviewer.commands.grounds import Grounds
    from reviewer.findings import Report
    from reviewer.github.client import Client
    from reviewer.settings import Operator
    from reviewer.sources.tree import Tree

_NO_COMMIT = "the files are not those of a commit"
_NO_BRANCH = "no branch is checked out"
_NOT_WHOLE = "GitHub would take what this audit did not get to read for fixed"


@dataclass(frozen=True, slots=True)
class Announced:
    """The report, with a note on all that is not said on GitHub; `failures`: what might have been, and was not."""

    report: Report
    failures: tuple[str, ...] = ()

    def check(self) -> None:
        """Raises `Undelivered` where there are failures. What the token may not write is none."""
        if self.failures:
            raise verdict.undelivered(self.report, "; ".join(self.failures))


@dataclass(frozen=True, slots=True)
class Place:
    """Where to say it. `reference`: the branch that the files are those of, in full; null where nobody knows.

    `trouble` kept it from being known.
    """

    client: Client
    repository: str
    reference: str | None
    trouble: GitHubError | None = None


@contextmanager
def opened(repository: str | None, found: Grounds, operator: Operator) -> Iterator[Callable[[Report], Announced]]:
    """What says a report on GitHub (null: nowhere). What can never work is `Misuse`, before anything is paid for.

    The deadline is for reading: what was read is said, however late it is.
    """
    if repository is None:
        yield Announced
        return
    if found.folder:
        raise Misuse(f"--post speaks for the whole repository: name its top, not {found.folder} in it")
    refuse(repository, operator)
    from reviewer.commands import hub  # PyGithub, which most audits need not wait for

    with hub.open_client(operator.model_copy(update={"deadline": None})) as client:
        yield partial(announced, Place(client, repository, _reference(found.tree)))


def refuse(repository: str | None, operator: Operator) -> None:
    """What can never work, by what was said alone, is `Misuse`."""
    if repository is None:
        return
    if not REPOSITORY.fullmatch(repository):
        raise Misuse(f"--post {repository}: name the repository like owner/repo")
    from reviewer.commands import hub

    hub.needed(operator)


def _reference(tree: Tree) -> str | None:
    """The branch that the files are those of, in full; null where nobody knows."""
    if tree.head is not None and os.environ.get("GITHUB_SHA") == tree.head and os.environ.get("GITHUB_REF"):
        return os.environ["GITHUB_REF"]
    if tree.git is None:
        return None
    return tree.git.attempt("symbolic-ref", "--quiet", "HEAD").stdout.decode("utf-8", "replace").strip() or None


def is_silent(report: Report) -> bool:
    """An interrupted audit, or one that read nothing, knows nothing to say."""
    return report.status is Status.FAILED or any(note.code is NoteCode.INTERRUPTED for note in report.notes)


def announced(place: Place, report: Report) -> Announced:
    """An interrupt ends the posting, not the report."""
    if is_silent(report):
        return Announced(report)
    unsaid: list[str] = []
    failures: list[str] = []
    try:
        _say(place, report, unsaid, failures)
    except KeyboardInterrupt as interrupt:
        report = delivery.cut_short(report, interrupt, place.repository)
    notes = (Note(NoteCode.NOT_POSTED, said) for said in (*unsaid, *failures))
    return Announced(replace(report, notes=(*report.notes, *notes)), tuple(failures))


def _say(place: Place, report: Report, unsaid: list[str], failures: list[str]) -> None:
    """In both places; trouble with the one keeps nobody from the other."""
    memory = None
    try:
        memory = _keep_issue(place, report)
    except GitHubError as error:
        is_refusal = error.kind in ("forbidden", "not_found")
        way = "that takes `issues: write`, and issues that are switched on: " if is_refusal else ""
        (unsaid if is_refusal else failures).append(f"the findings are in no issue: {way}{error}")
    try:
        why = _upload(place, report, memory)
        unsaid += [why] if why else []
    except GitHubError as error:
        failures.append(_unscanned(error))


def _keep_issue(place: Place, report: Report) -> Memory | None:
    """Writes what there is to write; gives what was said before, null where there was no issue and is none now."""
    found = issues.find(place.client, place.repository, issue.is_ours)
    wanted = issue.edition(report, found)
    if wanted is not None:
        url = issues.publish(
            place.client, place.repository, found, wanted, is_ours=issue.is_ours, is_late=lambda: False
        )
        sys.stderr.write(f"reviewer: the findings are in {page(url)}\n")
    return issue.remembered(found) if found is not None or wanted is not None else None


def _upload(place: Place, report: Report, memory: Memory | None) -> str | None:
    """Null, or why it is not in code scanning."""
    if place.trouble is not None:
        raise place.trouble
    if report.head is None or place.reference is None:
        return _unscanned(_NO_COMMIT if report.head is None else _NO_BRANCH)
    if not may_replace(report, memory):
        return _unscanned(_NOT_WHOLE)
    from reviewer.outputs import sarif
    from reviewer.outputs.look import Look

    written = sarif.render(report, Look())
    try:
        return scanning.upload(
            place.client, place.repository, written, commit=report.head, ref=place.reference, is_late=lambda: False
        )
    except Misuse as error:  # a commit or branch that GitHub has no such name for
        return _unscanned(str(error))


def _unscanned(why: object) -> str:
    return f"the findings are not in code scanning: {why}"
