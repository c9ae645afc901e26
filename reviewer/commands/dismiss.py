"""`reviewer dismiss ID`: a finding of a report is accepted, and says no more."""

from __future__ import annotations

import argparse
import re
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer import settings
from reviewer.audit.baseline import dismissed
from reviewer.commands import baselines, flags, policyfile, report, rulebook
from reviewer.errors import Misuse
from reviewer.judgement.verdict import FINE
from reviewer.sources import git
from reviewer.text.sanitise import page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewer.findings import Report

DESCRIPTION = f"""\
Adds one finding of a JSON report to the baseline, the file of findings that are known and accepted: neither an audit
nor a review reports it again. The file is {settings.BASELINE_FILE} unless the setting `baseline` names
another; commit it. ID stands behind each finding of a report; its first digits will do. A finding with several places
is accepted in all of them."""

MADE = "report.json"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def run(arguments: Sequence[str]) -> int:
    """Writes the baseline and says so; what cannot be done raises `Misuse` and changes nothing."""
    options = parser().parse_args(arguments)
    if not options.reason.strip():
        raise Misuse("--reason is empty: say why this finding is accepted")
    expires = _day(options.expires) if options.expires else None
    root = rulebook.around(Path.cwd()) or Path.cwd()
    given = {"baseline": options.baseline} if options.baseline else {}
    policy, _ = settings.load(given, policyfile.read(root) or {}, settings.REPOSITORY_FILE)
    after, (entry, *others) = dismissed(
        baselines.of_work_tree(root, policy),
        _report(options.report),
        options.id,
        reason=options.reason,
        who=options.who or _author(root),
        today=baselines.today(),
        expires=expires,
    )
    baselines.save(root, policy, after)
    until = f" until {entry.expires}" if entry.expires else ""
    also = f" and {len(others):,} other place{'s' * (len(others) > 1)} of it" if others else ""
    line = f"{baselines.name(policy)}: accepted{until}: {entry.path}: {entry.title} ({entry.id}){also}"
    sys.stdout.write(page(line) + "\n")
    return FINE


def _report(name: str) -> Report:
    """The one that is there anyway, unless the user says which."""
    if name == MADE and not Path(name).exists():
        way = f"make it with `reviewer audit --output {MADE}`, or name another with --report"
        raise Misuse(f"there is no {MADE} here: {way}")
    return report.read(name)


def parser() -> flags.Parser:
    """What the command takes."""
    made = flags.Parser(
        prog="reviewer dismiss",
        usage="reviewer dismiss ID --reason TEXT [FLAGS]",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("id", metavar="ID", help="the finding's id")
    made.add_argument("--reason", required=True, metavar="TEXT", help="why it is accepted")
    made.add_argument("--who", metavar="NAME", help="who accepts it (default: git's user.name)")
    made.add_argument("--expires", metavar="DATE", help="the last day it is accepted, such as 2027-01-31")
    made.add_argument(
        "--report", default=MADE, metavar="REPORT.json", help="what `--output report.json` wrote; - for stdin"
    )
    made.add_argument("--baseline", metavar="FILE", help="another file, from the top of the repository")
    return made


def _day(written: str) -> date:
    try:
        day = date.fromisoformat(written) if _DAY.fullmatch(written) else None
    except ValueError:
        day = None
    if day is None:
        raise Misuse(f"--expires {written}: write a date such as 2027-01-31")
    if day < baselines.today():
        raise Misuse(f"--expires {written}: that day is over, the finding would be reported all the same")
    return day


def _author(root: Path) -> str:
    found = git.author(root)
    if found is None:
        raise Misuse("git has no user.name here: say who accepts the finding with --who")
    return found
