"""Which identifiers some lines use, without keywords and what every program has."""

from __future__ import annotations

import builtins
import keyword
import re
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from reviewer.syntax.languages import listed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

MAX_LINE = 2_000
"""A longer line is data; it is not looked at."""
_LOOK_BACK = 120
"""Characters before a name in which what it is used on is looked for."""


class Use(StrEnum):
    """How an identifier is used."""

    CALL = "call"
    TYPE = "type"
    ATTRIBUTE = "attribute"
    NAME = "name"


class Word(NamedTuple):
    """An identifier on line `line` (1-based); `receiver` is the one before the dot, empty where there is none."""

    name: str
    line: int
    use: Use
    receiver: str = ""


_TOKEN = re.compile(r"(?<![\w$])([^\W\d][\w$]*)([?!]?\s*(?:::<[^<>()]*>|<[\w\s,.<>\[\]?]*>)?!?\()?")
_DOT = re.compile(r"([^\W\d][\w$]*)(?:\([^()]*\)|\[[^\[\]]*\])?[?!]?\s*(?:\.|->|::|\\)\s*\Z")
_DOTS = frozenset(".>:\\")
"""How what `_DOT` finds ends. It is asked only where brackets stand before: looking back from every name takes longer
than all else here."""
_BEFORE = _DOTS | frozenset(filter(str.isspace, map(chr, range(0x3001))))
_KEYWORDS = listed(
    "abstract alias alignas alignof and as assert async atomic auto await base begin bool boolean break byte "
    "case catch chan char checked class const constexpr continue crate debugger declare decltype def default "
    "defer del delegate delete do double dyn elif else elsif elseif end ensure enum event except exec "
    "explicit export extends extern external fallthrough false False final finally fixed float fn for foreach "
    "friend from func function global go goto guard if impl implements implicit import in include init inline "
    "instanceof int int8 int16 int32 int64 interface internal is it lambda let lock long loop match mod "
    "module move mut mutable namespace native never new nil nonlocal noexcept None not null NULL nullptr "
    "number object operator or out override package params part pass private proc protected protocol pub "
    "public raise range readonly rec ref register require rescue restrict return sealed self Self short "
    "signed sizeof static str string String struct super switch synchronized template then this throw throws "
    "trait true True try type typealias typedef typeof typename u8 u16 u32 u64 i8 i16 i32 i64 f32 f64 uint "
    "uint8 uint16 uint32 uint64 undefined union unless unsafe unsigned until use using val var virtual void "
    "volatile when where while with yield any unknown symbol bigint echo print fun open data companion inner "
    "lateinit suspend foreach usize isize char error byte rune uintptr iota"
)
_BUILTINS = {
    "python": frozenset(dir(builtins))
    | frozenset(keyword.kwlist)
    | frozenset({"cls", "append", "extend", "items", "join", "split", "strip"}),
    "go": listed("make len cap append copy close panic recover println new delete complex real imag min max clear"),
    "rust": listed("Some None Ok Err Option Result Vec Box String println format vec clone unwrap into iter"),
    **dict.fromkeys(
        ("javascript", "typescript", "tsx", "script"),
        listed(
            "Array Object Promise Map Set Error JSON Math Date RegExp Number Boolean Symbol console window document "
            "process exports Record Partial Readonly Pick Omit push then length forEach toString constructor"
        ),
    ),
    **dict.fromkeys(
        ("java", "kotlin", "scala", "groovy", "csharp"),
        listed("Override List Map Set Integer Boolean Long Object Optional toString equals hashCode length"),
    ),
}


def used(rows: Sequence[str], numbers: Collection[int], dialect: str) -> Iterator[Word]:
    """The identifiers on lines `numbers` (1-based) of what `noise.code` returned, as often as they stand there."""
    ignored = _KEYWORDS | _BUILTINS.get(dialect, frozenset())
    for number in sorted(numbers):
        row = rows[number - 1] if 0 < number <= len(rows) else ""
        if len(row) > MAX_LINE or row.isspace():
            continue
        for found in _TOKEN.finditer(row):
            name = found[1]
            if len(name) > 1 and name not in ignored:
                receiver = _receiver(row, found.start())
                yield Word(name, number, _use(name, receiver, found[2]), receiver)


def _receiver(row: str, at: int) -> str:
    """The name before the dot before `at`; empty where there is none."""
    if row[at - 1 : at] not in _BEFORE:
        return ""
    first = max(0, at - _LOOK_BACK)
    before = row[first:at].rstrip()
    if before[-1:] not in _DOTS:
        return ""
    rest = before.removesuffix(before[-1] * 2 if before[-1] == ":" else "->" if before[-1] == ">" else before[-1])
    if len(rest) == len(before):
        return ""
    rest = rest.rstrip()
    rest = rest[:-1] if rest[-1:] in ("?", "!") else rest
    if rest[-1:] in (")", "]"):
        found = _DOT.search(row, first, at)
        return found[1] if found else ""
    begin = len(rest)
    while begin and (rest[begin - 1].isalnum() or rest[begin - 1] in "_$"):
        begin -= 1
    while begin < len(rest) and (rest[begin] == "$" or rest[begin].isdecimal()):
        begin += 1
    return rest[begin:]


def _use(name: str, receiver: str, call: str | None) -> Use:
    if call:
        return Use.CALL
    if name[:1].isupper() and not name.isupper():
        return Use.TYPE
    return Use.ATTRIBUTE if receiver else Use.NAME
