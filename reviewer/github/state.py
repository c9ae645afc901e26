"""What our own comments remember of a review: a marker, the last line of a comment, that GitHub does not show.

It may suppress saying something again; it never takes a finding out of the status.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast, get_args

from reviewer.findings import Category, Origin, Severity, Side
from reviewer.judgement.fingerprint import collapse
from reviewer.text.redact import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from reviewer.findings import Finding

VERSION = 1
MAX_BODY = 262_144
"""Characters of a comment that is looked at; GitHub stores 65 536."""
MAX_TITLE = 120
MAX_LINES = 5
MAX_MARKER = 30_000
"""Half of what a comment may hold: the other half is for its readers."""

T = TypeVar("T")
KnownStatus = Literal["open", "fixed", "dismissed"]

_OPENING = "<!-- reviewer:"
_MARKER = re.compile(rf"{_OPENING}{VERSION} (?P<data>[A-Za-z0-9_-]+={{0,2}}) -->")
_ID = re.compile(r"[0-9a-f]{16}")
_HASH = re.compile(r"[0-9a-f]{8}")
_NO_SOURCE = re.compile(rf"{re.escape(PLACEHOLDER)}|<U\+[0-9A-F]{{4,6}}>")
_TELLING = re.compile(r"\w\W*\w\W*\w")


@dataclass(frozen=True, slots=True)
class Known:
    """A finding that was posted. `lines`: hashes of the lines it is about, none where that is the file as a whole."""

    id: str
    severity: Severity
    status: KnownStatus
    path: str
    title: str
    lines: tuple[str, ...] = ()
    side: Side = Side.NEW
    category: Category = Category.BUG
    origin: Origin = Origin.MODEL


@dataclass(frozen=True, slots=True)
class State:
    """The last review: of `head` against `base`. `lost`: paths to read again; none while not complete: all of them."""

    head: str
    base: str
    settings: str
    complete: bool
    round: int
    findings: tuple[Known, ...] = ()
    lost: tuple[str, ...] = ()


def line_hashes(lines: Iterable[str]) -> frozenset[str]:
    """What `Known.lines` is compared with: every line of a file, whatever its white space."""
    return frozenset(_hash(line) for line in lines)


def known(finding: Finding, status: KnownStatus = "open") -> Known:
    """What is remembered of a finding."""
    return Known(
        id=finding.fingerprint,
        severity=finding.severity,
        status=status,
        path=finding.span.path,
        title=finding.title[:MAX_TITLE],
        lines=_anchored(finding.code),
        side=finding.span.side,
        category=finding.category,
        origin=finding.origin,
    )


def marker(state: State) -> str:
    """The last line of a comment."""
    document = {
        "head": state.head,
        "base": state.base,
        "settings": state.settings,
        "complete": state.complete,
        "round": state.round,
        "findings": [_written(each) for each in state.findings],
        "lost": state.lost,
    }
    written = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return f"{_OPENING}{VERSION} {base64.urlsafe_b64encode(written).decode()} -->"


def fitted(state: State) -> State:
    """The state with a marker that leaves room for words: what our inline comments remember too is left out first.

    Without all of the lost paths nobody knows what to read again: then there are none, and everything is.
    """
    for step in _STEPS:
        if len(marker(state)) <= MAX_MARKER:
            break
        state = step(state)
    return state


def _keep(*wanted: KnownStatus) -> Callable[[State], State]:
    return lambda state: replace(state, findings=tuple(each for each in state.findings if each.status in wanted))


_STEPS: tuple[Callable[[State], State], ...] = (
    _keep("open", "dismissed"),
    lambda state: replace(state, lost=()),
    _keep("open"),
    lambda state: replace(state, findings=tuple(replace(each, title=each.title[:40]) for each in state.findings)),
    lambda state: replace(state, findings=tuple(sorted(state.findings, key=lambda each: each.severity.rank)[:50])),
    lambda state: replace(state, findings=tuple(each for each in state.findings if len(each.path) <= MAX_TITLE)),
)


def parse(body: str) -> State | None:
    """The state in a comment: exactly one marker, as its last line, as we write it; anything else is none."""
    if len(body) > MAX_BODY or body.count(_OPENING) != 1:
        return None
    match = _MARKER.fullmatch(body.rstrip().rpartition("\n")[2])
    if match is None:
        return None
    try:
        document = json.loads(base64.b64decode(match["data"], altchars=b"-_", validate=True))
        return _state(document)
    except (binascii.Error, ValueError, RecursionError, TypeError, KeyError):
        return None


def _hash(line: str) -> str:
    return hashlib.sha256(collapse(line).encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _anchored(code: str) -> tuple[str, ...]:
    """The telling lines of an excerpt. One that was not shown as it is (a secret in it) is in no file."""
    lines = [line for line in code.split("\n") if line.strip() and not _NO_SOURCE.search(line)]
    telling = [line for line in lines if _TELLING.search(line)] or lines
    return tuple(dict.fromkeys(map(_hash, telling)))[:MAX_LINES]


def _written(each: Known) -> dict[str, Any]:
    return {
        "id": each.id,
        "severity": each.severity,
        "status": each.status,
        "path": each.path,
        "title": each.title,
        "lines": each.lines,
        "side": each.side,
        "category": each.category,
        "origin": each.origin,
    }


def _state(document: dict[str, Any]) -> State:
    """Raises one of the errors that `parse` takes for no state."""
    findings = tuple(_known(each) for each in _sequence(document["findings"]))
    if len({each.id for each in findings}) != len(findings):
        raise ValueError("an id twice")
    return State(
        head=_text(document["head"]),
        base=_text(document["base"]),
        settings=_text(document["settings"]),
        complete=_exactly(bool, document["complete"]),
        round=_exactly(int, document["round"]),
        findings=findings,
        lost=tuple(_text(path) for path in _sequence(document["lost"])),
    )


def _known(document: dict[str, Any]) -> Known:
    status = document["status"]
    if status not in get_args(KnownStatus):
        raise ValueError("no such status")
    return Known(
        id=_text(document["id"], _ID),
        severity=Severity(document["severity"]),
        status=cast("KnownStatus", status),
        path=_text(document["path"]),
        title=_text(document["title"]),
        lines=tuple(_text(each, _HASH) for each in _sequence(document["lines"])),
        side=Side(document["side"]),
        category=Category(document["category"]),
        origin=Origin(document["origin"]),
    )


def _text(value: object, pattern: re.Pattern[str] | None = None) -> str:
    text = _exactly(str, value)
    if pattern is not None and not pattern.fullmatch(text):
        raise ValueError("not of that form")
    return text


def _sequence(value: object) -> Sequence[Any]:
    return _exactly(list, value)


def _exactly(kind: type[T], value: object) -> T:
    """A bool is no int here."""
    if type(value) is not kind:
        raise TypeError("of another type")
    return value
