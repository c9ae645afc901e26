"""Which files are reviewed; every other one with its reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from reviewer.change import defaults
from reviewer.change.change import Kind
from reviewer.change.globs import Globs
from reviewer.findings import Reason, Side, Unreviewed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reviewer.change.change import FileChange

Read = Callable[[str, Side], str | None]
"""A whole file on one side of the change; null where it cannot be had."""

Attributes = Callable[[Sequence[str]], Mapping[str, Mapping[Reason, bool]]]
"""What the repository says of paths: GENERATED or VENDORED is so, or is not so; silent about the others."""

WINDOW = 256
"""Paths in one question to `Attributes`."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The user's word on what is reviewed.

    `ignore` leaves out and always wins. `include` brings back lock, generated and vendored files, and a credentials
    file that it names in full (`.npmrc`, not `*rc`); never what is binary or larger than `max_file_kb`.
    """

    ignore: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    max_file_kb: int = 1024


def select(
    files: Iterable[FileChange | Unreviewed], policy: Selection, *, attributes: Attributes | None, read: Read
) -> Iterator[FileChange | Unreviewed]:
    """Each file, or why it is left out, in order and as a stream. An invalid glob raises `Misuse`, at once.

    What cannot be read passes through, unless it is ignored.
    """
    judge = _Judge(policy, read)
    return _stream(iter(files), judge, attributes)


def _stream(
    files: Iterator[FileChange | Unreviewed], judge: _Judge, attributes: Attributes | None
) -> Iterator[FileChange | Unreviewed]:
    while window := list(islice(files, WINDOW)):
        said = attributes([file.path for file in window]) if attributes else {}
        for file in window:
            if isinstance(file, Unreviewed):
                ignored = judge.ignores(file.path)
                yield file if ignored is None else replace(file, reason=ignored[0], detail=ignored[1])
                continue
            verdict = judge.leaves_out(file, said.get(file.path, {}))
            yield file if verdict is None else Unreviewed(file.path, *verdict, lines=file.changed_lines())


class _Judge:
    """Knows the user's word, the repository's and the defaults, in this order."""

    def __init__(self, policy: Selection, read: Read) -> None:
        self._ignore = Globs("ignore", policy.ignore)
        self._include = Globs("include", policy.include)
        self._max_kb = policy.max_file_kb
        self._read = read

    def ignores(self, path: str) -> tuple[Reason, str] | None:
        """The user's word against a path."""
        glob = self._ignore.match(path)
        return None if glob is None else (Reason.IGNORED, f"ignore: {glob}")

    def leaves_out(self, file: FileChange, said: Mapping[Reason, bool]) -> tuple[Reason, str] | None:
        """Why the file is not reviewed; null: it is."""
        included = self._include.match(file.path)
        return (
            self.ignores(file.path)
            or self._credentials(file, included)
            or self._unreadable(file)
            or (None if included is not None else _by_attributes(said) or self._by_default(file, said))
        )

    def _credentials(self, file: FileChange, included: str | None) -> tuple[Reason, str] | None:
        """A glob wide enough to catch a credentials file by accident does not bring it back."""
        name = file.path.rpartition("/")[2]
        if included is not None and included.rpartition("/")[2] == name:
            return None
        rule = defaults.credentials(file.path) or defaults.credentials(file.base_path)
        return (Reason.CREDENTIALS, rule) if rule else None

    def _unreadable(self, file: FileChange) -> tuple[Reason, str] | None:
        if file.binary:
            return Reason.BINARY, "a binary file"
        if file.size > self._max_kb * 1024:
            return Reason.TOO_LARGE, f"a patch of {-(-file.size // 1024)} KiB: more than max_file_kb = {self._max_kb}"
        if all(line.marker == " " for line in file.lines()):
            return Reason.NO_LINES, _without_lines(file)
        return None

    def _by_default(self, file: FileChange, said: Mapping[Reason, bool]) -> tuple[Reason, str] | None:
        """`linguist-generated=false` says that the file is written by hand whatever its name, even a lock file's."""
        by_hand = said.get(Reason.GENERATED) is False
        named = defaults.by_name(file.path)
        if named is not None:
            denied = said.get(Reason.VENDORED) is False if named[0] is Reason.VENDORED else by_hand
            if not denied:
                return named
        words = None if by_hand else defaults.marker(self._first_lines(file))
        return None if words is None else (Reason.GENERATED, f"its first lines say “{words}”")

    def _first_lines(self, file: FileChange) -> Sequence[str]:
        """The first lines of the old file, so that no change hides a file from its reviewer by marking it.

        An added file has only its own word.
        """
        if file.kind is not Kind.ADDED:
            text = self._read(file.base_path, Side.OLD)
            if text is not None:
                return text.split("\n", defaults.MARKER_LINES)[: defaults.MARKER_LINES]
        numbered = ((line.new if file.kind is Kind.ADDED else line.old, line.text) for line in file.lines())
        return [text for number, text in numbered if number is not None and number <= defaults.MARKER_LINES]


def _by_attributes(said: Mapping[Reason, bool]) -> tuple[Reason, str] | None:
    for reason in (Reason.VENDORED, Reason.GENERATED):
        if said.get(reason):
            return reason, f"linguist-{reason} in .gitattributes"
    return None


def _without_lines(file: FileChange) -> str:
    if file.kind in (Kind.RENAMED, Kind.COPIED):
        return f"{file.kind} from {file.old_path} without a change"
    if file.kind is not Kind.MODIFIED:
        return f"an empty file was {file.kind}"
    if file.old_mode != file.new_mode:
        return f"only its mode changed, {file.old_mode} to {file.new_mode}"
    return "no changed lines"
