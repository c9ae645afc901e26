"""`reviewer review`: from a target to a report."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer import settings
from reviewer.commands import delivery, evidence, flags, matter, policyfile, reviewing, target
from reviewer.errors import Misuse
from reviewer.judgement import verdict
from reviewer.outputs import registry

if TYPE_CHECKING:
    from collections.abc import Sequence

DESCRIPTION = """\
Reviews a change and prints what is wrong with it.

TARGET is the first of these that fits:
  -                  a diff on standard input
  owner/repo#12      a pull request, or its address; --post comments on it
  change.diff        a file that holds a diff
  main...HEAD        a git range: what HEAD adds since it left main
  HEAD               one commit against its parent
  (nothing)          the work tree, untracked files too, against the merge base with the default branch"""

EPILOG = """\
exit codes: 0 fine; 1 a finding at or above --fail-on; 2 wrong usage or settings; 3 the review is incomplete or a
report could not be written; 70 a bug; 130 interrupted; 143 terminated. The keys have no flag: set SEGMIND_API_KEY,
DASHSCOPE_API_KEY, OPENAI_API_KEY or REVIEWER_API_KEY."""


def run(arguments: Sequence[str]) -> int:
    """Reviews and delivers; the exit code is a function of the report."""
    options = parser().parse_args(arguments)
    outputs = [delivery.parse(written) for written in options.output]
    stdout = registry.renderer(options.format)
    given = flags.given(options)
    name = target.pull(options.target or "")
    if name is not None:
        from reviewer.commands import pull  # what speaks with GitHub is loaded where it is needed

        return pull.review(name, options, given, stdout, outputs)
    for flag in ("post", "full"):
        if getattr(options, flag):
            raise Misuse(f"--{flag} is for pull requests: name one, such as owner/repo#12")
    aim = target.staged(Path.cwd()) if options.staged else target.resolve(options.target, Path.cwd())
    aim = target.apart_from(aim, outputs)
    team = policyfile.read(aim.root)
    policy_source = "defaults" if team is None else f"{settings.REPOSITORY_FILE} in the working copy"
    policy, operator = settings.load(given, team or {}, settings.REPOSITORY_FILE)
    documents = evidence.read(options.evidence, aim.root) if options.evidence else None
    with matter.opened(aim, policy, policy_source, documents) as found:
        report = reviewing.review(found, operator, quiet=options.quiet)
    delivery.deliver(report, stdout, outputs)
    return verdict.exit_code(report, policy.fail_on, allow_incomplete=operator.allow_incomplete)


def parser() -> flags.Parser:
    """Every setting has its flag here, so that one name does everywhere."""
    made = flags.Parser(
        prog="reviewer review",
        usage="reviewer review [TARGET] [FLAGS]",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("target", nargs="?", metavar="TARGET", help="what to review (see above)")
    delivery.add_flags(made)
    evidence.add_flag(made)
    made.add_argument("--staged", action="store_true", help="review what is staged for the next commit")
    made.add_argument("--post", action="store_true", help="of a pull request: say it there (else print what would be)")
    made.add_argument("--full", action="store_true", help="of a pull request: read again what was read before")
    flags.add_running(made)
    flags.add_settings(made)
    return made
