"""The baseline, read where the team's settings are: a change cannot accept its own findings."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from reviewer import settings
from reviewer.audit import baselinefile
from reviewer.audit.baseline import Baseline, updated
from reviewer.commands import files
from reviewer.errors import Misuse
from reviewer.findings import NoteCode, Status
from reviewer.sources import git
from reviewer.sources.git import Repository

if TYPE_CHECKING:
    from pathlib import Path

    from reviewer.commands.matter import Matter
    from reviewer.findings import Report
    from reviewer.github.pull import PullRequest
    from reviewer.settings import Policy
    from reviewer.sources.blobs import Blobs
    from reviewer.sources.patch import Patch
    from reviewer.sources.pull import PullSource


def today() -> date:
    """In UTC: the same on every runner."""
    return datetime.now(UTC).date()


def name(policy: Policy) -> str:
    """The file's path from the top of the repository."""
    return policy.baseline or settings.BASELINE_FILE


def of_change(source: Patch | Repository, root: Path | None, policy: Policy) -> Baseline:
    """A range's is that of its base; the work tree's (around a diff, and what is staged, too) the one in it."""
    if isinstance(source, Repository) and source.head is not None and source.is_commit:
        return of_commit(source.blobs, source.base, policy)
    return of_work_tree(root, policy) if root else Baseline()


def of_commit(blobs: Blobs, commit: str, policy: Policy) -> Baseline:
    """That of a commit; none where it has no such file. Raises `Misuse`."""
    return _read(blobs.read(commit, name(policy)), f"{name(policy)} at {commit[:12]}")


def of_pull(request: PullRequest, opened: Repository | PullSource, policy: Policy) -> Baseline:
    """That of the base commit; raises `Misuse`, and `GitHubError` where GitHub does not tell."""
    wanted = name(policy)
    text = opened.blobs.read(request.base, wanted) if isinstance(opened, Repository) else opened.base_file(wanted)
    return _read(text, f"{wanted} at {request.base[:12]}")


def of_work_tree(root: Path, policy: Policy) -> Baseline:
    """The one in the folder `root`; none where there is no such file. Raises `Misuse`."""
    path = place(root, policy)
    try:
        if path.stat().st_size > baselinefile.MAX_BYTES:
            raise Misuse(f"{name(policy)} is larger than {baselinefile.MAX_BYTES:,} bytes: no baseline is")
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return Baseline()
    except UnicodeDecodeError as error:
        line = 1 + error.object.count(b"\n", 0, error.start)
        raise Misuse(f"{name(policy)}:{line} is not UTF-8 text") from error
    except OSError as error:
        raise Misuse(f"{name(policy)} cannot be read: {error.strerror}") from error
    return _read(text, name(policy))


def place(root: Path, policy: Policy) -> Path:
    """Where it is, or would be; a link that leads out of the folder `root` raises `Misuse`."""
    top = root.resolve()
    path = (top / name(policy)).resolve()
    if not path.is_relative_to(top):
        raise Misuse(f"{name(policy)} is a link that leads out of the repository: put the file itself there")
    return path


def update(root: Path, matter: Matter, report: Report) -> None:
    """Everything that stands in a report of the folder `root` is known from now on; raises `Misuse` as `save` does.

    An interrupted report, or one that read nothing, knows too little for that.
    """
    if report.status is Status.FAILED or any(note.code is NoteCode.INTERRUPTED for note in report.notes):
        sys.stderr.write(f"reviewer: {name(matter.policy)} stays as it is: this audit did not get to its end\n")
        return
    who = git.author(root) or "reviewer audit"
    after = updated(matter.known, report, who, today(), lines_now=matter.lines_now)
    save(root, matter.policy, after)
    count = "1 entry" if len(after.entries) == 1 else f"{len(after.entries):,} entries"
    sys.stderr.write(f"reviewer: {name(matter.policy)} has {count} now: commit it\n")


def save(root: Path, policy: Policy, baseline: Baseline) -> None:
    """Writes it, whole or not at all; where it says the same already, nothing. Raises `Misuse` where it cannot be."""
    path, page = place(root, policy), baselinefile.write(baseline)
    if len(page.encode()) > baselinefile.MAX_BYTES:
        most = f"{len(baseline.entries):,} findings do not fit into {baselinefile.MAX_BYTES:,} bytes"
        raise Misuse(f"{name(policy)}: {most}; leave files out with `ignore`, or raise min_severity")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.replace(path, page)
    except OSError as error:
        raise Misuse(f"{name(policy)} cannot be written: {error.strerror}") from error


def _read(text: str | None, shown: str) -> Baseline:
    return Baseline() if text is None else baselinefile.read(text, shown)
