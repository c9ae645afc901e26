"""`reviewer merge A.json B.json …`: the reports of shards as one."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from reviewer.audit.merging import merged
from reviewer.audit.overview import grouped
from reviewer.commands import delivery, flags
from reviewer.commands.report import read
from reviewer.errors import Misuse
from reviewer.judgement import verdict
from reviewer.outputs import registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewer.findings import Report

DESCRIPTION = """\
Makes one report of several JSON reports on parts of the same thing, such as the shards of an audit: one that is missing
makes the whole incomplete. The exit code is that of the whole."""

BARS = ("critical", "high", "medium", "low", "never")


def run(arguments: Sequence[str]) -> int:
    """Delivers the whole; its exit code is a function of it."""
    options = _parser().parse_args(arguments)
    if options.fail_on not in BARS:
        raise Misuse(f"--fail-on {options.fail_on}: choose one of {', '.join(BARS)}")
    outputs = [delivery.parse(written) for written in options.output]
    stdout = registry.renderer(options.format)
    report = merged(_each_once([read(name) for name in options.reports]))
    if options.group:
        report = grouped(report)
    delivery.deliver(report, stdout, outputs)
    return verdict.exit_code(report, options.fail_on, allow_incomplete=options.allow_incomplete)


def _each_once(reports: list[Report]) -> list[Report]:
    """They are; one that read anything and is there twice raises `Misuse`: it would be counted twice."""
    if any(report.coverage.files and report in reports[:number] for number, report in enumerate(reports)):
        raise Misuse("the same report is there twice: merge each report once")
    return reports


def _parser() -> flags.Parser:
    made = flags.Parser(
        prog="reviewer merge",
        usage="reviewer merge REPORT.json… [FLAGS]",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("reports", nargs="+", metavar="REPORT.json", help="what `--format json` wrote")
    delivery.add_flags(made)
    made.add_argument("--group", action="store_true", help="one finding for all places of which a rule says the same")
    made.add_argument("--fail-on", default="never", metavar="|".join(BARS), help="exit 1 when a finding is this severe")
    made.add_argument(
        "--allow-incomplete", action="store_true", help="a part that is incomplete or missing is no error"
    )
    return made
