"""`reviewer rules check`: whether the repository's own rule packs are sound, and what they cost."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.commands import flags, rulebook
from reviewer.errors import Misuse
from reviewer.rules import globs, own, packs
from reviewer.sources import git, rulefiles
from reviewer.text.sanitise import page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reviewer.rules.packs import Pack

FINE, WRONG = 0, 2


def run(arguments: Sequence[str]) -> int:
    """A line a file, then warnings and the sum; 2 where a pack is wrong."""
    given = parser().parse_args(arguments).files
    root = rulebook.around(Path.cwd())
    if root is None and not given:
        raise Misuse("there is no git work tree here: name the files to check")
    listing = [_named(name) for name in given] if given else _all(root)
    if not listing:
        _say(f"there are no rule packs in {own.FOLDER}")
        return FINE
    files = git.present(root) if root else ()
    found = list(_checked(listing, files))
    budget = rulebook.policy(root).guide_tokens
    for warning in _warnings(found, files, budget):
        _say(f"warning: {warning}")
    wrong = len(listing) - len(found)
    total = sum(pack.tokens for pack in found if pack.enabled)
    _say(f"{len(listing)} files, {wrong} wrong; {total} of {budget} tokens")
    return WRONG if wrong else FINE


def parser() -> flags.Parser:
    """It has no flags."""
    made = flags.Parser(
        prog="reviewer rules check",
        usage="reviewer rules check [FILES]",
        description=f"Checks rule packs: those named, or all in {own.FOLDER} of the work tree.",
        epilog="exit codes: 0 all are sound; 2 one is not.",
        allow_abbrev=False,
    )
    made.add_argument("files", nargs="*", metavar="FILES", help="rule packs, wherever they are")
    return made


def _all(root: Path | None) -> list[tuple[str, str | None]]:
    return own.bounded(rulefiles.in_work_tree(root)) if root else []


def _named(name: str) -> tuple[str, str | None]:
    place = Path(name).resolve()
    return name, rulefiles.read(place, place.parent)


def _checked(listing: Iterable[tuple[str, str | None]], files: Sequence[str]) -> Iterator[Pack]:
    """The sound ones; of each file is said how it is."""
    taken: dict[str, str] = {}
    for path, text in listing:
        try:
            pack = own.define(path, text, taken)
        except Misuse as error:
            _say(f"wrong  {error}")
            continue
        taken[pack.name] = path
        _say(f"ok     {path}: {_described(pack, files)}")
        yield pack


def _described(pack: Pack, files: Sequence[str]) -> str:
    is_shipped = any(pack.name == other.name for other in packs.shipped())
    if not pack.enabled:
        return f"switches off {pack.name}" if is_shipped else f"{pack.name}, switched off"
    place = f"{pack.name} (replaces the shipped pack)" if is_shipped else pack.name
    count = f", about {sum(map(pack.concerns, files))} of {len(files)} files" if files else ""
    cap = f", at most {pack.severity}" if pack.severity else ""
    return f"{place}{cap}, {pack.tokens} tokens{count}"


def _warnings(found: Sequence[Pack], files: Sequence[str], budget: int) -> Iterator[str]:
    names = {pack.name for pack in packs.shipped()}
    for pack in found:
        if not pack.enabled:
            if not pack.body and pack.name not in names:
                yield f"{pack.origin} switches off nothing: no shipped pack is called {pack.name}"
            continue
        for glob in globs.idle(pack.paths, files) if files else ():
            yield f"{pack.origin}: {glob} matches no file of the repository"
        for language in _without_files(pack, files) if files else ():
            yield f"{pack.origin}: no file of the repository is {language}"
    total = sum(pack.tokens for pack in found if pack.enabled)
    if total > budget:
        yield (
            f"together the packs are {total} tokens, and a request has room for {budget}: where more of them"
            " concern its files, those about the fewest changed lines are left out"
        )


def _without_files(pack: Pack, files: Sequence[str]) -> Iterator[str]:
    for language in pack.languages:
        alone = replace(pack, paths=(), languages=(language,))
        if not any(map(alone.concerns, files)):
            yield language


def _say(line: str) -> None:
    """One line, whatever is in it."""
    sys.stdout.write(page(line).replace("\n", " ") + "\n")
