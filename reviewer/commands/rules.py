"""`reviewer rules`: which rule packs there are, whose they are, and which files they are about."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer import settings
from reviewer.commands import flags, rulebook, rulelisting, target
from reviewer.rules import packs
from reviewer.rules.standing import standings
from reviewer.sources import git
from reviewer.text.sanitise import page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewer.rules.packs import Pack

DESCRIPTION = """\
Lists the rule packs: where each comes from, the most a finding by it may be, and how many files it is about.

reviewer rules                 of the files in the work tree
reviewer rules TARGET          of the files a change touches; TARGET as for `reviewer review`
reviewer rules --file PATH     which packs are about this file, and why
reviewer rules check [FILES]   whether the packs in .github/reviewer/rules are sound (exit 2 if not)"""


@dataclass(frozen=True, slots=True)
class Found:
    """What to list: the repository's own packs, the names that are skipped, and the files (null: nobody knows)."""

    own: tuple[Pack, ...]
    skip: tuple[str, ...]
    files: tuple[str, ...] | None


def run(arguments: Sequence[str]) -> int:
    """Prints the list; `check` as the first word validates instead."""
    if list(arguments[:1]) == ["check"]:
        from reviewer.commands import rulecheck

        return rulecheck.run(arguments[1:])
    options = parser().parse_args(arguments)
    found = _found(options.target)
    listed = standings(packs.shipped(), found.own, found.skip)
    if options.format == "json":
        sys.stdout.write(rulelisting.as_json(listed, found.files, options.file))
    elif options.file:
        sys.stdout.write(page(rulelisting.of_files(listed, options.file)))
    else:
        sys.stdout.write(page(rulelisting.as_text(listed, found.files)))
    return 0


def parser() -> flags.Parser:
    """Its settings come from the environment and the repository's file."""
    made = flags.Parser(
        prog="reviewer rules",
        usage="reviewer rules [TARGET] [--file PATH] [--format text|json] | reviewer rules check [FILES]",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("target", nargs="?", metavar="TARGET", help="a change, whose files count")
    made.add_argument("--file", action="append", default=[], metavar="PATH", help="of this file; may be repeated")
    made.add_argument("--format", default="text", choices=("text", "json"), help="of the list (default: text)")
    return made


def _found(written: str | None) -> Found:
    name = target.pull(written or "")
    if name is not None:
        return _of_pull(name)
    if written is None:
        root = rulebook.around(Path.cwd())
        return Found(rulebook.of_work_tree(root), rulebook.policy(root).skip_rules, git.present(root) if root else None)
    aim = target.resolve(written, Path.cwd())
    with aim.source as source:
        files = tuple(file.path for file in source.change().files)
        return Found(rulebook.of_change(source, aim.root), rulebook.policy(aim.root).skip_rules, files)


def _of_pull(name: tuple[str, int]) -> Found:
    from reviewer.commands import hub  # what speaks with GitHub is loaded where it is needed
    from reviewer.github import pull as pulls
    from reviewer.sources.pull import PullSource

    _, operator = settings.load({}, {}, settings.REPOSITORY_FILE)
    with ExitStack() as stack:
        client = stack.enter_context(hub.open_client(operator))
        request = pulls.read(client, *name)
        place = hub.source(client, request, Path.cwd())
        stack.callback(place.close)
        files = tuple(file.path for file in place.change().files)
        if isinstance(place, PullSource):
            request = place.pull  # read again, where it moved while it was read
        values, _ = hub.policy_file(request, place)
        policy, _ = settings.load({}, values, settings.REPOSITORY_FILE)
        return Found(rulebook.of_pull(request, place), policy.skip_rules, files)
