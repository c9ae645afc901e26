"""Markdown that people wrote for a page: what it says, without what only a page needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.text.tokens import estimate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CUT = "…"
"""Stands in a line of its own where something was left out."""

_FENCE = re.compile(r" {0,3}(?P<marks>`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}(?P<marks>#{1,6})[ \t]+(?P<title>[^\n]*)")
_UNDERLINE = re.compile(r" {0,3}(?P<mark>=+|-{2,})[ \t\r]*")
_NO_TITLE = re.compile(r"\s*(?:[-*+>|]|\d+[.)]|$)")
# Bounded, so that no text of brackets takes long.
_IMAGE = re.compile(r"!\[[^\]\n]{0,300}\](?:\([^)\n]{0,2000}\)|\[[^\]\n]{0,300}\])|<img\b[^>\n]{0,2000}>")
_EMPTY_LINK = re.compile(r"\[\s{0,9}\](?:\([^)\n]{0,2000}\)|\[[^\]\n]{0,300}\])")
# A line of nothing but a jump within the page, a link's address, or a tag that folds or aligns.
_FURNITURE = re.compile(
    r"\s*(?:[-*+]|\d{1,3}[.)])\s+\[[^\]\n]{0,300}\]\(#[^)\n]{0,300}\)\s*"
    r"|\s{0,3}\[[^\]\n]{1,300}\]:\s+\S+\s*"
    r"|\s*</?(?:details|summary|div|p|br|center|a|picture|source)\b[^>\n]{0,2000}>\s*"
)
_LONGEST_FRONT = 40


@dataclass(frozen=True, slots=True)
class Section:
    """A heading (its level 1 to 6; 0 and no title before the first one) with what stands under it."""

    level: int
    title: str
    text: str
    """The heading's line too."""
    bare: bool
    """Nothing stands under it."""


def readable(text: str) -> str:
    """Without front matter, HTML comments, images, badges and lists of jumps. Blocks of code stay as they are."""
    kept: list[str] = []
    fence: str | None = None
    hidden = False
    for line in _without_front_matter(text.removeprefix("\ufeff").split("\n")):
        if fence is not None:
            kept.append(line)
            fence = None if _closes(line, fence) else fence
            continue
        said, hidden = _uncommented(line, hidden)
        said = said if said == line else said.rstrip()
        opening = _FENCE.match(said)
        fence = opening["marks"] if opening else None
        shown = said if opening else _EMPTY_LINK.sub("", _IMAGE.sub("", said))
        if not _is_gone(line, shown):
            kept.append(shown)
    return "\n".join(_without_gaps(kept)).strip("\n")


def sections(text: str) -> list[Section]:
    """The text by its headings, in order and nothing left out; those in blocks of code are none."""
    found: list[tuple[int, str, list[str]]] = [(0, "", [])]
    fence: str | None = None
    for line in text.split("\n"):
        opening = None if fence else _FENCE.match(line)
        heading = None if fence or opening else _HEADING.match(line)
        underline = None if fence or opening else _UNDERLINE.fullmatch(line)
        lines = found[-1][2]
        if heading:
            found.append((len(heading["marks"]), heading["title"].strip(" \t\r#"), [line]))
        elif underline and lines and not _NO_TITLE.match(lines[-1]) and not _HEADING.match(lines[-1]):
            title = lines.pop()
            found.append((1 if underline["mark"][0] == "=" else 2, title.strip(), [title, line]))
        else:
            lines.append(line)
        fence = _after(line, fence, opening)
    return [_section(level, title, lines) for level, title, lines in found if level or any(map(str.strip, lines))]


def cut(text: str, tokens: int) -> str:
    """As many whole lines as `tokens` hold, with a line that says so where some are missing; empty where none fit."""
    if estimate(text) <= tokens:
        return text
    lines = text.split("\n")
    low, high = 0, len(lines) - 1
    while low < high:  # the most lines that fit: an estimate never falls when a line is added
        middle = (low + high + 1) // 2
        low, high = (middle, high) if estimate(_with_mark(lines[:middle])) <= tokens else (low, middle - 1)
    return _with_mark(lines[:low]) if low else ""


def start(text: str, characters: int) -> str:
    """Whole lines of at most so many characters: a secret in a line is there as a whole or not at all."""
    return text if len(text) <= characters else text[: text.rfind("\n", 0, characters + 1) + 1].rstrip("\n")


def _with_mark(lines: Sequence[str]) -> str:
    return "\n".join([*lines, CUT]) if any(map(str.strip, lines)) else ""


def _section(level: int, title: str, lines: Sequence[str]) -> Section:
    head = 0 if not level else 1 if _HEADING.match(lines[0]) else 2
    return Section(level, title, "\n".join(lines).rstrip(), bare=not any(map(str.strip, lines[head:])))


def _without_front_matter(lines: list[str]) -> list[str]:
    """`---`, settings, `---` at the very start are for a tool."""
    if lines[0].strip() != "---":
        return lines
    end = next((at for at, line in enumerate(lines[1:_LONGEST_FRONT], 1) if line.strip() == "---"), 0)
    return lines[end + 1 :] if end else lines


def _uncommented(line: str, hidden: bool) -> tuple[str, bool]:
    """The line without comments, and whether one goes on. Only one that starts a line may go on: `<!--` in the middle
    of a sentence is more often what the sentence is about."""
    parts: list[str] = []
    while line:
        if hidden:
            _, end, line = line.partition("-->")
            hidden = not end
            continue
        before, start, rest = line.partition("<!--")
        if start and "-->" not in rest and (before.strip() or parts):
            before, start, rest = line, "", ""
        parts.append(before)
        hidden, line = bool(start), rest
    return "".join(parts), hidden


def _is_gone(line: str, shown: str) -> bool:
    """Whether nothing is left of a line that said something, or nothing of it is said to a reader."""
    emptied = shown != line and bool(line.strip()) and not shown.strip(" \t\r*-|")
    return emptied or _FURNITURE.fullmatch(shown) is not None


def _closes(line: str, fence: str) -> bool:
    bare = line.strip()
    return len(bare) >= len(fence) and not bare.strip(fence[0])


def _after(line: str, fence: str | None, opening: re.Match[str] | None) -> str | None:
    """The fence that the next line stands in."""
    if fence is not None:
        return None if _closes(line, fence) else fence
    return opening["marks"] if opening else None


def _without_gaps(lines: Sequence[str]) -> Iterator[str]:
    """One empty line where several follow each other."""
    before = ""
    for line in lines:
        if line.strip() or before.strip():
            yield line
        before = line
