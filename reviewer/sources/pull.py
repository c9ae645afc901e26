"""What a pull request changes, from GitHub alone: no checkout, and nothing of it is run."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

from reviewer.change import defaults
from reviewer.change.change import Change, FileChange, Kind
from reviewer.context import guides
from reviewer.findings import Reason, Side, Unreviewed
from reviewer.github import files, pull, trees
from reviewer.github.blobs import Blobs, Name
from reviewer.github.failures import GitHubError
from reviewer.github.pull import wanted_commits
from reviewer.rules import own
from reviewer.sources import gitattributes, rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from reviewer.github.blobs import Along
    from reviewer.github.client import Client
    from reviewer.github.pull import PullRequest
    from reviewer.github.trees import Listing

__all__ = ["PullSource", "wanted_commits"]

_AT_ONCE = 100
"""Changed files that are tried to be had with one request: a page of the files API has as many."""
_WINDOW = 256
"""Files whose .gitattributes are thought of ahead of time: as many as `change.select` asks about at once."""


class PullSource:
    """A pull request by GitHub's interfaces. `pull` is as it was read last: its head is the change's.

    Safe to use from several threads once `change` has returned. The client stays its caller's.
    """

    def __init__(
        self, client: Client, request: PullRequest, *, wanted: Sequence[str] = (), along: Along | None = None
    ) -> None:
        """`wanted`: files of the base branch that will be asked for, so that they come along, as its rules
        then do; `along`: a question of somebody else's, whose answer is `told` once `change` has returned."""
        self.pull = request
        self._wanted = tuple(wanted)
        self._client = client
        self._turn = Lock()
        self._first = request
        self._blobs = Blobs(client, request.repository, request.number, along)
        self._deaf = False
        self._base: str | None = None
        self._ahead: list[Name] = []
        """Files that are going to be read, in the order of the change."""
        self._places: dict[str, int] = {}
        """Where among them a path comes."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is held."""

    @property
    def told(self) -> Any:
        """The `data` that came along; null where nothing did, and where the head has moved since."""
        return self._blobs.told if self.pull is self._first else None

    def change(self) -> Change:
        """Every file of it, or what is missing; `GitHubError` where the head moved a second time meanwhile."""
        for _ in range(2):
            found = rows.parsed(self._listing())
            if self._is_still_the_head(found.files):
                told = [self._held_against_its_content(file) for file in found.files]
                files = tuple(item for item in told if isinstance(item, FileChange))
                hidden = tuple(item for item in told if isinstance(item, Unreviewed))
                return Change(files, (*found.broken, *hidden), self.pull.head, self._base or self.pull.base)
            self.pull = pull.read(self._client, self.pull.repository, self.pull.number)
        why = f"{self.pull.repository}#{self.pull.number} keeps changing while it is read: run again when it rests"
        raise GitHubError(why, status=200, kind="server")

    def base_file(self, path: str) -> str | None:
        """The file as the base branch has it; `Misuse` where it is no readable text, `GitHubError` where in doubt."""
        with self._turn:
            return pull.base_file(self._client, self.pull, path, self._blobs)

    def rule_files(self) -> list[tuple[str, str | None]]:
        """The repository's own rule packs, path and text, as the base branch has them (see `rules.own.collect`).

        `GitHubError` where in doubt.
        """
        folder = self.pull.base, own.FOLDER
        with self._turn:
            entries = [entry for entry in self._blobs.entries(folder) if own.is_pack(entry.name)][: own.MAX_FILES + 1]
            names = {entry.name: (self.pull.base, f"{own.FOLDER}/{entry.name}") for entry in entries}
            fitting = [entry.name for entry in entries if entry.size is not None and entry.size <= own.MAX_BYTES]
            self._blobs.fetch([names[name] for name in fitting])
            texts = {name: self._blobs.get(*names[name]) for name in fitting}
        blobs = [(path, texts.get(name)) for name, (_, path) in names.items()]
        return [(path, None if blob is None else blob.text) for path, blob in blobs]

    def at_tip(self, paths: Sequence[str]) -> Mapping[str, str] | None:
        """The texts of those files that the base branch has; null where GitHub does not hand them out."""
        names = [(self.pull.base, path) for path in paths]
        with self._turn:
            self._fetch(names)
            if not all(map(self._blobs.knows, names)):
                return None
            found = {path: self._blobs.get(commit, path) for commit, path in names}
        return {path: blob.text for path, blob in found.items() if blob is not None and blob.text is not None}

    def prefetch(self, paths: Iterable[str], side: Side) -> None:
        """Gets these files with as few requests as can be, before they are read one by one."""
        commit = self._commit(side)
        if commit is not None:
            with self._turn:
                self._fetch([(commit, path) for path in paths])

    def read(self, path: str, side: Side) -> str | None:
        """The whole file; null where it is not there, binary, too large, or GitHub does not hand it out."""
        commit = self._commit(side)
        if commit is None:
            return None
        with self._turn:
            self._fetch([(commit, path)])
            blob = self._blobs.get(commit, path)
        return None if blob is None else blob.text

    def attributes(self, paths: Sequence[str]) -> Mapping[str, Mapping[Reason, bool]]:
        """What the base's .gitattributes say: GENERATED or VENDORED is so, or is not so; silent about the others."""
        names = self._attribute_files(paths)
        with self._turn:
            self._fetch(list(names.values()))
            blobs = {folder: self._blobs.get(*name) for folder, name in names.items()}
        texts = {folder: blob.text for folder, blob in blobs.items() if blob is not None and blob.text is not None}
        return gitattributes.said(paths, texts)

    def tree(self) -> Listing:
        """Every file of the head; raises `GitHubError`."""
        return trees.listing(self._client, self.pull.repository, self.pull.head)

    def _commit(self, side: Side) -> str | None:
        return self.pull.head if side is Side.NEW else self._base

    def _attribute_files(self, paths: Iterable[str]) -> dict[str, Name]:
        base = self._base or self.pull.base
        folders = dict.fromkeys(folder for path in paths for folder in gitattributes.folders(path))
        return {folder: (base, gitattributes.file_in(folder)) for folder in folders}

    def _fetch(self, wanted: Sequence[Name]) -> None:
        """What is read next comes along. A file that cannot be had is context missed, no line of the change."""
        if self._deaf:
            return
        start = min((self._places[path] for _, path in wanted if path in self._places), default=0)
        try:
            self._blobs.fetch(wanted, self._ahead[start:])
        except GitHubError:
            self._deaf = True  # the client was patient already: asking for each file anew would only take long

    def _listing(self) -> files.Listing:
        """A comparison gives the merge base and the files of a small change at once; the files API tells of all."""
        is_small = self.pull.changed_files <= _AT_ONCE
        self._base, items = pull.merge_base(self._client, self.pull, with_files=is_small)
        return files.listed(items, self.pull) or files.listing(self._client, self.pull)

    def _is_still_the_head(self, changed: Sequence[FileChange]) -> bool:
        """Asked along with the files needed next, so that it costs no request of its own."""
        self._look_ahead(changed)
        if self._wanted:
            self._blobs.announce((self.pull.base, own.FOLDER))
        tip = ((self.pull.base, path) for path in self._wanted)
        self._fetch([*tip, *self._attribute_files([""]).values(), *self._without_lines(changed)])
        head = self._blobs.head or pull.read(self._client, self.pull.repository, self.pull.number).head
        return head == self.pull.head

    def _look_ahead(self, changed: Sequence[FileChange]) -> None:
        self._places = {}
        self._ahead = list(self._attribute_files(file.path for file in islice(changed, _WINDOW)).values())
        for file in changed:
            if file.hunks and not (defaults.by_name(file.path) or defaults.credentials(file.path)):
                self._places[file.path] = self._places[file.base_path] = len(self._ahead)
                self._ahead += self._sides(file)
        folders = guides.folders_of([file.path for file in islice(changed, _WINDOW)])
        self._ahead += ((self.pull.base, name) for name in guides.candidates(folders))

    def _sides(self, file: FileChange) -> Iterator[Name]:
        if file.kind is not Kind.ADDED and self._base is not None:
            yield self._base, file.base_path
        if file.kind is not Kind.DELETED:
            yield self.pull.head, file.path

    def _without_lines(self, changed: Iterable[FileChange]) -> Iterator[Name]:
        """Both sides of files of which only their content tells whether they have lines."""
        for file in changed:
            if not file.hunks and not defaults.credentials(file.path):
                yield from self._sides(file)

    def _held_against_its_content(self, file: FileChange) -> FileChange | Unreviewed:
        """GitHub's listing leaves out the patch of a binary file as it does for an empty, renamed or re-moded one, and
        for one that the change's own .gitattributes call `-diff`: that one has lines, and nobody was shown them."""
        names = list(self._without_lines([file]))
        if not names or not all(map(self._blobs.knows, names)):
            return file
        blobs = [self._blobs.get(*name) for name in names]
        texts = [blob.text for blob in blobs if blob is not None]
        if any(blob is not None and blob.binary for blob in blobs):
            return replace(file, binary=True)
        is_unknown = None in texts and file.kind is not Kind.RENAMED
        if not is_unknown and (not any(texts) or (len(texts) == 2 and texts[0] == texts[1])):
            return replace(file, binary=False)
        why = "GitHub shows no lines of this text file, as its .gitattributes may ask for (`-diff`)"
        return Unreviewed(file.path, Reason.TRUNCATED_BY_GITHUB, f"{why}; {rows.MEND}")
