"""The baseline as a file that people review: TOML, a field a line, in a stable order.

TOML, because entries have words of people and dates in them, and adding or taking one changes its own lines only: JSON
would change the comma before it too. A text that is hidden, or a control character, is written as an escape.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from reviewer.audit.baseline import MAX_NAME, MAX_PATH, MAX_REASON, Baseline, Entry
from reviewer.errors import Misuse
from reviewer.findings import Origin, Severity, Side
from reviewer.text.markdown import cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from enum import StrEnum

    Choice = TypeVar("Choice", bound=StrEnum)

SCHEMA = "reviewer-baseline/1"
MAX_BYTES = 2_000_000
"""About 6 000 entries; GitHub hands out no larger file."""
_MAX_LINE = 12 * 1024
"""Bytes: a longer one is no field of an entry, and a dotted key of 40 KB takes tomllib seconds."""
_MAX_LINES, _MAX_TITLE = 20, 500

_HEAD = f"""\
# Findings that are known and accepted: they are not reported again. `reviewer dismiss` adds one, `reviewer audit
# --update-baseline` all that there are. To have one reported again take its entry out, or give it `expires`, the last
# day it holds. Comments of yours between entries are not kept when the file is written again.
schema = "{SCHEMA}"
"""
_ENTRY = re.compile(r"\s*\[\[\s*known\s*\]\]")
_ID, _HASH = re.compile(r"[0-9a-f]{16}"), re.compile(r"[0-9a-f]{8}")
_ENDLESS_NUMBER = re.compile(r"\d{4300}")
_PLACE = re.compile(r"\s*\(at (?:line (?P<line>\d+), column \d+|end of document)\)$")


def write(baseline: Baseline) -> str:
    """What `read` reads; the same baseline gives the same bytes."""
    return "\n".join([_HEAD, *("\n".join(("[[known]]", *_fields(each), "")) for each in baseline.entries)])


def read(text: str, name: str) -> Baseline:
    """The baseline in the file `name`; anything else raises `Misuse` that names the line."""
    lines = text.removeprefix("\ufeff").split("\n")
    document = _parsed(lines, name)
    starts = [number for number, line in enumerate(lines, 1) if _ENTRY.match(line)]
    if document.pop("schema", None) != SCHEMA:
        raise Misuse(f'{name}:{_line_of("schema", lines)} must say schema = "{SCHEMA}": this version reads no other')
    tables = document.pop("known", [])
    if document or not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        stray = next(iter(document), "known")
        raise Misuse(f"{name}:{_line_of(stray, lines)} has {cut(stray, 60)!r} where only [[known]] entries may stand")
    if len(starts) != len(tables):  # written in a way of its own: inline, or with such a line in a text
        starts = [1] * len(tables)
    entries = [_Table(table, lines, start, name).entry() for table, start in zip(tables, starts, strict=True)]
    seen: dict[str, int] = {}
    for entry, start in zip(entries, starts, strict=True):
        if entry.id in seen:
            raise Misuse(f"{name}:{start} has the id of the entry at line {seen[entry.id]}: take one of them out")
        seen[entry.id] = start
    return Baseline(tuple(entries))


def _parsed(lines: list[str], name: str) -> dict[str, Any]:
    size = 0
    for number, line in enumerate(lines, 1):
        long = len(line.encode("utf-8", "replace"))
        size += long + 1
        if long > _MAX_LINE or size > MAX_BYTES + 1:
            most = f"a line may have {_MAX_LINE:,} bytes, the file {MAX_BYTES:,}"
            raise Misuse(f"{name}:{number} is too long for a baseline: {most}")
    try:
        return tomllib.loads("\n".join(lines))
    except ValueError as error:  # also a number of more digits than Python takes
        place = _PLACE.search(str(error))
        at = int(place["line"]) if place and place["line"] else _line_of_number(lines)
        raise Misuse(f"{name}:{at} is not valid TOML: {_PLACE.sub('', str(error))}") from None
    except RecursionError:
        raise Misuse(f"{name}:1 is nested too deeply to be a baseline") from None


def _line_of_number(lines: list[str]) -> int:
    """The line of a number that Python does not take, or else the last one: what was begun has no end."""
    return next((number for number, line in enumerate(lines, 1) if _ENDLESS_NUMBER.search(line)), len(lines))


def _line_of(key: str, lines: list[str], start: int = 0) -> int:
    """Where a key of the entry that begins at line `start` stands, of the file without one; else where that begins."""
    key_line = re.compile(rf"\s*(?:\[+\s*)?[\"']?{re.escape(key)}\b")
    first = max(start, 1)
    ends = (number for number, line in enumerate(lines[first:], first + 1) if start and _ENTRY.match(line))
    shown = lines[first - 1 : next(ends, len(lines) + 1) - 1]
    return next((number for number, line in enumerate(shown, first) if key_line.match(line)), first)


@dataclass(slots=True)
class _Table:
    """One entry as it is written. What is taken out of it is what it may hold."""

    left: dict[str, Any]
    lines: list[str]
    start: int
    name: str

    def entry(self) -> Entry:
        entry = Entry(
            id=self.matching("id", _ID, "an id of 16 hex digits"),
            path=self.text("path", MAX_PATH),
            severity=self.choice("severity", Severity),
            title=self.text("title", _MAX_TITLE),
            reason=self.text("reason", MAX_REASON),
            who=self.text("who", MAX_NAME),
            rule=self.text("rule", MAX_NAME) if "rule" in self.left else None,
            origin=self.choice("origin", Origin) if "origin" in self.left else Origin.MODEL,
            side=self.choice("side", Side) if "side" in self.left else Side.NEW,
            lines=self.hashes("lines"),
            added=self.day("added"),
            expires=self.day("expires"),
        )
        for key in self.left:
            self.refuse(key, "is nothing that an entry has")
        return entry

    def refuse(self, key: str, why: str) -> NoReturn:
        raise Misuse(f"{self.name}:{_line_of(key, self.lines, self.start)} {cut(key, 60)} {why}")

    def take(self, key: str) -> Any:
        if key not in self.left:
            self.refuse(key, "is missing in this entry")
        return self.left.pop(key)

    def text(self, key: str, most: int) -> str:
        value = self.take(key)
        if not isinstance(value, str) or not value.strip() or len(value) > most:
            self.refuse(key, f"must be a text of 1 to {most:,} characters")
        return value

    def matching(self, key: str, pattern: re.Pattern[str], what: str) -> str:
        value = self.take(key)
        if not isinstance(value, str) or not pattern.fullmatch(value):
            self.refuse(key, f"must be {what}")
        return value

    def choice(self, key: str, choices: type[Choice]) -> Choice:
        value = self.take(key)
        if value not in list(choices):
            self.refuse(key, f"must be one of {', '.join(choices)}")
        return choices(value)

    def hashes(self, key: str) -> tuple[str, ...]:
        values = self.left.pop(key, [])
        fit = isinstance(values, list) and len(values) <= _MAX_LINES
        if not fit or not all(isinstance(value, str) and _HASH.fullmatch(value) for value in values):
            self.refuse(key, f"must be a list of at most {_MAX_LINES} hashes of 8 hex digits")
        return tuple(values)

    def day(self, key: str) -> date | None:
        value = self.left.pop(key, None)
        if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
            self.refuse(key, "must be a date, such as 2027-01-31, without quotes")
        return value


def _fields(entry: Entry) -> Iterator[str]:
    """What is not said is the usual: a finding on the new side, said by the model."""
    yield f"id = {_quoted(entry.id)}"
    yield f"path = {_quoted(entry.path)}"
    if entry.rule is not None:
        yield f"rule = {_quoted(entry.rule)}"
    yield f"severity = {_quoted(entry.severity)}"
    yield f"title = {_quoted(entry.title)}"
    if entry.origin is not Origin.MODEL:
        yield f"origin = {_quoted(entry.origin)}"
    if entry.side is not Side.NEW:
        yield f"side = {_quoted(entry.side)}"
    if entry.lines:
        yield f"lines = [{', '.join(map(_quoted, entry.lines))}]"
    yield f"reason = {_quoted(entry.reason)}"
    yield f"who = {_quoted(entry.who)}"
    yield from (f"{key} = {day}" for key, day in _days(entry).items() if day is not None)


def _days(entry: Entry) -> Mapping[str, date | None]:
    return {"added": entry.added, "expires": entry.expires}


def _quoted(text: str) -> str:
    """A basic string. Half of a surrogate pair is no text: TOML has no way to write one."""
    return '"' + "".join(map(_written, text)) + '"'


def _written(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    if "\ud800" <= character <= "\udfff":
        return "\ufffd"
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
