"""What every way of reviewing shares: the brief from the team's policy, the model from the operator's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer import pipeline
from reviewer.change.select import Selection
from reviewer.checks import catalogue
from reviewer.commands import reading
from reviewer.commands.progress import watcher
from reviewer.errors import Misuse
from reviewer.examination import Examiner
from reviewer.pipeline import Brief, Reader
from reviewer.rules import packs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewer.change.change import Source
    from reviewer.change.select import Attributes
    from reviewer.commands.reading import Reading
    from reviewer.findings import Report
    from reviewer.settings import Operator, Policy


def review(
    source: Source,
    attributes: Attributes | None,
    policy: Policy,
    policy_source: str,
    operator: Operator,
    *,
    quiet: bool,
    seen: frozenset[str] = frozenset(),
) -> Report:
    """Opens the model, runs the pipeline, shows progress; `seen` hunks are not read again."""
    told = brief(policy, policy_source)
    progress = watcher(quiet=quiet)
    with reading.opened(operator) as read:
        try:
            report = pipeline.review(
                source,
                told,
                _reader(read, policy),
                attributes=attributes,
                run=read.mapper,
                progress=progress,
                seen=seen,
            )
        finally:
            progress.end()
        return read.noted(report)


def brief(policy: Policy, policy_source: str) -> Brief:
    """The team's word as the pipeline takes it; a name there is no such thing of raises `Misuse`."""
    checks = catalogue.load()
    _refuse_unknown("skip_rules", policy.skip_rules, [pack.name for pack in packs.shipped()])
    _refuse_unknown("skip_checks", policy.skip_checks, [check.id for check in checks])
    return Brief(
        selection=Selection(ignore=policy.ignore, include=policy.include, max_file_kb=policy.max_file_kb),
        checks=tuple(check for check in checks if check.id not in policy.skip_checks),
        secrets=catalogue.secret_patterns(checks),  # of all checks: skipping one must not send what it finds
        chunk_tokens=policy.chunk_tokens,
        floor=policy.min_severity,
        cap=policy.max_comments,
        policy_source=policy_source,
    )


def _reader(read: Reading, policy: Policy) -> Reader | None:
    if read.connection is None:
        return None
    rules = tuple(pack for pack in packs.shipped() if pack.name not in policy.skip_rules)
    examiner = Examiner(read.connection, rules, policy.language, policy.guide_tokens)
    return Reader(examiner.examine, read.provider, read.model)


def _refuse_unknown(setting: str, names: Sequence[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            raise Misuse(f"{setting} names {name!r}, which there is not: choose from {', '.join(sorted(known))}")
