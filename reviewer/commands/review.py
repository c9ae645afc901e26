"""`reviewer review`: from a target to a report."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer import pipeline, settings
from reviewer.change.select import Selection
from reviewer.checks import catalogue
from reviewer.commands import delivery, flags, reading, target
from reviewer.commands.progress import watcher
from reviewer.errors import Misuse
from reviewer.judgement import verdict
from reviewer.outputs import registry
from reviewer.pipeline import Brief
from reviewer.rules import packs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from reviewer.findings import Report
    from reviewer.settings import Operator, Policy

DESCRIPTION = """\
Reviews a change and prints what is wrong with it.

TARGET is the first of these that fits:
  -                  a diff on standard input
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
    if options.no_model:
        given = _without_model(given)
    aim = target.resolve(options.target, Path.cwd())
    repository_file, file_name, policy_source = _repository_file(aim.root)
    policy, operator = settings.load(given, repository_file, file_name)
    report = _review(aim, _brief(policy, policy_source), operator, quiet=options.quiet)
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
    formats = "|".join(registry.FORMATS)
    made.add_argument("--format", default="text", metavar=formats, help="of standard output (default: text)")
    made.add_argument(
        "--output",
        action="append",
        default=[],
        metavar="[FORMAT=]FILE",
        help="also write the report to FILE; its suffix names the format (.txt, .json). May be repeated",
    )
    made.add_argument("--no-model", action="store_true", help="the built-in checks alone (as --provider none)")
    made.add_argument("--quiet", action="store_true", help="no progress on standard error")
    flags.add_settings(made)
    return made


def _review(aim: target.Target, brief: Brief, operator: Operator, *, quiet: bool) -> Report:
    progress = watcher(quiet=quiet)
    with aim.source as source, target.attributes(aim) as attributes, reading.opened(operator) as read:
        try:
            report = pipeline.review(
                source, brief, read.reader, attributes=attributes, run=read.mapper, progress=progress
            )
        finally:
            progress.end()
        return read.noted(report)


def _brief(policy: Policy, policy_source: str) -> Brief:
    shipped, checks = packs.shipped(), catalogue.load()
    _refuse_unknown("skip_rules", policy.skip_rules, [pack.name for pack in shipped])
    _refuse_unknown("skip_checks", policy.skip_checks, [check.id for check in checks])
    return Brief(
        selection=Selection(ignore=policy.ignore, include=policy.include, max_file_kb=policy.max_file_kb),
        packs=tuple(pack for pack in shipped if pack.name not in policy.skip_rules),
        checks=tuple(check for check in checks if check.id not in policy.skip_checks),
        chunk_tokens=policy.chunk_tokens,
        language=policy.language,
        floor=policy.min_severity,
        cap=policy.max_comments,
        policy_source=policy_source,
    )


def _refuse_unknown(setting: str, names: Sequence[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            raise Misuse(f"{setting} names {name!r}, which there is not: choose from {', '.join(sorted(known))}")


def _without_model(given: Mapping[str, Any]) -> dict[str, Any]:
    for name in ("model", "provider", "base_url"):
        if name in given:
            raise Misuse(f"--no-model and --{name.replace('_', '-')} contradict each other: leave one of them out")
    return {**given, "provider": "none"}


def _repository_file(root: Path | None) -> tuple[Mapping[str, Any], str, str]:
    """The settings in the working copy: their values, what to call the file, and what to call their source."""
    name = settings.REPOSITORY_FILE
    path = root / name if root else None
    if path is None or not path.is_file():
        return {}, name, "defaults"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Misuse(f"{name} cannot be read: {error}") from error
    return settings.parse_repository_file(text, name), name, f"{name} in the working copy"
