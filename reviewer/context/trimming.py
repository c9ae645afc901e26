"""Guides brought to a budget: whole sections, and a name for all that had no room."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reviewer.context import pack
from reviewer.context.headings import LATER, NEAR
from reviewer.context.items import Item, Kind
from reviewer.context.prose import CUT, cut
from reviewer.text.tokens import estimate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_FOR_ONE = 0.5
"""No section takes more than this part of the budget (a longer one is cut at a line end), and no guide while others
wait."""
_HEADED = 2
"""Line ends in a heading, a line under it and a mark."""
_TITLES = 3
_LONGEST_TITLE = 40


@dataclass(frozen=True, slots=True)
class Ranked:
    """A section as it is shown, and how much it matters to a reviewer."""

    title: str
    text: str
    importance: int


@dataclass(frozen=True, slots=True)
class Guide:
    """What may matter of a guide, in its order. `cut`: the file goes on after what was read of it."""

    where: str
    why: str
    sections: tuple[Ranked, ...]
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Fitted:
    """What there is room for, and in words what there was no room for."""

    items: tuple[Item, ...]
    trimmed: tuple[str, ...]


@dataclass(slots=True)
class _Choice:
    """A guide, and the sections of it (by their place in it) that there is room for."""

    guide: Guide
    same: list[str] = field(default_factory=list)
    told: dict[int, str] = field(default_factory=dict)
    tokens: int = 0

    def item(self, value: float = 0.0) -> Item:
        why = "; ".join([self.guide.why, *(f"{path} says the same" for path in self.same)])
        return Item(Kind.GUIDE, self.guide.where, why, "\n\n".join(self._parts()), value)

    def missing(self) -> list[str]:
        """What is not told, or not to its end."""
        found = [part.title or "its start" for at, part in enumerate(self.guide.sections) if self._is_missing(at)]
        return [*found, "the rest of the file"] if self.guide.cut else found

    def _is_missing(self, at: int) -> bool:
        return self.told.get(at) != self.guide.sections[at].text

    def _parts(self) -> Iterator[str]:
        """With a mark where something is left out."""
        marked = False
        for at in range(len(self.guide.sections)):
            if at in self.told:
                yield self.told[at]
                marked = self._is_missing(at)
            elif not marked:
                yield CUT
                marked = True
        if self.guide.cut and not marked:
            yield CUT


def fitted(guides: Sequence[Guide], budget: int) -> Fitted:
    """At most `budget` tokens of them, the first before the later: of every guide first what matters most.

    While others wait, none gets more than its part.
    """
    choices = _distinct(guides)
    left = budget
    part = int(budget * MOST_FOR_ONE)
    for least, most in ((NEAR, part), (NEAR, budget), (LATER, part), (LATER, budget)):
        for choice in choices:
            left -= _fill(choice, least, part, min(left, most - choice.tokens))
    told = [choice for choice in choices if choice.told]
    items = tuple(choice.item(max(0.5, 1 - 0.05 * at)) for at, choice in enumerate(told))
    return Fitted(items, tuple(_trimmed(choices)))


def _fill(choice: _Choice, least: int, longest: int, room: int) -> int:
    """Adds what matters at least so much, what matters most first, none longer than that; how many tokens it took."""
    before = choice.tokens
    sections = choice.guide.sections
    for at in sorted(range(len(sections)), key=lambda at: sections[at].importance):
        if sections[at].importance <= least and at not in choice.told:
            text = _shortened(sections[at], longest)
            cost = _cost(choice, text)
            if text and cost <= room - (choice.tokens - before):
                choice.told[at] = text
                choice.tokens += cost
    return choice.tokens - before


def _distinct(guides: Sequence[Guide]) -> list[_Choice]:
    """What two files say alike is told once, by the first of them."""
    first: dict[object, _Choice] = {}
    for guide in guides:
        texts = tuple(section.text for section in guide.sections) or guide.where
        if texts in first:
            first[texts].same.append(guide.where)
        else:
            first[texts] = _Choice(guide)
    return list(first.values())


def _shortened(section: Ranked, tokens: int) -> str:
    """As much of it as that holds; empty where that is no more than its heading."""
    text = cut(section.text, tokens)
    is_bare = bool(section.title) and text.count("\n") < _HEADED
    return "" if is_bare and text != section.text else text


def _cost(choice: _Choice, text: str) -> int:
    """Never less than what the section adds: with marks and empty lines on both sides, and the guide's name once."""
    tokens = estimate(f"\n\n{CUT}\n\n{text}\n\n{CUT}") + 1
    return tokens if choice.told else tokens + pack.cost(choice.item())


def _trimmed(choices: Sequence[_Choice]) -> Iterator[str]:
    for choice in choices:
        missing = choice.missing()
        if not choice.told:
            yield from (choice.guide.where, *choice.same)
        elif missing:
            names = [
                title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1]}{CUT}" for title in missing
            ]
            more = [f"{len(names) - _TITLES} more"] if len(names) > _TITLES else []
            yield f"{choice.guide.where} (in part: not all of {', '.join([*names[:_TITLES], *more])})"
