"""An audit from its parts: which files in which order, what is remembered of them, and what decides what is found."""

from __future__ import annotations

import hashlib
import json
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from reviewer import __version__, templates
from reviewer.audit import order, shards
from reviewer.audit.journal import Journal
from reviewer.audit.order import Risks
from reviewer.audit.overview import Overview, Row, grouped
from reviewer.audit.scope import Scope, changed_since
from reviewer.audit.survey import survey
from reviewer.audit.trail import Trail
from reviewer.change.change import FileChange
from reviewer.change.pieces import Piece
from reviewer.checks import catalogue
from reviewer.commands import reading
from reviewer.commands.matter import Matter
from reviewer.errors import Misuse
from reviewer.findings import Note, NoteCode, Side, Span
from reviewer.judgement import anchor
from reviewer.pipeline import interrupted
from reviewer.rules import packs
from reviewer.rules.standing import combined
from reviewer.sources.history import History, history
from reviewer.syntax.definitions import definitions
from reviewer.syntax.grammars import Sort
from reviewer.syntax.languages import dialect_of
from reviewer.text.redact import Redactor
from reviewer.text.show import Show

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reviewer.audit.order import Family
    from reviewer.audit.shards import Shard
    from reviewer.commands.grounds import Grounds
    from reviewer.commands.reviewing import Ask
    from reviewer.context.evidence import Documents
    from reviewer.findings import Claim, Finding, Report
    from reviewer.settings import Operator, Policy
    from reviewer.sources.listing import Entry
    from reviewer.sources.tree import Tree

OUTLINED = 200
"""Files besides those with findings whose definitions are told of."""
UNLIMITED = 1_000_000_000
"""Findings of an audit: it is read by somebody who asked for all of them."""
_NOT_FOUND_BY = {"fail_on", "max_comments", "calm_after"}
"""Settings that decide what a finding means, not what is found."""


@dataclass(frozen=True, slots=True)
class Audit:
    """A matter, what is remembered of it, and what there is to say of its extent."""

    matter: Matter
    memory: Trail
    notes: list[Note]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a user asks of an audit besides the settings."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    since: str | None = None
    shard: Shard | None = None
    rules: tuple[str, ...] = ()
    writes: bool = True


@contextmanager
def opened(
    grounds: Grounds, policy: Policy, operator: Operator, wanted: Wanted, documents: Documents | None = None
) -> Iterator[Audit]:
    """Lists the files and opens the journal; nothing is sent."""
    tree = grounds.tree
    policy = _only(wanted.rules, grounds, policy)
    scope = _scope(grounds, wanted)
    taken = scope.within(tree.listing.entries)
    notes = [*scope.notes(len(taken), len(tree.listing.entries))]
    if wanted.shard is not None:
        taken = [entry for family in shards.taken(order.grouped(taken), wanted.shard) for entry in family]
    with ExitStack() as stack:
        folder = reading.cache_folder(operator)
        journal = None
        if folder is not None:
            decided = digest(grounds, policy, reading.identity(operator), documents)
            journal = stack.enter_context(_journal(folder, decided, notes))
        found = partial(_in_order, tree, notes)
        memory = Trail(tree, taken, found, journal, aside=_aside(), writes=wanted.writes)
        yield Audit(_matter(grounds, policy, documents), memory, notes)


def viewed(grounds: Grounds, policy: Policy, report: Report, ask: Ask | None) -> Report:
    """The report as a view of the whole; an interrupt ends the looking, not the report."""
    overview = Overview(
        outline=partial(_outline, grounds.tree),
        placed=partial(_placed, grounds.tree),
        floor=policy.min_severity,
        language=policy.language,
    )
    if any(note.code is NoteCode.INTERRUPTED for note in report.notes):
        ask = None
    try:
        return overview.of(report, ask)
    except KeyboardInterrupt as interrupt:
        report = grouped(report)
        return replace(report, notes=(*report.notes, interrupted(interrupt)))


def _outline(tree: Tree, paths: Sequence[str]) -> Iterator[Row]:
    """What the files define at their top, those named first."""
    others = (entry.path for entry in tree.listing.entries if dialect_of(entry.path) and entry.path not in paths)
    for path in (*paths, *islice(others, OUTLINED)):
        for each in definitions(tree.read(path, Side.NEW) or "", path):
            if not each.container and each.sort is not Sort.CONSTANT:
                yield Row(Span(path, each.first, each.first), each.signature)


def _placed(tree: Tree, claim: Claim) -> Finding | None:
    """A claim of whole lines as a finding; null where its file is not there."""
    entry = tree.entry(claim.path)
    file = None if entry is None else tree.opened(entry)
    if not isinstance(file, FileChange):
        return None
    show = _aside()
    pieces = [Piece(file, each, each.lines, tuple(show([line.text for line in each.lines]))) for each in file.hunks]
    return next(iter(anchor.locate([claim], pieces).findings), None)


def _aside() -> Show:
    """Shows what its secrets are not counted of."""
    return Show(Redactor(catalogue.secret_patterns(catalogue.load())))


def digest(grounds: Grounds, policy: Policy, reader: str, documents: Documents | None) -> str:
    """Of all that decides what is found in a file, but for the file itself and the guides around it."""
    tree = grounds.tree
    used = combined(packs.shipped(), grounds.own, policy.skip_rules)
    decides = {
        "version": __version__,
        "place": str(tree.root.resolve()),
        "policy": policy.model_dump(mode="json", exclude=_NOT_FOUND_BY),
        "reader": reader,
        "rules": [repr(pack) for pack in used],
        "templates": _templates(),
        "checks": repr([check for check in catalogue.load() if check.id not in policy.skip_checks]),
        "attributes": [each.blob for each in tree.listing.entries if each.path.endswith(".gitattributes")],
        "evidence": repr(documents),
    }
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _templates() -> str:
    folder = templates.folder()
    files = sorted(path for path in folder.rglob("*.j2") if path.is_file())
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()


def _only(names: Sequence[str], grounds: Grounds, policy: Policy) -> Policy:
    """The policy with no packs but the named ones, and without a limit nobody asked for."""
    update: dict[str, object] = {} if policy.max_comments else {"max_comments": UNLIMITED}
    if names:
        known = {pack.name for pack in (*packs.shipped(), *grounds.own)}
        for name in names:
            if name not in known:
                raise Misuse(f"--rules names {name!r}, which there is not: choose from {', '.join(sorted(known))}")
        update["skip_rules"] = tuple(sorted({*policy.skip_rules, *known.difference(names)}))
    return policy.model_copy(update=update)


def _scope(grounds: Grounds, wanted: Wanted) -> Scope:
    tree, changed = grounds.tree, None
    if wanted.since is not None:
        if tree.git is None:
            raise Misuse("--since needs a git repository: there is no history here")
        changed = changed_since(tree.git, wanted.since, tree.commit)
    return Scope(grounds.folder, wanted.include, wanted.exclude, changed, wanted.since)


def _in_order(tree: Tree, notes: list[Note], entries: Sequence[Entry]) -> list[Family]:
    """What is to be read first: asked for only where something is to be read at all."""
    commit = tree.commit or (tree.git.commit("HEAD") if tree.git is not None else None)
    past = history(tree.git, commit) if tree.git is not None and commit else History()
    seen = survey(tree.listing.entries, lambda path: tree.read(path, Side.NEW))
    if seen.capped:
        said = "there are more sources than were looked at for what depends on what: the others are read by their age"
        notes.append(Note(NoteCode.ORDER, said))
    return order.by_risk(order.grouped(entries), Risks(past.heat, seen.dependents, seen.entry_points))


@contextmanager
def _journal(folder: object, decided: str, notes: list[Note]) -> Iterator[Journal]:
    from pathlib import Path

    journal = Journal(Path(str(folder)), decided, now=time.time)
    try:
        yield journal
    finally:
        notes += journal.notes()
        journal.close()


def _matter(grounds: Grounds, policy: Policy, documents: Documents | None) -> Matter:
    tree = grounds.tree
    return Matter(
        source=tree,
        attributes=tree.attributes,
        policy=policy,
        policy_source=grounds.policy_source,
        own=grounds.own,
        guides=tree.guides,
        snapshot=tree.snapshot(),
        documents=documents,
    )
