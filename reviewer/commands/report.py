"""`reviewer report REPORT.json`: a report that was made before, in another format."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from reviewer.commands import delivery, files, flags
from reviewer.judgement.verdict import FINE
from reviewer.outputs import reading, registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewer.findings import Report

DESCRIPTION = "Prints a JSON report, or - for standard input, in another format; asks nobody and reviews nothing."


def run(arguments: Sequence[str]) -> int:
    """Delivers the report as it is; its verdict was given when it was made."""
    options = parser().parse_args(arguments)
    outputs = [delivery.parse(written) for written in options.output]
    stdout = registry.renderer(options.format)
    delivery.deliver(read(options.report), stdout, outputs)
    return FINE


def read(name: str) -> Report:
    """The report in a file, or on standard input (`-`); what is none raises `Misuse`."""
    return reading.read(files.read(name, reading.MAX_BYTES + 1, "a report"), files.called(name))


def parser() -> flags.Parser:
    """What the command takes."""
    made = flags.Parser(
        prog="reviewer report",
        usage="reviewer report REPORT.json [FLAGS]",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("report", metavar="REPORT.json", help="what `--format json` wrote")
    delivery.add_flags(made)
    return made
