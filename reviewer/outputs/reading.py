"""A JSON report, made elsewhere perhaps, back into a `Report`: every field checked, keys nobody knows ignored."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from reviewer.errors import Misuse
from reviewer.findings import (
    Category,
    Confidence,
    Coverage,
    Dropped,
    DropReason,
    Finding,
    Note,
    NoteCode,
    Origin,
    Reason,
    Report,
    Severity,
    Side,
    Span,
    State,
    Status,
    Unreviewed,
)
from reviewer.messages import Usage
from reviewer.outputs.json import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_BYTES = 32 * 1024 * 1024
MAX_PATH = 4_096
MAX_NAME = 1_000
"""Characters of a path, and of what else has a name: a commit, a model, a rule."""
MAX_COUNT = 10**12

_ID = re.compile(r"[0-9a-f]{16}")
_EXIT_CODES = (130, 143)

T = TypeVar("T")
Choice = TypeVar("Choice", bound=StrEnum)


def read(data: bytes, name: str = "the report") -> Report:
    """The report that `outputs.json` wrote; anything else raises `Misuse` that names the field and its mistake."""
    root = _Value(_parsed(data, name), name, "")
    schema = root.key("schema").text()
    if schema != SCHEMA:
        root.key("schema").refuse(f"is not {SCHEMA}: this version reads no other")
    usage = root.key("usage")
    findings = root.key("findings").each(_finding)
    if len({finding.fingerprint for finding in findings}) != len(findings):
        root.key("findings").refuse("has one id twice")
    return Report(
        status=root.key("status").one_of(Status),
        findings=findings,
        dropped=root.key("dropped").each(_dropped),
        unreviewed=root.key("unreviewed").each(_unreviewed),
        coverage=_coverage(root.key("coverage")),
        usage=_usage(usage),
        notes=root.key("notes").each(_note),
        head=root.key("head").maybe(_Value.name_text),
        base=root.key("base").maybe(_Value.name_text),
        policy_source=root.key("policy_source").text(),
        provider=usage.key("provider").maybe(_Value.name_text),
        model=usage.key("model").maybe(_Value.name_text),
    )


def _parsed(data: bytes, name: str) -> Any:
    if len(data) > MAX_BYTES:
        raise Misuse(f"{name} is larger than {MAX_BYTES // 1024**2} MB: no report is")
    try:
        return json.loads(data.decode("utf-8-sig"), parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise Misuse(f"{name} is not UTF-8 text (byte {error.start + 1})") from error
    except RecursionError as error:
        raise Misuse(f"{name} is nested too deeply to be a report") from error
    except ValueError as error:
        raise Misuse(f"{name} is not JSON: {error}") from error


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


@dataclass(frozen=True, slots=True)
class _Value:
    """A value and where it stands."""

    raw: Any
    file: str
    path: str

    def refuse(self, why: str) -> NoReturn:
        raise Misuse(f"{self.file}: {self.path or 'the whole'} {why}")

    def key(self, key: str) -> _Value:
        """The member, which must be there."""
        member = self.key_or(key, _MISSING)
        if member.raw is _MISSING:
            member.refuse("is missing")
        return member

    def key_or(self, key: str, default: object) -> _Value:
        if not isinstance(self.raw, dict):
            self.refuse("is no object")
        return _Value(self.raw.get(key, default), self.file, f"{self.path}.{key}" if self.path else key)

    def each(self, one: Callable[[_Value], T]) -> tuple[T, ...]:
        if not isinstance(self.raw, list):
            self.refuse("is no list")
        return tuple(one(_Value(raw, self.file, f"{self.path}[{at}]")) for at, raw in enumerate(self.raw))

    def maybe(self, one: Callable[[_Value], T]) -> T | None:
        return None if self.raw is None else one(self)

    def text(self, limit: int = MAX_BYTES) -> str:
        if not isinstance(self.raw, str):
            self.refuse("is no text")
        if len(self.raw) > limit:
            self.refuse(f"is longer than {limit:,} characters")
        return self.raw

    def name_text(self) -> str:
        return self.text(MAX_NAME)

    def path_text(self) -> str:
        if not self.text(MAX_PATH):
            self.refuse("is empty")
        return self.text()

    def id(self) -> str:
        if not _ID.fullmatch(self.text()):
            self.refuse("is not an id of 16 hex digits")
        return self.text()

    def one_of(self, choices: type[Choice]) -> Choice:
        try:
            return choices(self.text())
        except ValueError:
            self.refuse(f"is none of {', '.join(choices)}")

    def whole(self, least: int = 0) -> int:
        if not isinstance(self.raw, int) or isinstance(self.raw, bool):
            self.refuse("is no whole number")
        if not least <= self.raw <= MAX_COUNT:
            self.refuse(f"is not from {least} to {MAX_COUNT:,}")
        return self.raw

    def line(self) -> int:
        return self.whole(1)

    def number(self) -> float:
        if not isinstance(self.raw, int | float) or isinstance(self.raw, bool):
            self.refuse("is no number")
        if not math.isfinite(self.raw):
            self.refuse("is no number that means anything")
        return self.raw

    def amount(self) -> float:
        if self.number() < 0:
            self.refuse("is below 0")
        return self.number()

    def lines(self, first: str, last: str) -> tuple[int, int] | None:
        """First and last line, both there or neither."""
        ends = self.key_or(first, None).maybe(_Value.line), self.key_or(last, None).maybe(_Value.line)
        if ends[0] is None and ends[1] is None:
            return None
        if ends[0] is None or ends[1] is None or ends[0] > ends[1]:
            self.key_or(last, None).refuse(f"does not fit {first}")
        return ends[0], ends[1]


_MISSING = object()


def _finding(value: _Value) -> Finding:
    return Finding(
        fingerprint=value.key("id").id(),
        span=_span(value),
        code=value.key("code").text(),
        severity=value.key("severity").one_of(Severity),
        category=value.key("category").one_of(Category),
        confidence=value.key("confidence").one_of(Confidence),
        title=value.key("title").text(),
        body=value.key("body").text(),
        origin=value.key("origin").one_of(Origin),
        rule=value.key("rule").maybe(_Value.name_text),
        suggestion=value.key("suggestion").maybe(_Value.text),
        state=value.key("state").one_of(State),
        places=value.key("places").each(_span),
    )


def _span(value: _Value) -> Span:
    first, last = value.lines("start_line", "end_line") or (None, None)
    return Span(value.key("path").path_text(), first, last, value.key("side").one_of(Side))


def _dropped(value: _Value) -> Dropped:
    return Dropped(
        path=value.key("path").text(MAX_PATH),
        title=value.key("title").text(),
        body=value.key("body").text(),
        reason=value.key("reason").one_of(DropReason),
        detail=value.key("detail").text(),
        line=value.key("start_line").maybe(_Value.line),
        severity=value.key("severity").maybe(lambda each: each.one_of(Severity)),
        fingerprint=value.key("id").maybe(_Value.name_text),
    )


def _unreviewed(value: _Value) -> Unreviewed:
    """Where `side` is `old`, the lines are those of the old side, written twice."""
    reason = value.key("reason").one_of(Reason)
    if value.key("class").text() != ("loss" if reason.is_loss else "policy"):
        value.key("class").refuse(f"does not fit the reason {reason}")
    lines, old = value.lines("start_line", "end_line"), value.lines("old_start_line", "old_end_line")
    on_old_side = value.key_or("side", "new").one_of(Side) is Side.OLD
    return Unreviewed(
        path=value.key("path").text(MAX_PATH),
        reason=reason,
        detail=value.key("detail").text(),
        new=None if on_old_side else lines,
        old=old or (lines if on_old_side else None),
        lines=value.key_or("changed_lines", 0).whole(),
    )


def _coverage(value: _Value) -> Coverage:
    return Coverage(
        files=value.key("files").whole(),
        reviewed_files=value.key("reviewed_files").whole(),
        changed_lines=value.key("changed_lines").whole(),
        reviewed_lines=value.key("reviewed_lines").whole(),
    )


def _usage(value: _Value) -> Usage:
    return Usage(
        calls=value.key("calls").whole(),
        cached_calls=value.key("cached_calls").whole(),
        prompt_tokens=value.key("prompt_tokens").whole(),
        cached_tokens=value.key("cached_tokens").whole(),
        completion_tokens=value.key("completion_tokens").whole(),
        cost_usd=value.key("cost_usd").maybe(_Value.amount),
        credits_remaining=value.key("credits_remaining").maybe(_Value.number),
    )


def _note(value: _Value) -> Note:
    code = value.key("code").one_of(NoteCode)
    data = value.key("data")
    if code is NoteCode.INTERRUPTED and data.key("exit_code").whole() not in _EXIT_CODES:
        data.key("exit_code").refuse(f"is none of {', '.join(map(str, _EXIT_CODES))}")
    data.key_or("", None)  # an object, of whatever members
    return Note(code, value.key("message").text(), data.raw)
