"""A model's reply → claims. Knows the answer format (docs: README, "The answer format"), knows nothing of diffs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from reviewer.findings import Category, Claim, Confidence, Dropped, DropReason, Note, NoteCode, Severity
from reviewer.judgement.answer import REQUIRED, extract
from reviewer.text.sanitise import reveal

if TYPE_CHECKING:
    from enum import StrEnum

MAX_ITEMS = 200
MAX_TITLE = 120
MAX_BODY = 4_000
MAX_CODE = 8_000
MAX_NAME = 1_000

_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE = re.compile(r"\s*[Ll]?(\d{1,9})(?!\d)")
_NOTHING = frozenset({"", "null", "none"})


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reply says. Where it is not `intact`, these are the findings that were whole; `problem` is in words."""

    claims: tuple[Claim, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    notes: tuple[Note, ...] = ()
    intact: bool = True
    problem: str = ""


def read(text: str) -> Reading:
    """Every finding the text holds, as a claim or dropped as invalid; never raises, whatever the text."""
    answer = extract(text)
    reader = _Reader()
    for item in answer.items[:MAX_ITEMS]:
        reader.take(item)
    surplus = len(answer.items) - MAX_ITEMS
    if surplus > 0:
        reader.drop(
            {}, DropReason.OVER_CAP, f"{surplus} more findings than the {MAX_ITEMS} that are read of one answer"
        )
    return Reading(
        tuple(reader.claims), tuple(reader.dropped), tuple(reader.notes.values()), not answer.problem, answer.problem
    )


def readable(text: str) -> bool:
    """Whether a reply is whole, and so worth keeping."""
    return not extract(text).problem


_Value = TypeVar("_Value", bound="StrEnum")


@dataclass(slots=True)
class _Reader:
    """Sorts items into claims and drops, and notes each odd value once."""

    claims: list[Claim] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    notes: dict[tuple[str, str], Note] = field(default_factory=dict)

    def take(self, item: object) -> None:
        if not isinstance(item, Mapping):
            self.drop({}, DropReason.INVALID, "the finding is not a JSON object")
            return
        texts = {name: _text(item.get(name), MAX_CODE) for name in REQUIRED}
        for name, value in texts.items():
            if value is None or (not value.strip() and name != "quote"):
                fault = "empty" if value is not None else "not a string" if name in item else "missing"
                self.drop(item, DropReason.INVALID, f"the required field `{name}` is {fault}")
                return
        self.claims.append(
            Claim(
                path=_path(item),
                quote=texts["quote"] or "",
                title=_title(item),
                body=_body(item),
                line=_line(item.get("line")),
                severity=self._one_of(Severity, item, "severity", Severity.MEDIUM),
                category=self._one_of(Category, item, "category", Category.BUG),
                confidence=self._one_of(Confidence, item, "confidence", Confidence.MEDIUM),
                replacement=_replacement(item),
                rule=_rule(item.get("rule")),
            )
        )

    def drop(self, item: Mapping[str, object], reason: DropReason, detail: str) -> None:
        self.dropped.append(
            Dropped(_path(item), _title(item), _body(item), reason, detail, line=_line(item.get("line")))
        )

    def _one_of(self, kind: type[_Value], item: Mapping[str, object], name: str, default: _Value) -> _Value:
        value = item.get(name)
        if value is None:
            return default
        word = value.strip().lower() if isinstance(value, str) else None
        for member in kind:
            if member.value == word:
                return member
        # Never the text of a list or an object: one that is nested just deeply enough to be read is too deep to print.
        scalar = isinstance(value, str | int | float)
        said = _cut(_one_line(str(value)[:MAX_NAME]), 60) if scalar else "a list or an object"
        message = f"the model answered {name} `{said}`, which is none of its values; it counts as {default}"
        self.notes.setdefault((name, said), Note(NoteCode.UNKNOWN_VALUE, message, {"field": name, "value": said}))
        return default


def _text(value: object, limit: int) -> str | None:
    """A string, or lines that make one; UTF-8 can hold it afterwards."""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        value = "\n".join(line.removesuffix("\n") for line in value)
    if not isinstance(value, str):
        return None
    return _SURROGATE.sub("\ufffd", value[:limit])


def _one_line(text: str) -> str:
    return reveal(" ".join(_SURROGATE.sub("\ufffd", text).split()))


def _cut(text: str, limit: int) -> str:
    """At most `limit` characters, ended at a word with an ellipsis where that costs little."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 1]
    word = kept.rfind(" ")
    return (kept[:word] if word > limit // 2 else kept).rstrip() + "…"


def _path(item: Mapping[str, object]) -> str:
    return (_text(item.get("path"), MAX_NAME) or "").strip()


def _title(item: Mapping[str, object]) -> str:
    return _cut(_one_line(_text(item.get("title"), MAX_CODE) or ""), MAX_TITLE)


def _body(item: Mapping[str, object]) -> str:
    text = (_text(item.get("body"), MAX_CODE) or "").replace("\r\n", "\n").strip()
    return _cut(reveal(text), MAX_BODY)


def _line(value: object) -> int | None:
    """42, 42.0, "42" and "42-45" are lines; true, 0 and "the second one" are not."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        number = _LINE.match(value)
        value = int(number[1]) if number else None
    if isinstance(value, float) and value.is_integer() and value < 1e9:
        value = int(value)
    return value if isinstance(value, int) and value > 0 else None


def _rule(value: object) -> str | None:
    name = _cut(_one_line(_text(value, MAX_NAME) or ""), 100)
    return None if name.lower() in _NOTHING else name


def _replacement(item: Mapping[str, object]) -> str | None:
    """Models write an empty string for "none": an offer to delete the lines by mistake would be worse than no offer.

    Nor is there one that would be cut, or whose quote was.
    """
    text = _text(item.get("replacement"), MAX_CODE + 1) or ""
    quote = _text(item.get("quote"), MAX_CODE + 1) or ""
    return text if text.strip() and max(len(text), len(quote)) <= MAX_CODE else None
