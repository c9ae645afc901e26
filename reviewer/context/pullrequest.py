"""What the author says about a change: a stranger's words, short, and never mistaken for what was found in the code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.context import prose
from reviewer.context.items import Item, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

MOST_TITLE = 300
"""Characters of a title or a commit's subject."""
MOST_DESCRIPTION = 400
"""Tokens of the description."""
MOST_COMMITS = 20
MOST_ISSUES = 5

_MOST_READ = 60_000
_CHECKBOX = re.compile(r"[ \t]*[-*+][ \t]+\[[ \txX]\](?:[ \t][^\n]*)?")
_MERGE = re.compile(r"Merge (?:branch|branches|pull request|remote-tracking branch|tag|commit)\b")
# What the author means to do helps to judge what was done; what the code is, helps more.
_VALUES = {"title": 0.8, "issues": 0.5, "description": 0.45, "commits": 0.3}
_WHY = "the author's words"


def pull_items(
    title: str,
    body: str,
    commits: Sequence[str],
    issues: Sequence[tuple[int, str]],
    show: Callable[[Sequence[str]], Sequence[str]],
) -> tuple[Item, ...]:
    """Title, description without what a template brought, subjects of the newest commits (given oldest first), titles
    of linked issues; what is empty is left out. No line of theirs looks like the start of an item."""
    told = {
        "title": _line(title, show),
        "description": "\n".join(f"> {line}".rstrip() for line in _description(body, show).split("\n")),
        "issues": "\n".join(f"- #{number} {_line(name, show)}" for number, name in issues[:MOST_ISSUES]),
        "commits": "\n".join(f"- {subject}" for subject in _subjects(commits, show)),
    }
    return tuple(Item(Kind.PULL, what, _WHY, text, _VALUES[what]) for what, text in told.items() if text.strip("> "))


def _description(body: str, show: Callable[[Sequence[str]], Sequence[str]]) -> str:
    """Without check boxes, and without headings that nobody wrote anything under."""
    written = prose.readable(prose.start(body.replace("\r\n", "\n"), _MOST_READ))
    own = "\n".join(line for line in written.split("\n") if not _CHECKBOX.fullmatch(line))
    filled = "\n\n".join(_filled(prose.sections(own)))
    return prose.cut("\n".join(show(filled.split("\n"))), MOST_DESCRIPTION).strip("\n")


def _filled(sections: Sequence[prose.Section]) -> Iterator[str]:
    """A heading stays where something follows, under it or under one of its own."""
    for at, section in enumerate(sections):
        below = (other for other in _under(sections, at) if not other.bare)
        if not section.bare or next(below, None):
            yield section.text


def _under(sections: Sequence[prose.Section], at: int) -> Iterator[prose.Section]:
    for other in sections[at + 1 :]:
        if other.level <= sections[at].level:
            return
        yield other


def _subjects(commits: Sequence[str], show: Callable[[Sequence[str]], Sequence[str]]) -> list[str]:
    own = [subject for subject in commits if subject.strip() and not _MERGE.match(subject)]
    return [_line(subject, show) for subject in own[-MOST_COMMITS:]]


def _line(text: str, show: Callable[[Sequence[str]], Sequence[str]]) -> str:
    """On one line and shown before it is cut: half a secret would not be known for one."""
    shown = " ".join(show([" ".join(text[:_MOST_READ].split())]))
    return shown if len(shown) <= MOST_TITLE else f"{shown[: MOST_TITLE - 1]}{prose.CUT}"
