"""`reviewer publish REPORT.json --pull owner/repo#12`: says on a pull request what was found elsewhere."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.checks import catalogue
from reviewer.commands import delivery, earlier, flags, pull, target
from reviewer.errors import Misuse
from reviewer.github import threads
from reviewer.github.reconcile import reconcile
from reviewer.judgement import verdict
from reviewer.outputs import reading, registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewer.commands.pull import Case
    from reviewer.findings import Report

DESCRIPTION = """\
Posts a report that `reviewer review --format json` made elsewhere, perhaps in a job without the right to write.
Every field of it is checked; nothing of it can make a later review skip a line. No model is asked."""

DIGEST = "published"
"""Of the settings of a report that others made: never equal to a real one, so the next review here reads everything."""


def run(arguments: Sequence[str]) -> int:
    """Posts and prints; the exit code is the report's."""
    options = _parser().parse_args(arguments)
    outputs = [delivery.parse(written) for written in options.output]
    report = reading.read(_bytes(Path(options.report)), options.report)
    name = target.pull(options.pull)
    if name is None:
        raise Misuse(f"--pull {options.pull}: name a pull request like owner/repo#12, or its address")
    with ExitStack() as stack:
        case = pull.opened(name, flags.given(options), stack)
        if case.request.state == "closed":
            sys.stderr.write(f"reviewer: {case.request.repository}#{case.request.number} is closed: nothing to post\n")
            return verdict.FINE
        report = _reconciled(_placed(case, report), report)
        drafted = pull.draft(_placed(case, report), report, DIGEST)
        report = pull.posted(case, drafted, report, registry.renderer("text"), outputs)
    return verdict.exit_code(report, case.policy.fail_on, allow_incomplete=case.operator.allow_incomplete)


def _parser() -> flags.Parser:
    made = flags.Parser(
        prog="reviewer publish",
        usage="reviewer publish REPORT.json --pull owner/repo#12 [FLAGS]",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("report", metavar="REPORT.json", help="what `reviewer review --format json` wrote")
    made.add_argument("--pull", required=True, metavar="owner/repo#12", help="where to post it")
    made.add_argument(
        "--output",
        action="append",
        default=[],
        metavar="[FORMAT=]FILE",
        help="also write the report as it stands on the pull request to FILE, as `reviewer review` does",
    )
    flags.add_settings(made)
    return made


def _bytes(path: Path) -> bytes:
    """As much of the file as a report may have, and a byte more."""
    try:
        with path.open("rb") as file:
            return file.read(reading.MAX_BYTES + 1)
    except OSError as error:
        raise Misuse(f"{path} cannot be read: {error.strerror}") from error


def _placed(case: Case, report: Report) -> Case:
    """Lines of another commit than the head's have no place on this diff: such findings go into the summary."""
    if report.head == case.request.head:
        return case
    return replace(case, source=replace(case.source, files=()))


def _reconciled(case: Case, report: Report) -> Report:
    files = case.source.files
    now = earlier.lines_now(files, case.source.read, catalogue.secret_patterns(catalogue.load())) if files else _unknown
    said = threads.dismissals(case.client, case.request, case.existing.threads)
    return reconcile(report, case.existing, said, now)


def _unknown(_path: str) -> None:
    """Nobody knows the lines of a head that the report does not speak of."""
