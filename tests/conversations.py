"""What was said before on a pull request, built by hand: threads, a summary, and the pull request itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reports import SQL

from reviewer.change.commentable import commentable
from reviewer.findings import Coverage, Finding, Report, Side, Span, Status
from reviewer.github import bodies
from reviewer.github.draft import draft
from reviewer.github.pull import PullRequest
from reviewer.github.reconcile import reconcile
from reviewer.github.state import State, known
from reviewer.github.threads import Existing, Summary, Thread
from reviewer.judgement.recognition import line_hashes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reviewer.change.change import FileChange
    from reviewer.github.draft import Draft

HEAD, BASE = "a" * 40, "b" * 40
PULL = PullRequest(
    repository="octo/shop",
    number=12,
    title="Orders",
    body="",
    author="ada",
    state="open",
    draft=False,
    head=HEAD,
    base=BASE,
    head_ref="topic",
    base_ref="main",
    fork=False,
    changed_files=2,
    additions=20,
    deletions=3,
)
STATE = State(head="c" * 40, base=BASE, settings="s" * 16, complete=True, round=1)
NOTHING = Existing(head=HEAD)
FILE = SQL.code.split("\n")


def finding(number: int, **changes: Any) -> Finding:
    """The SQL finding as another one: its own id, its own line of code."""
    base = replace(
        SQL, fingerprint=f"{number:016x}", span=Span("shop/orders.py", number, number), code=f"call({number}, x)",
        title=f"Defect number {number} in words", suggestion=None,
    )  # fmt: skip
    return replace(base, **changes)


def found(*findings: Finding, **changes: Any) -> Report:
    report = Report(
        status=Status.FINDINGS if findings else Status.CLEAN,
        findings=findings,
        coverage=Coverage(2, 2, 23, 23),
        head=HEAD,
        base=BASE,
        provider="segmind",
        model="qwen3-coder-flash",
    )
    return replace(report, **changes)


def thread(finding: Finding, **changes: Any) -> Thread:
    """Our comment about it."""
    base = Thread(
        id=f"T{finding.fingerprint[-4:]}",
        path=finding.span.path,
        line=finding.span.last,
        resolved=False,
        resolved_by=None,
        can_resolve=True,
        outdated=False,
        comment_id=f"C{finding.fingerprint[-4:]}",
        database_id=int(finding.fingerprint, 16) + 1000,
        body=bodies.comment(finding, known(finding), STATE, with_button=True),
        mine=True,
        human_reply=False,
        thumbs_down=0,
    )
    return replace(base, **changes)


def existing(*threads: Thread, state: State | None = None) -> Existing:
    summary = Summary("S", 99, "words", state, borne_out=True) if state else None
    return Existing(HEAD, summary, threads, "github-actions[bot]")


class Lines:
    """The files on the head, null for one that is gone; of others nobody knows."""

    def __init__(self, files: Mapping[str, str | None] | None = None) -> None:
        self._files = files or {}

    def __call__(self, path: str) -> frozenset[str] | None:
        if path not in self._files:
            return None
        text = self._files[path]
        return frozenset() if text is None else line_hashes(text.split("\n"))


def drafted(report: Report, before: Existing = NOTHING, *files: FileChange, **options: Any) -> Draft:
    """The draft of a reconciled report; without files, every line of the usual ones can carry a comment."""
    anywhere = {path: {side: [range(1, 1000)] for side in Side} for path in ("shop/orders.py", "shop/old.py")}
    anchors = commentable(files) if files else anywhere
    defaults: dict[str, Any] = {"settings_digest": "s" * 16, "request_changes": False, "fail_on": "high"}
    return draft(report, PULL, before, anchors=anchors, **{**defaults, **options})


def after(draft: Draft, *threads: Thread) -> Existing:
    """What GitHub has once the draft is posted."""
    from reviewer.github.state import parse

    state = parse(draft.summary)
    assert state is not None
    summary = Summary("S", 99, draft.summary, state, borne_out=True)
    return Existing(draft.commit, summary, threads, "github-actions[bot]", check=draft.check.external_id)


def again(report: Report, before: Existing, lines: Lines | None = None, **dismissed: bool) -> Report:
    return reconcile(report, before, dismissed, lines or Lines())
