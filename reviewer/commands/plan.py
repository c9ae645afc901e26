"""`reviewer plan`: what a review would send, and what that would cost."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer import settings
from reviewer.commands import evidence, flags, matter, policyfile, reviewing, target
from reviewer.errors import Misuse
from reviewer.judgement.verdict import FINE
from reviewer.outputs import plan as pages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from reviewer.planning import Plan

DESCRIPTION = """\
Says what `reviewer review` with the same words would send: the files, chosen or left out and why, the rules, what
stands around each part, tokens, requests and their price. Sends nothing to a model."""

FORMATS = ("text", "json")


def run(arguments: Sequence[str]) -> int:
    """Prints the plan, or one prompt of it."""
    options = _parser().parse_args(arguments)
    if options.format not in FORMATS:
        raise Misuse(f"there is no plan in the format {options.format!r}: choose {' or '.join(FORMATS)}")
    if options.show_prompt is not None and options.show_prompt < 1:
        raise Misuse("--show-prompt counts from 1")
    given = flags.given(options)
    name = target.pull(options.target or "")
    plan = _of_pull(name, options, given) if name is not None else _of_change(options, given)
    sys.stdout.write(_page(plan, options))
    return FINE


def _of_change(options: argparse.Namespace, given: Mapping[str, Any]) -> Plan:
    aim = target.staged(Path.cwd()) if options.staged else target.resolve(options.target, Path.cwd())
    team = policyfile.read(aim.root)
    policy_source = "defaults" if team is None else f"{settings.REPOSITORY_FILE} in the working copy"
    policy, operator = settings.load(given, team or {}, settings.REPOSITORY_FILE)
    documents = evidence.read(options.evidence, aim.root) if options.evidence else None
    with matter.opened(aim, policy, policy_source, documents) as found:
        return reviewing.plan(found, operator, prompt=options.show_prompt)


def _of_pull(name: tuple[str, int], options: argparse.Namespace, given: Mapping[str, Any]) -> Plan:
    """As the next review of it would be: without what was read before."""
    from reviewer.commands import pull  # what speaks with GitHub is loaded where it is needed

    with ExitStack() as stack:
        case = pull.opened(name, given, stack, pull.documents(options))
        seen, _ = pull.seen(case, full=options.full)
        return reviewing.plan(pull.matter(case), case.operator, prompt=options.show_prompt, seen=seen)


def _page(plan: Plan, options: argparse.Namespace) -> str:
    if options.show_prompt is None:
        return pages.render_json(plan) if options.format == "json" else pages.render(plan)
    if plan.prompt is None:
        raise Misuse(f"there is no request {options.show_prompt}: the plan has {len(plan.calls)}")
    return pages.render_prompt(plan.prompt)


def _parser() -> flags.Parser:
    made = flags.Parser(
        prog="reviewer plan",
        usage="reviewer plan [TARGET] [FLAGS]",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("target", nargs="?", metavar="TARGET", help="what would be reviewed (see reviewer review --help)")
    made.add_argument("--format", default="text", metavar="|".join(FORMATS), help="of the plan (default: text)")
    made.add_argument("--show-prompt", type=int, metavar="N", help="print request N exactly as it would be sent")
    made.add_argument("--staged", action="store_true", help="what is staged for the next commit")
    made.add_argument("--full", action="store_true", help="of a pull request: as if nothing had been read before")
    evidence.add_flag(made)
    flags.add_settings(made)
    return made
