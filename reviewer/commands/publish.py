"""`reviewer publish REPORT.json`: says on a pull request, or of a repository, what was found elsewhere."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from reviewer.audit.baseline import against
from reviewer.checks import catalogue
from reviewer.commands import baselines, believed, delivery, earlier, flags, pull, report, target
from reviewer.errors import Misuse, Undelivered
from reviewer.github.dismissals import dismissals
from reviewer.github.reconcile import reconcile
from reviewer.judgement import verdict
from reviewer.outputs import registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewer.commands.delivery import Output
    from reviewer.commands.pull import Case
    from reviewer.findings import Report

DESCRIPTION = """\
Posts a report that was made elsewhere, perhaps in a job without the right to write: with --pull one of
`reviewer review --format json`, as comments on the pull request; with --repository one of `reviewer audit`, or what
`reviewer merge` made of its shards, as the one issue of the repository and as alerts of code scanning.
Every field of it is checked; nothing of it can make a later review skip a line. No model is asked."""

DIGEST = "published"
"""Of the settings of a report that others made: never equal to a real one, so the next review here reads everything."""


def run(arguments: Sequence[str]) -> int:
    """Posts and prints; the exit code is the report's."""
    options = _parser().parse_args(arguments)
    outputs = [delivery.parse(written) for written in options.output]
    found = report.read(options.report)
    if options.repository is not None:
        from reviewer.commands import posting

        return posting.of_audit(options.repository, found, flags.given(options), outputs)
    return _on_pull_request(options, found, outputs)


def _on_pull_request(options: argparse.Namespace, report: Report, outputs: list[Output]) -> int:
    name = target.pull(options.pull)
    if name is None:
        raise Misuse(f"--pull {options.pull}: name a pull request like owner/repo#12, or its address")
    with ExitStack() as stack:
        case = pull.opened(name, flags.given(options), stack)
        if case.request.state == "closed":
            sys.stderr.write(f"reviewer: {case.request.repository}#{case.request.number} is closed: nothing to post\n")
            return verdict.FINE
        report = _reconciled(case, _of_this_head(case, report))
        drafted = pull.draft(case, report, DIGEST)
        report = pull.posted(case, drafted, report, registry.renderer("text"), outputs)
    return verdict.exit_code(report, case.policy.fail_on, allow_incomplete=case.operator.allow_incomplete)


def _parser() -> flags.Parser:
    made = flags.Parser(
        prog="reviewer publish",
        usage="reviewer publish REPORT.json (--pull owner/repo#12 | --repository owner/repo) [FLAGS]",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("report", metavar="REPORT.json", help="what `--format json` wrote; - for standard input")
    where = made.add_mutually_exclusive_group(required=True)
    where.add_argument("--pull", metavar="owner/repo#12", help="post it on a pull request")
    where.add_argument(
        "--repository", metavar="owner/repo", help="of an audit: keep the issue there, and code scanning"
    )
    made.add_argument(
        "--output",
        action="append",
        default=[],
        metavar="[FORMAT=]FILE",
        help="also write the report as it was posted to FILE, as `reviewer review` does",
    )
    flags.add_settings(made)
    return made


def _of_this_head(case: Case, report: Report) -> Report:
    """With the base as GitHub tells it. Of another commit, it would overwrite what is known of this one."""
    if report.head != case.request.head:
        of = (report.head or "no commit")[:12]
        raise Undelivered(
            f"this report speaks of {of}, the head is {case.request.head[:12]}: run the reading job again"
        )
    return replace(report, base=case.source.fetched.base)


def _reconciled(case: Case, report: Report) -> Report:
    """The report is a stranger's: what it says of the code is held against the code."""
    files, read = case.source.files, case.source.read
    secrets = catalogue.secret_patterns(catalogue.load())
    said = dismissals(case.client, case.request, case.existing.threads)
    unread = {entry.path for entry in report.unreviewed}
    reconciled = reconcile(
        believed.borne_out(report, files, read, secrets),
        case.existing,
        said,
        earlier.lines_now(files, read, secrets),
        reread={file.path for file in files if file.path not in unread},
    )
    return against(believed.as_we_know(reconciled, case.existing), case.known, baselines.today())
