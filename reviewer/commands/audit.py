"""`reviewer audit`: a whole repository, or a part of it, as one report."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from reviewer import settings
from reviewer.audit import baseline, overview, shards
from reviewer.commands import (
    afar,
    announcing,
    auditing,
    baselines,
    delivery,
    evidence,
    flags,
    jobs,
    reviewing,
    viewing,
)
from reviewer.commands.auditing import Wanted
from reviewer.errors import Misuse
from reviewer.judgement import verdict
from reviewer.outputs import plan as pages
from reviewer.outputs import registry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager
    from typing import Any

    from reviewer.commands.delivery import Output
    from reviewer.commands.grounds import Grounds
    from reviewer.commands.matter import Matter
    from reviewer.commands.reviewing import Ask
    from reviewer.findings import Report
    from reviewer.planning import Plan
    from reviewer.settings import Operator, Policy
    from reviewer.sources.tree import Tree

DESCRIPTION = """\
Reads every file of a repository and prints what is wrong with it: the built-in checks always, a model when a key is
set. What was read before and has not changed since is not read again, so that an audit that was interrupted goes on
where it was, and the next one asks about what is new alone.

PATH is a folder (the current one if it is left out): a git work tree, a folder in one, a bare repository, or a plain
folder; owner/repo (or its address) is a repository on GitHub, which is cloned for as long as it is read: GITHUB_TOKEN
opens a private one. The riskiest files are read first: those changed often and lately, those a program begins in, those
that others depend on. What a cap (--max-cost, --max-calls, --max-tokens) leaves out is listed, and the audit is
incomplete."""

EPILOG = """\
exit codes: 0 fine; 1 a finding at or above --fail-on; 2 wrong usage or settings; 3 the audit is incomplete or a
report could not be written; 70 a bug; 130 interrupted; 143 terminated."""

_PARTS = ("plan", "shard", "commit", "include", "exclude", "since", "rules", "min_severity")
"""What is said of a part is nothing to close an issue over."""
_OF_FILES = ("shard", "commit", "include", "exclude", "since", "rules", "update_baseline", "post")
"""What means nothing to the sizes of an organisation's repositories."""

_NO_FILES = "--update-baseline needs the files on disk: audit a work tree"


def run(arguments: Sequence[str]) -> int:
    """Audits and delivers, or says what that would take; the exit code is a function of the report."""
    options = parser().parse_args(arguments)
    _refuse_contradictions(options)
    wanted = _wanted(options)
    outputs = [delivery.parse(written) for written in options.output]
    stdout = registry.renderer(options.format)
    given = flags.given(options)
    if options.org is not None:
        return jobs.of_organisation(options.org, settings.load(given, {}, settings.REPOSITORY_FILE)[1])
    with _opened(options, given) as found:
        if options.update_baseline and found.tree.commit is not None:
            raise Misuse(_NO_FILES)
        policy, operator = settings.load(given, found.team or {}, settings.REPOSITORY_FILE)
        found.tree.leave_out(_ours(found, policy, outputs))
        root = None if found.is_copy else found.tree.root
        documents = evidence.read(options.evidence, root) if options.evidence else None
        with announcing.opened(options.post, found, operator) as announce:
            with auditing.opened(found, policy, operator, wanted, documents) as audit:
                if options.plan:
                    views = (0, 0) if options.shard else overview.most(policy.language)
                    plan = reviewing.plan(audit.matter, operator, memory=audit.memory, overview=views)
                    return jobs.of_tree(found.tree, plan) if options.matrix else _print_plan(plan, options)
                finish = partial(_finished, found.tree, audit.matter, options)
                report = reviewing.review(
                    audit.matter, operator, quiet=options.quiet, memory=audit.memory, finish=finish
                )
            announced = announce(replace(report, notes=(*report.notes, *audit.notes)))
    delivery.deliver(announced.report, stdout, outputs)
    announced.check()
    return verdict.exit_code(announced.report, policy.fail_on, allow_incomplete=operator.allow_incomplete)


def _opened(options: argparse.Namespace, given: Mapping[str, Any]) -> AbstractContextManager[Grounds]:
    """What would fail in the end is refused before anything is cloned."""

    def operator() -> Operator:
        if options.update_baseline:
            raise Misuse(_NO_FILES)
        made = settings.load(given, {}, settings.REPOSITORY_FILE)[1]
        announcing.refuse(options.post, made)
        return made

    since = options.since is not None
    return afar.opened(options.path, options.commit, operator=operator, whole=since, quiet=options.quiet)


def _ours(found: Grounds, policy: Policy, outputs: Sequence[Output]) -> dict[str, str]:
    """What an audit writes is none of what it reads: it would pay for its own words each time."""
    ours = {baselines.name(policy): "the findings that the team accepts"}
    if found.tree.commit is None:
        ours |= dict.fromkeys(delivery.inside(outputs, found.tree.root), "a report of this audit")
    return ours


def _refuse_contradictions(options: argparse.Namespace) -> None:
    if options.plan and options.format not in ("text", "json"):
        raise Misuse(f"there is no plan in the format {options.format!r}: choose text or json")
    if options.matrix and not options.plan:
        raise Misuse("--matrix says how many machines a plan wants: write --plan --matrix")
    if options.matrix and options.shard:
        raise Misuse("--matrix makes the shards: leave --shard out")
    if options.update_baseline and (named := _given(options, ("plan", "shard", "commit", "rules"))):
        raise Misuse(f"--update-baseline accepts what the files as they are and all rules give: leave {named} out")
    if options.post is not None and (named := _given(options, _PARTS)):
        raise Misuse(f"--post speaks for the whole repository as it is: leave {named} out")
    if options.org is not None and not options.matrix:
        raise Misuse("--org makes a matrix of an organisation's repositories: write --plan --matrix --org NAME")
    if options.org is not None and options.path is not None:
        raise Misuse("--org and PATH contradict each other: leave one of them out")
    if options.org is not None and (named := _given(options, _OF_FILES)):
        raise Misuse(f"--org goes by the sizes of repositories, whatever is in them: leave {named} out")


def _given(options: argparse.Namespace, names: Sequence[str]) -> str:
    """Which of these flags are on the command line; empty: none."""
    return ", ".join(f"--{name.replace('_', '-')}" for name in names if getattr(options, name, None))


def _finished(tree: Tree, matter: Matter, options: argparse.Namespace, report: Report, ask: Ask | None) -> Report:
    """What the baseline is to know is known before anything is grouped; a part is grouped with the others."""
    if options.update_baseline:
        baselines.update(tree.root, matter, report)
        return baseline.against(report, baselines.of_work_tree(tree.root, matter.policy), baselines.today())
    return report if options.shard else viewing.viewed(tree, matter.policy, report, ask)


def _wanted(options: argparse.Namespace) -> Wanted:
    return Wanted(
        include=tuple(options.include),
        exclude=tuple(options.exclude),
        since=options.since,
        shard=shards.parse(options.shard) if options.shard is not None else None,
        rules=tuple(name.strip() for names in options.rules for name in names.split(",") if name.strip()),
        severity=getattr(options, "min_severity", None),
        writes=not options.plan,
    )


def _print_plan(plan: Plan, options: argparse.Namespace) -> int:
    sys.stdout.write(pages.render_json(plan) if options.format == "json" else pages.render(plan))
    return verdict.FINE


def parser() -> flags.Parser:
    """Every setting has its flag here too, but `include`: here it says what to read at all."""
    made = flags.Parser(
        prog="reviewer audit",
        usage="reviewer audit [PATH | owner/repo] [FLAGS]",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("path", nargs="?", metavar="PATH | owner/repo", help="what to audit (see above)")
    delivery.add_flags(made)
    evidence.add_flag(made)
    made.add_argument("--commit", metavar="REV", help="the files as a commit has them, not as they are on disk")
    _add_scope(made)
    made.add_argument(
        "--post",
        metavar="OWNER/REPO",
        help="keep one issue there that says what is found, and hand it to code scanning; needs GITHUB_TOKEN",
    )
    made.add_argument("--update-baseline", action="store_true", help="accept what is found: write it to the baseline")
    made.add_argument("--plan", action="store_true", help="say what would be sent and cost, and send nothing")
    made.add_argument("--matrix", action="store_true", help="with --plan: as shards for a matrix of GitHub Actions")
    made.add_argument("--org", metavar="NAME", help="with --plan --matrix: every repository of an organisation")
    flags.add_running(made)
    flags.add_settings(made, without={"include"})
    return made


def _add_scope(made: flags.Parser) -> None:
    made.add_argument(
        "--include", action="append", default=[], metavar="GLOB", help="only these files (gitignore syntax). Repeatable"
    )
    made.add_argument("--exclude", action="append", default=[], metavar="GLOB", help="none of these files. Repeatable")
    made.add_argument(
        "--since", metavar="REV|DATE", help="only files changed since a revision, a date or '2 weeks ago'"
    )
    made.add_argument("--rules", action="append", default=[], metavar="NAME,…", help="only these rule packs")
    made.add_argument("--shard", metavar="N/COUNT", help="only part N of COUNT of about the same size")
    made.add_argument(
        "--severity",
        dest="min_severity",
        default=argparse.SUPPRESS,
        metavar="critical|high|medium|low",
        help="as --min-severity",
    )
