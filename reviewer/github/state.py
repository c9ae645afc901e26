"""What our own comments remember of a review: a marker, the last line of a comment, that GitHub does not show.

It may suppress saying something again; it never takes a finding out of the status.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast, get_args

from reviewer.findings import Category, Origin, Severity, Side
from reviewer.github import markers
from reviewer.judgement.recognition import MAX_TITLE, anchored

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewer.findings import Finding

VERSION = 1
MAX_WORDS = 1_500
"""Characters of a text that is remembered: as many as the summary shows at most."""
MAX_MARKER = 30_000
"""Half of what a comment may hold: the other half is for its readers."""

T = TypeVar("T")
KnownStatus = Literal["open", "fixed", "dismissed"]

_NAME = f"reviewer:{VERSION}"
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_ID = re.compile(r"[0-9a-f]{16}")
_HASH = re.compile(r"[0-9a-f]{8}")
_COLUMNS = ("id", "severity", "status", "path", "title", "lines", "side", "category", "origin")
"""Of a finding, in their order; its words come last, where there are any."""


@dataclass(frozen=True, slots=True)
class Known:
    """A finding that was posted. `lines`: hashes of the lines it is about, none where that is the file as a whole.

    `words`: the start of its text, where no comment of its own has it.
    """

    id: str
    severity: Severity
    status: KnownStatus
    path: str
    title: str
    lines: tuple[str, ...] = ()
    side: Side = Side.NEW
    category: Category = Category.BUG
    origin: Origin = Origin.MODEL
    words: str = ""


@dataclass(frozen=True, slots=True)
class Cut:
    """A finding that was one too many to be shown. The first markers did not tell how severe (null)."""

    path: str
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class State:
    """The last review: of `head` against `base`. `lost`: paths to read again; none while not complete: all of them.

    `rounds`: how many heads before this one were reviewed completely; 0 in the first markers, which did not count.
    """

    head: str
    base: str
    settings: str
    complete: bool
    round: int
    findings: tuple[Known, ...] = ()
    lost: tuple[str, ...] = ()
    again: tuple[Cut, ...] = ()
    rounds: int = 0


def known(finding: Finding, status: KnownStatus = "open") -> Known:
    """What is remembered of a finding."""
    return Known(
        id=finding.fingerprint,
        severity=finding.severity,
        status=status,
        path=finding.span.path,
        title=finding.title[:MAX_TITLE],
        lines=anchored(finding.code),
        side=finding.span.side,
        category=finding.category,
        origin=finding.origin,
    )


def words(finding: Finding) -> str:
    """What is remembered of its text; empty where the title says it all."""
    return "" if finding.body == finding.title else finding.body[:MAX_WORDS]


def marker(state: State) -> str:
    """The last line of a comment."""
    return markers.written(_NAME, _document(state))


def digest(state: State, number: int) -> str:
    """Of what is remembered of a pull request: 32 hex digits, the same however it was packed."""
    return hashlib.sha256(b"%d\n" % number + markers.plain(_document(state))).hexdigest()[:32]


def rounds_before(last: State | None, head: str) -> int:
    """How many heads before this one were reviewed completely, by what the last review knew (null: there was none).

    A head that comes back after another one counts again.
    """
    if last is None:
        return 0
    return last.rounds if last.head == head else last.rounds + last.complete


def _document(state: State) -> dict[str, Any]:
    return {
        "head": state.head,
        "base": state.base,
        "settings": state.settings,
        "complete": state.complete,
        "round": state.round,
        "findings": [_written(each) for each in state.findings],
        "lost": state.lost,
        "again": [[each.path, each.severity] for each in state.again],
        "rounds": state.rounds,
    }


def elided(body: str) -> str:
    """The text of a comment of ours for people: of its marker, only how long it is."""
    return markers.pattern(_NAME).sub(lambda match: f"<!-- reviewer state, {len(match[0])} bytes -->", body)


def parse(body: str) -> State | None:
    """The state in a comment: exactly one marker, as its last line, as we write it; anything else is none."""
    data = markers.data(_NAME, body)
    try:
        return None if data is None else _state(markers.unpacked(data))
    except markers.BROKEN:
        return None


def _written(each: Known) -> list[Any]:
    return [*(getattr(each, column) for column in _COLUMNS), *([each.words] if each.words else ())]


def _row(written: Any) -> dict[str, Any]:
    """The first markers held every finding with the names of its columns."""
    if isinstance(written, dict):
        return written
    columns = (*_COLUMNS, "words")[: max(len(_COLUMNS), len(_sequence(written)))]
    return dict(zip(columns, written, strict=True))


def _state(document: dict[str, Any]) -> State:
    """Raises one of the errors that `parse` takes for no state."""
    findings = tuple(_known(_row(each)) for each in _sequence(document["findings"]))
    if len({each.id for each in findings}) != len(findings):
        raise ValueError("an id twice")
    return State(
        head=_text(document["head"], _COMMIT),
        base=_text(document["base"], _COMMIT),
        settings=_text(document["settings"]),
        complete=_exactly(bool, document["complete"]),
        round=_exactly(int, document["round"]),
        findings=findings,
        lost=tuple(_text(path) for path in _sequence(document["lost"])),
        again=tuple(map(_cut, _sequence(document.get("again", [])))),
        rounds=_count(document.get("rounds", 0)),
    )


def _cut(written: Any) -> Cut:
    if isinstance(written, str):
        return Cut(written)
    path, severity = _sequence(written)
    return Cut(_text(path), None if severity is None else Severity(severity))


def _count(value: object) -> int:
    number = _exactly(int, value)
    if number < 0:
        raise ValueError("less than nothing")
    return number


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
        words=_text(document.get("words", "")),
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
