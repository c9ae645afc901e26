"""What an earlier review of the same pull request has read, and what of its words is still true."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from reviewer import __version__
from reviewer.change.change import Kind
from reviewer.change.identity import identities, unseen
from reviewer.errors import Misuse
from reviewer.findings import Note, NoteCode, Side
from reviewer.github import files
from reviewer.github.reconcile import threads_by_finding
from reviewer.judgement.recognition import lines_of
from reviewer.sources import git, rows
from reviewer.sources.git import Repository
from reviewer.text.redact import Redactor
from reviewer.text.show import Show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from re import Pattern

    from reviewer.change.change import FileChange
    from reviewer.change.select import Read
    from reviewer.github.client import Client
    from reviewer.github.pull import PullRequest
    from reviewer.github.state import State
    from reviewer.github.threads import Existing
    from reviewer.judgement.recognition import LinesNow
    from reviewer.settings import Policy
    from reviewer.sources.pull import PullSource


def digest(policy: Policy, reader: str, rules: Sequence[str] = ()) -> str:
    """Of all that decides what is found: another one, and nothing that was read counts as read.

    `rules`: what the repository's own packs say, a text each.
    """
    told = policy.model_dump(mode="json", exclude={"fail_on"})  # it decides what a finding means, not what is found
    decides = {"version": __version__, "policy": told, "reader": reader, **({"rules": list(rules)} if rules else {})}
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()[:16]


def seen(
    state: State | None,
    change: Sequence[FileChange],
    settings_digest: str,
    *,
    head: str,
    base: str | None,
    full: bool,
    before: Callable[[State], Iterable[FileChange] | None],
    existing: Existing | None = None,
) -> tuple[frozenset[str], Note | None]:
    """The hunks that the recorded review has read, as far as its own commits still show them; and what to say of it.

    `before` gives the change as it was at the recorded commits, null where they are gone. On other commits than those,
    files are read again that have a finding which was one too many, or (by `existing`) one without a comment.
    """
    if state is None:
        return frozenset(), None
    if full:
        return frozenset(), _note("everything is read again, as --full asks", state)
    if existing is not None and existing.believed is None:
        why = "no check run bears out what the last review remembers (the token needs `checks: write`)"
        return frozenset(), _note(f"{why}: everything is read again", state)
    if state.settings != settings_digest:
        return frozenset(), _note("the settings, the model or reviewer itself changed: everything is read again", state)
    if not state.complete and not state.lost:
        return frozenset(), _note("the last review was incomplete: everything is read again", state)
    if not {rows.BEYOND, rows.UNSHOWN}.isdisjoint(state.lost):
        why = "GitHub did not show the last review every file, and nobody knows which"
        return frozenset(), _note(f"{why}: everything is read again", state)
    same = (state.head, state.base) == (head, base)
    recorded = change if same else before(state)
    if recorded is None:
        return frozenset(), _note(
            f"{state.head[:12]}, which was reviewed last, cannot be had any more: everything is read again", state
        )
    known = identities(recorded, without={*state.lost, *(() if same else _unsaid(state, existing))})
    total = sum(len(file.hunks) for file in change)
    fresh = sum(len(unseen(file, known).hunks) for file in change)
    return known, _note(
        f"{fresh} of {total} hunks are new since the review of {state.head[:12]}; the others stand", state
    )


def _unsaid(state: State, existing: Existing | None) -> set[str]:
    """Paths of findings that have no comment of their own: what is to be said of them is not remembered."""
    paths = {cut.path for cut in state.again}
    if existing is not None:
        said = threads_by_finding(existing)
        paths |= {each.path for each in state.findings if each.status == "open" and each.id not in said}
    return paths


def change_then(
    client: Client, request: PullRequest, opened: Repository | PullSource, state: State
) -> Iterable[FileChange] | None:
    """The change as it was when `state` was recorded: from the checkout, else from GitHub (300 files at most)."""
    if isinstance(opened, Repository):
        try:
            with git.revisions(opened.git.root, f"{state.base}..{state.head}") as then:
                return then.change().files
        except Misuse:  # the checkout does not have it; GitHub may
            pass
    found = files.compared(client, request.repository, state.base, state.head)
    return None if found is None else rows.parsed(files.Listing(found, 0, 0)).files


def lines_now(change: Sequence[FileChange], read: Read, secrets: Sequence[Pattern[str]]) -> LinesNow:
    """Hashes of a file's lines on the head, as a reader is shown them; empty where the change has no such file (any
    more), null where its text cannot be had."""
    present = {file.path for file in change if file.kind is not Kind.DELETED}
    return lines_of(lambda path: read(path, Side.NEW), Show(Redactor(secrets)), present, whole=True)


def reread(change: Sequence[FileChange], known: frozenset[str], lost: Iterable[str]) -> frozenset[str]:
    """The paths of which every hunk was read in this review."""
    whole = {file.path for file in change if len(unseen(file, known).hunks) == len(file.hunks)}
    return frozenset(whole.difference(lost))


def _note(message: str, state: State) -> Note:
    return Note(NoteCode.INCREMENTAL, message, {"since": state.head})
