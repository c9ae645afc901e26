"""`reviewer review owner/repo#12`: what was said before, what is new, and (with --post) saying it."""

from __future__ import annotations

import re
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer import settings
from reviewer.audit.baseline import Baseline, against
from reviewer.change.commentable import commentable
from reviewer.checks import catalogue, words
from reviewer.commands import baselines, delivery, earlier, evidence, hub, reading, reviewing, rulebook
from reviewer.commands.matter import Fetched, Matter
from reviewer.context.pullrequest import pull_items
from reviewer.errors import Undelivered
from reviewer.findings import Note, NoteCode
from reviewer.github import draft as drafting
from reviewer.github import publish as publishing
from reviewer.github import pull as pulls
from reviewer.github import threads
from reviewer.github.corroboration import corroborated
from reviewer.github.dismissals import dismissals
from reviewer.github.reconcile import reconcile
from reviewer.github.state import rounds_before
from reviewer.judgement import triage, verdict
from reviewer.sources import basetexts
from reviewer.sources.git import Repository
from reviewer.sources.pull import PullSource
from reviewer.sources.pullsnapshot import PullSnapshot
from reviewer.text.sanitise import page

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from reviewer.change.commentable import Anchors
    from reviewer.commands.delivery import Output
    from reviewer.context.evidence import Documents
    from reviewer.context.snapshot import Snapshot
    from reviewer.findings import Report
    from reviewer.github.client import Client
    from reviewer.github.draft import Draft
    from reviewer.github.publish import Published
    from reviewer.github.pull import PullRequest
    from reviewer.github.threads import Existing
    from reviewer.outputs.registry import Render
    from reviewer.rules.packs import Pack
    from reviewer.settings import Operator, Policy

__all__ = ["Case", "draft", "opened", "posted", "review"]


@dataclass(frozen=True, slots=True)
class Case:
    """A pull request with all that is needed to review it."""

    client: Client
    request: PullRequest
    place: Repository | PullSource
    source: Fetched
    existing: Existing
    policy: Policy
    policy_source: str
    operator: Operator
    is_late: Callable[[], bool]
    own: tuple[Pack, ...] = ()
    documents: Documents | None = None
    known: Baseline = field(default_factory=Baseline)

    @property
    def rounds(self) -> int:
        """How many heads were reviewed completely before this one; none where nothing bears that out."""
        return rounds_before(self.existing.believed, self.request.head)


def review(
    name: tuple[str, int], options: argparse.Namespace, given: Mapping[str, Any], stdout: Render, outputs: list[Output]
) -> int:
    """Reviews, prints the draft or posts it, and delivers the report; the exit code is a function of the report."""
    with ExitStack() as stack:
        case = opened(name, given, stack, documents(options))
        if options.post and case.request.state == "closed":
            sys.stderr.write(
                f"reviewer: {case.request.repository}#{case.request.number} is closed: nothing to review\n"
            )
            return verdict.FINE
        report, decided = _reviewed(case, full=options.full, quiet=options.quiet)
        drafted = draft(case, report, decided)
        if options.post and not any(note.code is NoteCode.INTERRUPTED for note in report.notes):
            report = posted(case, drafted, report, stdout, outputs)
        else:
            delivery.deliver(report, _shown(drafted) if options.format == "text" else stdout, outputs)
    return verdict.exit_code(report, case.policy.fail_on, allow_incomplete=case.operator.allow_incomplete)


def documents(options: argparse.Namespace) -> Documents | None:
    """What `--evidence` names; null where it names nothing."""
    return evidence.read(options.evidence, rulebook.around(Path.cwd())) if options.evidence else None


def opened(name: tuple[str, int], given: Mapping[str, Any], stack: ExitStack, found: Documents | None = None) -> Case:
    """Reads the pull request, its change, the team's settings at its base, and what was said before."""
    _, operator = settings.load(given, {}, settings.REPOSITORY_FILE)
    is_late = hub.lateness(operator)
    client = stack.enter_context(hub.open_client(operator))
    request = pulls.read(client, *name)
    place = hub.source(client, request, Path.cwd())
    stack.callback(place.close)
    change, told = place.change(), None
    if isinstance(place, PullSource):
        request, told = place.pull, place.told  # read again, where it moved while it was read
    existing = corroborated(client, request, threads.read_existing(client, request, told=told))
    values, policy_source = hub.policy_file(request, place)
    policy, operator = settings.load(given, values, settings.REPOSITORY_FILE)
    source = Fetched(tuple(change.files), change, place.read)
    own, known = rulebook.of_pull(request, place), baselines.of_pull(request, place, policy)
    return Case(client, request, place, source, existing, policy, policy_source, operator, is_late, own, found, known)


def _reviewed(case: Case, *, full: bool, quiet: bool) -> tuple[Report, str]:
    """The report of the pull request as it is, and the digest of what decided it."""
    brief = reviewing.brief(case.policy, case.policy_source)
    files = case.source.files
    read_before, note = seen(case, full=full)
    # Before the model is asked: a GitHub that stumbles must not cost a review that was paid for.
    said = dismissals(case.client, case.request, case.existing.threads)
    report = reviewing.review(matter(case), case.operator, quiet=quiet, seen=read_before)
    lost = [entry.path for entry in report.unreviewed if entry.reason.is_loss]
    report = reconcile(
        report,
        case.existing,
        said,
        earlier.lines_now(files, case.source.read, brief.secrets),
        reread=earlier.reread(files, read_before, lost),
    )
    report = against(report, case.known, baselines.today())  # what was said before it was accepted, too
    return (replace(report, notes=(*report.notes, note)) if note else report), digest(case)


def seen(case: Case, *, full: bool) -> tuple[frozenset[str], Note | None]:
    """The hunks that need not be read again, and what to say of that."""
    return earlier.seen(
        case.existing.summary.state if case.existing.summary else None,
        case.source.files,
        digest(case),
        head=case.request.head,
        base=case.source.fetched.base,
        full=full,
        existing=case.existing,
        before=lambda state: earlier.change_then(case.client, case.request, case.place, state),
    )


def digest(case: Case) -> str:
    """Of what decides what is found: by whom and by which word it is read."""
    return earlier.digest(case.policy, reading.identity(case.operator), list(map(repr, case.own)))


def matter(case: Case) -> Matter:
    """The pull request as something to be reviewed."""
    request, said = case.request, case.existing.words
    policy, notes = _calmed(case)
    return Matter(
        source=case.source,
        attributes=case.place.attributes,
        policy=policy,
        policy_source=case.policy_source,
        own=case.own,
        known=case.known,
        guides=basetexts.of_pull(case.place, request.base),
        snapshot=_snapshot(case),
        told=lambda show: pull_items(request.title, request.body, said.commits, said.issues, show),
        documents=case.documents,
        notes=(*notes, *_addressed(case)),
    )


def _addressed(case: Case) -> tuple[Note, ...]:
    """What the stranger's words around the change are up to."""
    request, said = case.request, case.existing.words
    texts = {
        "title": [request.title],
        "description": request.body.split("\n"),
        "branch": [request.head_ref, " ".join(re.split(r"[-_/.]+", request.head_ref))],
        "commits": said.commits,
        "issues": [title for _, title in said.issues],
    }
    return words.noticed(texts, catalogue.load())


def _calmed(case: Case) -> tuple[Policy, tuple[Note, ...]]:
    """The team's word for this round, and what to say where it is another one than for the first."""
    usual, calm_after = case.policy.min_severity, case.policy.calm_after
    floor = triage.floor_after(case.rounds, usual, calm_after)
    if floor is usual:
        return case.policy, ()
    said = f"in round {case.rounds + 1} new findings below {floor} are not shown (calm_after = {calm_after})"
    note = Note(NoteCode.FLOOR_RAISED, said, {"round": case.rounds + 1, "floor": floor})
    return case.policy.model_copy(update={"min_severity": floor}), (note,)


def _snapshot(case: Case) -> Snapshot:
    place = case.place
    return place.snapshot() if isinstance(place, Repository) else PullSnapshot(place, case.source.files)


def draft(case: Case, report: Report, decided: str) -> Draft:
    """What a reconciled report comes to on the pull request."""
    return drafting.draft(
        report,
        case.request,
        case.existing,
        settings_digest=decided,
        request_changes=case.operator.request_changes,
        fail_on=case.policy.fail_on,
        anchors=commentable(case.source.files),
    )


def posted(case: Case, drafted: Draft, report: Report, stdout: Render, outputs: list[Output]) -> Report:
    """Says it on the pull request, and delivers the report, which has a note where it was not said and why.

    What is not on GitHub although it may be written there raises `Undelivered`, after the report went out.
    An interrupt ends the posting, not the report.
    """
    try:
        published = _published(case, drafted)
    except Undelivered as error:
        delivery.deliver(_with_not_posted(report, str(error)), stdout, outputs)
        raise verdict.undelivered(report, str(error)) from error
    except KeyboardInterrupt as interrupt:
        report = delivery.cut_short(report, interrupt, f"{case.request.repository}#{case.request.number}")
        delivery.deliver(report, stdout, outputs)
        return report
    if published.why is not None:
        start = "" if published.posted else "nothing could be written to the pull request: "
        report = _with_not_posted(report, f"{start}{published.why}", published.said)
    delivery.deliver(report, stdout, outputs)
    return report


def _published(case: Case, drafted: Draft) -> Published:
    """Posts it, and tells on stderr what there is to be told."""

    def anchors_at(head: str) -> Anchors | None:
        moved = PullSource(case.client, replace(case.request, head=head))
        return commentable(moved.change().files)

    there = case.existing.summary.database_id if case.existing.summary else None
    published = publishing.publish(
        case.client,
        drafted,
        before=case.existing,
        existing_now=lambda: threads.read_existing(case.client, case.request, preferred=there),
        anchors_at=anchors_at,
        is_late=case.is_late,
    )
    for line in published.notes:
        sys.stderr.write(f"reviewer: {page(line)}\n")
    return published


def _with_not_posted(report: Report, why: str, said: Sequence[str] = ()) -> Report:
    """`posted`: ids of the findings that are on the pull request all the same."""
    return replace(
        report, notes=(*report.notes, Note(NoteCode.NOT_POSTED, why, {"posted": list(said)} if said else {}))
    )


def _shown(drafted: Draft) -> Render:
    return lambda _report, _look: page(drafting.render(drafted)).rstrip("\n") + "\n"
