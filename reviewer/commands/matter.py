"""What is to be reviewed, by whose word, and what is known around it: of a diff, a range, a pull request."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from reviewer.audit.baseline import Baseline, unknown
from reviewer.commands import baselines, rulebook, target
from reviewer.context.pullrequest import pull_items
from reviewer.sources import basetexts, git, subjects
from reviewer.sources.around import Around
from reviewer.sources.git import Repository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from reviewer.change.change import Change, FileChange, Source
    from reviewer.change.pieces import Chunk
    from reviewer.change.select import Attributes, Read
    from reviewer.commands.target import Target
    from reviewer.context.evidence import Documents
    from reviewer.context.guides import ReadAll
    from reviewer.context.items import Item
    from reviewer.context.outline import Outline
    from reviewer.context.snapshot import Snapshot
    from reviewer.findings import Note, Side
    from reviewer.judgement.recognition import LinesNow
    from reviewer.rules.packs import Pack
    from reviewer.settings import Policy
    from reviewer.sources.patch import Patch
    from reviewer.text.show import Show


def nothing(_: Show) -> Sequence[Item]:
    """Nobody said a word about it."""
    return ()


@dataclass(frozen=True, slots=True)
class Fetched:
    """A change that was read once, as a source: nobody reads it, or asks GitHub for it, twice."""

    files: tuple[FileChange, ...]
    fetched: Change
    read_file: Read

    def change(self) -> Change:
        """As it was fetched."""
        return replace(self.fetched, files=self.files)

    def read(self, path: str, side: Side) -> str | None:
        """From where the change came."""
        return self.read_file(path, side)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """A change with all that a review of it needs besides the model."""

    source: Source
    attributes: Attributes | None
    policy: Policy
    policy_source: str
    own: tuple[Pack, ...] = ()
    """The repository's rule packs."""
    guides: ReadAll | None = None
    """Reads files of the base."""
    snapshot: Snapshot | None = None
    """The repository as the change leaves it."""
    outlined: Callable[[Chunk], Outline] | None = None
    """Who looks up what a chunk uses; null: the snapshot is asked for it."""
    told: Callable[[Show], Sequence[Item]] = nothing
    """What its author says of it."""
    documents: Documents | None = None
    """What other tools found."""
    known: Baseline = field(default_factory=Baseline)
    """What the team accepts."""
    lines_now: LinesNow = unknown
    """Of files that are read as a whole."""
    notes: tuple[Note, ...] = ()


@contextmanager
def opened(aim: Target, policy: Policy, policy_source: str, documents: Documents | None = None) -> Iterator[Matter]:
    """A diff, a range, the index or the work tree; what was opened for it is closed at the end."""
    source, root = aim.source, aim.root
    own = rulebook.of_change(source, root)
    known = baselines.of_change(source, root, policy)
    with source, target.attributes(aim) as attributes, basetexts.opened(source, root) as guides:
        commits = subjects.subjects(source) if isinstance(source, Repository) else ()
        read, snapshot = _searched(source, root)
        yield Matter(
            source=read,
            attributes=attributes,
            policy=policy,
            policy_source=policy_source,
            own=own,
            known=known,
            guides=guides,
            snapshot=snapshot,
            told=lambda show: pull_items("", "", commits, (), show),
            documents=documents,
        )


def _searched(source: Patch | Repository, root: Path | None) -> tuple[Source, Snapshot | None]:
    """The source, and the repository as it leaves it: around a diff file, the work tree as far as it agrees."""
    if isinstance(source, Repository):
        return source, source.snapshot()
    if root is None:
        return source, None
    change = source.change()
    files = tuple(change.files)
    return Fetched(files, change, source.read), Around(git.tree(root), files)
