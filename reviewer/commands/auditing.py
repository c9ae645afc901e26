"""An audit from its parts: which files in which order, what is remembered of them, and what decides what is found."""

from __future__ import annotations

import hashlib
import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from reviewer import __version__, templates
from reviewer.audit import order, parts, shards
from reviewer.audit.journal import Journal
from reviewer.audit.order import Risks
from reviewer.audit.outliners import Outliners, workers
from reviewer.audit.scope import Scope, changed_since
from reviewer.audit.survey import survey
from reviewer.audit.trail import Trail
from reviewer.checks import catalogue
from reviewer.commands import baselines, reading
from reviewer.commands.matter import Matter
from reviewer.commands.viewing import aside
from reviewer.errors import Misuse
from reviewer.findings import Note, NoteCode, Side
from reviewer.judgement.recognition import lines_of
from reviewer.rules import packs
from reviewer.rules.standing import combined
from reviewer.sources.history import History, history

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from reviewer.audit.baseline import Baseline
    from reviewer.audit.order import Family
    from reviewer.audit.shards import Shard
    from reviewer.commands.grounds import Grounds
    from reviewer.context.evidence import Documents
    from reviewer.settings import Operator, Policy
    from reviewer.sources.listing import Entry
    from reviewer.sources.tree import Tree

UNLIMITED = 1_000_000_000
"""Findings of an audit: it is read by somebody who asked for all of them."""
_NOT_FOUND_BY = {"fail_on", "max_comments", "calm_after", "baseline"}
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
    severity: str | None = None
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
    notes = [*scope.notes(len(taken), len(tree.listing.entries)), *_narrowed(tree, wanted)]
    is_first = wanted.shard is None or wanted.shard.number == 1
    tree.mention(scope.within(tree.listing.others) if is_first else ())  # said by one of the shards
    if wanted.shard is not None:
        notes += parts.noted(wanted.shard)
        taken = [entry for family in shards.taken(order.grouped(taken), wanted.shard) for entry in family]
    with ExitStack() as stack:
        folder = reading.cache_folder(operator)
        journal = None
        if folder is not None:
            decided = digest(grounds, policy, reading.identity(operator), documents)
            journal = stack.enter_context(_journal(folder, decided, notes))
        has_model = reading.chosen(operator) is not None
        notes += () if has_model else reading.homeless(operator)  # else it is said with the model
        looked_up = stack.enter_context(_outliners(tree, policy))
        begin = looked_up.begin if looked_up is not None and has_model else None
        found = partial(_in_order, tree, notes, begin)
        memory = Trail(tree, taken, found, journal, aside=aside(), writes=wanted.writes)
        is_whole = wanted.shard is None and scope == Scope()
        matter = _matter(grounds, policy, documents, taken, is_whole=is_whole)
        outlined = None if looked_up is None else looked_up.outline
        yield Audit(replace(matter, outlined=outlined), memory, notes)


def known(grounds: Grounds, policy: Policy) -> Baseline:
    """What the team accepts: in the commit where one is read, else in the folder."""
    tree = grounds.tree
    if tree.commit is not None and tree.blobs is not None:
        return baselines.of_commit(tree.blobs, tree.commit, policy)
    return baselines.of_work_tree(tree.root, policy)


def digest(grounds: Grounds, policy: Policy, reader: str, documents: Documents | None) -> str:
    """Of all that decides what is found in a file, but for the file itself and the guides around it."""
    tree = grounds.tree
    used = combined(packs.shipped(), grounds.own, policy.skip_rules)
    decides = {
        "version": __version__,
        "place": grounds.place,
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
    """The policy with no packs but the named ones, without a limit nobody asked for, and without the checks that
    speak of a change: nothing was changed."""
    speaking = (check.id for check in catalogue.load() if check.touched)
    update: dict[str, object] = {"skip_checks": tuple(sorted({*policy.skip_checks, *speaking}))}
    if not policy.max_comments:
        update["max_comments"] = UNLIMITED
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


def _narrowed(tree: Tree, wanted: Wanted) -> Iterator[Note]:
    """What else makes that the report speaks for less than the repository as it is."""
    if wanted.rules:
        yield Note(NoteCode.SCOPE, f"only these rule packs were applied: {', '.join(wanted.rules)}")
    if wanted.severity is not None:
        yield Note(NoteCode.SCOPE, f"for this run nothing below {wanted.severity} is shown")
    if tree.commit is not None and tree.git is not None and tree.commit != tree.git.commit("HEAD"):
        yield Note(NoteCode.SCOPE, f"the files are those of {tree.commit[:12]}, and HEAD is another commit")


@contextmanager
def _outliners(tree: Tree, policy: Policy) -> Iterator[Outliners | None]:
    """Null where nothing is to be looked up."""
    if not policy.context_tokens:
        yield None
        return
    with closing(Outliners(tree, workers())) as made:
        yield made


def _in_order(
    tree: Tree, notes: list[Note], begin: Callable[[], None] | None, entries: Sequence[Entry]
) -> list[Family]:
    """What is to be read first: asked for only where something is to be read at all, which lets others `begin`."""
    if begin is not None:
        begin()
    with ThreadPoolExecutor(1) as beside:  # git's work and ours at the same time
        past = beside.submit(_past, tree)
        seen = survey(tree.listing.entries, lambda path: tree.read(path, Side.NEW))
    if seen.capped:
        said = "there are more sources than were looked at for what depends on what: the others are read by their age"
        notes.append(Note(NoteCode.ORDER, said))
    if past.result().capped:
        said = "there are more commits than were looked at for what changes often: older ones do not count"
        notes.append(Note(NoteCode.ORDER, said))
    return order.by_risk(order.grouped(entries), Risks(past.result().heat, seen.dependents, seen.entry_points))


def _past(tree: Tree) -> History:
    commit = tree.commit or (tree.git.commit("HEAD") if tree.git is not None else None)
    return history(tree.git, commit) if tree.git is not None and commit else History()


@contextmanager
def _journal(folder: Path, decided: str, notes: list[Note]) -> Iterator[Journal]:
    journal = Journal(folder, decided, now=time.time)
    try:
        yield journal
    finally:
        notes += journal.notes()
        journal.close()


def _matter(
    grounds: Grounds, policy: Policy, documents: Documents | None, taken: Sequence[Entry], *, is_whole: bool
) -> Matter:
    tree = grounds.tree
    present = frozenset(entry.path for entry in taken)
    return Matter(
        source=tree,
        attributes=tree.attributes,
        policy=policy,
        policy_source=grounds.policy_source,
        own=grounds.own,
        guides=tree.guides,
        snapshot=tree.snapshot(),
        documents=documents,
        known=known(grounds, policy),
        lines_now=lines_of(lambda path: tree.read(path, Side.NEW), aside(), present, whole=is_whole),
    )
