"""Files of commits through GraphQL: many in one request, each asked for once."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from reviewer.github.answers import text
from reviewer.github.failures import GitHubError, strange

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reviewer.github.client import Client

Name = tuple[str, str]
"""A commit's SHA and a path in it."""

MAX_BYTES = 2_000_000
"""A larger file is nobody's context (sources/blobs.py has the same bound)."""
BATCH = 100
"""Files in one request: thirty changed files on both sides and their .gitattributes."""
SMALL_BATCH = 10
"""Files in one request after GitHub stumbled over a full one."""
_BYTE_ORDER_MARK = 3
_ENTRIES = "entries { name mode object { ... on Blob { byteSize } } }"
_FILE_MODES = (0o100644, 0o100755)


@dataclass(frozen=True, slots=True)
class Blob:
    """A file; its text is null where it is binary, too large, or not given in full."""

    text: str | None
    binary: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """What a folder holds under `name`: a file of `size` bytes, or (null) something else, a symlink too."""

    name: str
    size: int | None


@dataclass(frozen=True, slots=True)
class Along:
    """A question about the pull request that travels with the first request for files: as GraphQL, the variables it
    declares (all may be null), its fields of the query and of the pull request, and which of those may fail."""

    variables: str
    top: str
    fields: str
    spare: frozenset[str] = frozenset()


_NOTHING = Along("", "", "")


class Blobs:
    """The files fetched so far. Not safe for several threads at once."""

    def __init__(self, client: Client, repository: str, number: int, along: Along | None = None) -> None:
        self._client = client
        self._owner, _, self._name = repository.partition("/")
        self._number = number
        self._batch = BATCH
        self._known: dict[Name, Blob | None] = {}
        self._folders: dict[Name, tuple[Entry, ...]] = {}
        self._announced: list[Name] = []
        self.head: str | None = None
        """The pull request's head during the last `fetch`; null where that had nothing to ask."""
        self._along = along
        self.told: Any = None
        """The `data` of the answer to what travelled along; null while it did not."""

    def get(self, commit: str, path: str) -> Blob | None:
        """A fetched file; null where the commit has none of this name."""
        return self._known.get((commit, path))

    def knows(self, name: Name) -> bool:
        """Whether it was fetched, found or not."""
        return name in self._known

    def announce(self, folder: Name) -> None:
        """This folder is going to be listed: that comes along with the next request."""
        self._announced.append(folder)

    def entries(self, folder: Name) -> tuple[Entry, ...]:
        """What is in a folder, in GitHub's order; nothing where there is none."""
        if folder not in self._folders:
            self._announced.append(folder)
            self._ask([])
        return self._folders[folder]

    def fetch(self, wanted: Sequence[Name], spare: Sequence[Name] = ()) -> None:
        """Fetches what is wanted and not known yet, and fills up the last request with what may be wanted later."""
        self.head = None
        missing = list(dict.fromkeys(name for name in wanted if name not in self._known))
        while missing:
            try:
                self._ask(list(islice(self._filled(missing, spare), self._batch)))
            except GitHubError as error:
                if error.kind != "server" or self._batch == SMALL_BATCH:
                    raise
                self._batch = SMALL_BATCH  # too much at once, perhaps: GitHub gives up after ten seconds
            missing = [name for name in missing if name not in self._known]

    def _filled(self, missing: Sequence[Name], spare: Sequence[Name]) -> Iterator[Name]:
        yield from missing
        taken = set(missing)
        yield from (name for name in spare if name not in self._known and name not in taken)

    def _ask(self, names: Sequence[Name]) -> None:
        """Paths travel as variables: whatever is in them, they are no part of the query."""
        variables: dict[str, Any] = {"owner": self._owner, "name": self._name, "number": self._number}
        variables |= {f"e{number}": f"{commit}:{path}" for number, (commit, path) in enumerate(names)}
        folders = [name for name in self._announced if name not in self._folders]
        variables |= {f"d{number}": f"{commit}:{path}" for number, (commit, path) in enumerate(folders)}
        # Nothing travels along while GitHub stumbles over so much at once.
        along = self._along if self._along is not None and self._batch == BATCH else _NOTHING
        data = self._client.graphql(_query(len(names), len(folders), along), variables, spare=along.spare)
        try:
            repository = data.get("repository") or {}
            head = (repository.get("pullRequest") or {}).get("headRefOid")
            blobs = {name: _blob(repository.get(f"f{number}")) for number, name in enumerate(names)}
            listed = {name: tuple(_entries(repository.get(f"t{number}"))) for number, name in enumerate(folders)}
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise strange("GraphQL: GitHub tells of files", error) from error
        if along is not _NOTHING:
            self.told, self._along = data, None
        self.head = head
        self._known |= blobs
        self._folders |= listed
        self._announced.clear()


def _query(files: int, folders: int, along: Along) -> str:
    declared = "".join(f", $e{number}: String!" for number in range(files)) + along.variables
    declared += "".join(f", $d{number}: String!" for number in range(folders))
    asked = "\n".join(
        f"f{number}: object(expression: $e{number}) {{ ... on Blob {{ byteSize isBinary text }} }}"
        for number in range(files)
    )
    asked += "".join(
        f"\nt{number}: object(expression: $d{number}) {{ ... on Tree {{ {_ENTRIES} }} }}" for number in range(folders)
    )
    return (
        f"query Files($owner: String!, $name: String!, $number: Int!{declared}) {{\n{along.top}\n"
        f"repository(owner: $owner, name: $name) {{\n"
        f"pullRequest(number: $number) {{ headRefOid {along.fields} }}\n{asked}\n}}\n}}"
    )


def _blob(found: Any) -> Blob | None:
    """Null, or something without a size (a folder, a submodule), is no file."""
    if not isinstance(found, dict) or "byteSize" not in found:
        return None
    text, size = found.get("text"), int(found["byteSize"])
    if found.get("isBinary") or not isinstance(text, str):
        return Blob(None, bool(found.get("isBinary")))
    # GitHub cuts a long text without a word; half a file would be read as a whole one.
    cut = len(text.encode("utf-8", "replace")) + _BYTE_ORDER_MARK < size
    return Blob(None if cut or size > MAX_BYTES else text, binary=False)


def _entries(found: Any) -> Iterator[Entry]:
    """Null, or something without entries (a file), is no folder. Modes are git's, in decimal."""
    for entry in (found.get("entries") or ()) if isinstance(found, dict) else ():
        blob = (entry.get("object") or {}) if entry["mode"] in _FILE_MODES else {}
        yield Entry(text(entry["name"]), blob.get("byteSize"))
