"""Rule packs: what an expert looks for in one language or under one aspect, and which files it concerns.

A pack is a Markdown file whose front matter is TOML between two `+++` lines. Its body is text, not a template:
workflow rules speak of `${{ … }}`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from reviewer import templates
from reviewer.findings import Severity
from reviewer.rules import frontmatter, globs
from reviewer.syntax.languages import language_of
from reviewer.text.sanitise import reveal
from reviewer.text.tokens import estimate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

SHIPPED = "shipped"
_FIRST = ("general", "security", "tests", "performance")  # what every file gets, then the others alphabetically
_ALSO = {"tsx": "typescript"}  # a grammar of its own, and no language of its own to anybody who writes it


@dataclass(frozen=True, slots=True)
class Pack:
    """Rules for the files that match `paths` (gitignore globs) or are in one of `languages`; without both, for every
    file. `origin`: who wrote them, a path for the repository's own. `severity`: what cites them is no worse.
    """

    name: str
    title: str
    paths: tuple[str, ...]
    body: str
    origin: str = SHIPPED
    languages: tuple[str, ...] = ()
    severity: Severity | None = None
    enabled: bool = True

    @property
    def is_general(self) -> bool:
        """Whether it is about every file."""
        return not self.paths and not self.languages

    @property
    def section(self) -> str:
        """As a prompt states it."""
        return f"\n## {self.name}\n{self.body}\n"

    @property
    def tokens(self) -> int:
        """What it adds to a prompt."""
        return _tokens(self.section)

    def concerns(self, path: str) -> bool:
        """Whether these rules are about the file at `path`."""
        return self.why(path) is not None

    def why(self, path: str) -> str | None:
        """What makes these rules about the file at `path`, in words; null: they are not."""
        if self.is_general:
            return "every file"
        glob = globs.matching(self.paths, path) if self.paths else None
        if glob is not None:
            return f"matches {glob}"
        language = language_of(path) if self.languages else None
        language = language if language in self.languages else _ALSO.get(language or "")
        return f"is {language}" if language in self.languages else None


@cache
def shipped() -> tuple[Pack, ...]:
    """The packs that come with the program, in the order in which a prompt states them."""
    files = (templates.folder() / "rules").glob("*.md")
    packs = [parse(file.read_text("utf-8"), f"rules/{file.name}") for file in files]
    return tuple(sorted(packs, key=_place))


def applying(packs: Iterable[Pack], paths: Collection[str]) -> tuple[Pack, ...]:
    """Those of `packs` that concern at least one of the files, in their order."""
    return tuple(pack for pack in packs if any(map(pack.concerns, paths)))


def parse(text: str, source: str, origin: str = SHIPPED) -> Pack:
    """The pack that `text` defines; raises `Misuse` that names `source` and the line at fault."""
    front, body = frontmatter.split(text, source)
    return Pack(
        name=front["name"],
        title=reveal(front.get("title", front["name"])),
        paths=tuple(front.get("paths", ())),
        body=reveal(body),
        origin=origin,
        languages=tuple(front.get("languages", ())),
        severity=Severity(front["severity"]) if "severity" in front else None,
        enabled=front.get("enabled", True),
    )


@cache
def _tokens(section: str) -> int:
    return estimate(section) + 1


def _place(pack: Pack) -> tuple[int, str]:
    return (_FIRST.index(pack.name) if pack.name in _FIRST else len(_FIRST), pack.name)
