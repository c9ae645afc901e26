"""The team's own guides: which there are for the files at hand, and what of them a reader is told.

They come from the base, so that no change brings its own. They say what matters; how to answer is not theirs to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from posixpath import join, normpath
from threading import Lock
from typing import TYPE_CHECKING

from reviewer.change.numbered import shown_path
from reviewer.context import prose
from reviewer.context.headings import FIRST, LATER, NEAR, NOT, rank
from reviewer.context.trimming import Guide, Ranked, fitted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from reviewer.context.items import Item

ReadAll = Callable[[Sequence[str]], "Mapping[str, str] | None"]
"""The texts of those files of the base that are there; null where the base cannot be read."""
Shown = Callable[[Sequence[str]], Sequence[str]]
"""Lines as a reader may see them, as many as were given: secrets and hidden characters dealt with."""

NESTED = ("REVIEW.md", "AGENTS.md", "CLAUDE.md", "CONTRIBUTING.md")
"""Guides of a folder and all below it, the most telling first."""
AT_ROOT = (
    "REVIEW.md",
    "AGENTS.md",
    "CLAUDE.md",
    ".github/copilot-instructions.md",
    "CONTRIBUTING.md",
    ".github/CONTRIBUTING.md",
    "docs/CONTRIBUTING.md",
)
"""Guides of the whole repository."""
DEEPEST = 20
"""Folders above a file that are looked into, from its own up; the root besides."""
MOST_FOLDERS = 250
"""Folders of one base that are looked into: through GitHub's interface, a request for 25 of them."""
MOST_CHARACTERS = 60_000
"""What is read of one guide."""

_POINTER = re.compile(r"@?[\w./-]{1,200}\.(?:md|mdc|markdown)")
_IMPORT = re.compile(rf"[ \t]*@[\w./-]{{0,200}}\b(?:{'|'.join(map(re.escape, NESTED))})[ \t\r]*")
_ALL_OF_IT = "REVIEW.md"
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Guides:
    """Every guide that was found is in one of the three: `items` (nearest first), `trimmed` (which names also what is
    missing of one that is told in part), or `silent`: it has nothing to say to a reviewer."""

    items: tuple[Item, ...] = ()
    trimmed: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()


class Shelf:
    """The guides of one base, each read and prepared once. Safe to use from several threads."""

    def __init__(self, read: ReadAll, show: Shown) -> None:
        self._read = read
        self._show = show
        self._turn = Lock()
        self._folders: set[str] = set()
        self._known: dict[str, Guide | None] = {}
        self._unreadable = False

    def guides(self, paths: Collection[str], budget: int) -> Guides:
        """What the team asks of these files, in at most `budget` tokens: what every reviewer should know first, and of
        that the nearest first. The same text in two files is told once."""
        with self._turn:
            folders, left = self._within_bounds(folders_of(paths))
            found = self._prepared(candidates(folders))
        told = fitted([guide for guide in found if guide.sections or guide.cut], budget)
        silent = (guide.where for guide in found if not (guide.sections or guide.cut))
        return Guides(told.items, (*told.trimmed, *self._unseen(left)), tuple(silent))

    def _within_bounds(self, folders: Sequence[str]) -> tuple[list[str], int]:
        """Those that were looked into or may be, and how many may not."""
        for folder in reversed(folders):  # a guide is likelier, and for more files, near the root
            if not folder or len(self._folders) <= MOST_FOLDERS:
                self._folders.add(folder)
        kept = [folder for folder in folders if folder in self._folders]
        return kept, len(folders) - len(kept)

    def _prepared(self, names: Sequence[str]) -> list[Guide]:
        missing = [name for name in names if name not in self._known]
        if missing and not self._unreadable:
            texts = self._texts(missing)
            for name in missing:
                self._known[name] = self._guide(name, texts[name]) if name in texts else None
        return [guide for name in names if (guide := self._known.get(name)) is not None]

    def _texts(self, names: Sequence[str]) -> dict[str, str]:
        """A file that only names another one (a symbolic link, or `@AGENTS.md`) has that one's text."""
        texts = dict(self._read_all(names))
        pointers = {name: target for name, text in texts.items() if (target := _target(name, text)) is not None}
        if pointers:
            pointed = self._read_all(list(dict.fromkeys(pointers.values())))
            for name, target in pointers.items():
                text = pointed.get(target, "")
                texts[name] = "" if _target(target, text) else text  # no chains
        return texts

    def _read_all(self, names: Sequence[str]) -> Mapping[str, str]:
        texts = self._read(names)
        self._unreadable = self._unreadable or texts is None
        return texts or {}

    def _guide(self, path: str, text: str) -> Guide:
        begun = prose.start(text, MOST_CHARACTERS)
        own = "\n".join(line for line in begun.split("\n") if not _IMPORT.fullmatch(line))
        shown = "\n".join(self._show(prose.readable(own).split("\n")))
        # A folder's own guide is about this very code: there a heading need not speak of reviews.
        default = LATER if path in AT_ROOT else NEAR
        if path.rpartition("/")[2] == _ALL_OF_IT:
            default = FIRST
        sections = tuple(_of_interest(prose.sections(shown), default))
        return Guide(_name(path), _reach(path), sections, cut=len(begun) < len(text))

    def _unseen(self, left: int) -> Iterator[str]:
        if self._unreadable:
            yield "those of the base, which could not be read"
        if left:
            yield f"those of {left} more folders, which were not looked for"


def candidates(folders: Sequence[str]) -> tuple[str, ...]:
    """The names of guides there may be for files in these folders, in their order; `""` is the root."""
    names: list[str] = []
    for folder in folders:
        names += (f"{folder}/{name}" for name in NESTED) if folder else AT_ROOT
    return tuple(dict.fromkeys(names))


def folders_of(paths: Collection[str]) -> tuple[str, ...]:
    """The folders that these files are in and under, the nearest first; the root, `""`, last."""
    found: dict[str, None] = {}
    level: Collection[str] = paths
    for _ in range(DEEPEST):
        above = (path.rpartition("/")[0] for path in level)
        level = dict.fromkeys(folder for folder in above if folder and folder not in found)
        found.update(level)
    return (*sorted(found, key=lambda folder: (-folder.count("/"), folder)), "")


def _target(name: str, text: str) -> str | None:
    """The file that this one only points to; null where it says something itself, or points out of the repository."""
    said = text.strip() if len(text) <= _LONGEST_NAME else ""
    if not _POINTER.fullmatch(said):
        return None
    target = normpath(join(name.rpartition("/")[0], said.removeprefix("@")))
    return None if target.startswith(("../", "/")) or target == name else target


def _of_interest(sections: Sequence[prose.Section], default: int) -> Iterator[Ranked]:
    """What may matter to a review. A heading that does not tell is as the one above it."""
    above: list[tuple[int, int]] = [(-1, default)]
    for section in sections:
        while above[-1][0] >= section.level:
            above.pop()
        told = rank(section.title)
        importance = above[-1][1] if told is None else told
        above.append((section.level, importance))
        if importance != NOT and not section.bare:
            yield Ranked(_name(section.title), section.text, importance)


def _reach(path: str) -> str:
    """Made of the base's words alone: the change's own have no place among the team's."""
    return "for the whole repository" if path in AT_ROOT else f"for all under {_name(path.rpartition('/')[0])}/"


def _name(name: str) -> str:
    """On one line, nothing hidden; its end rather than its start."""
    shown = shown_path(name)
    return shown if len(shown) <= _LONGEST_NAME else f"{prose.CUT}{shown[1 - _LONGEST_NAME :]}"
