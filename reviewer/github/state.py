"""What our own comments remember of a review: a marker, the last line of a comment, that GitHub does not show.

It may suppress saying something again; it never takes a finding out of the status.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast, get_args

from reviewer.findings import Category, Origin, Severity, Side
from reviewer.github import markers
from reviewer.github.markers import MAX_BODY
from reviewer.judgement.recognition import MAX_TITLE, anchored

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reviewer.findings import Finding

VERSION = 1
MAX_MARKER = 30_000
"""Half of what a comment may hold: the other half is for its readers."""

T = TypeVar("T")
KnownStatus = Literal["open", "fixed", "dismissed"]

_NAME = f"reviewer:{VERSION}"
_ID = re.compile(r"[0-9a-f]{16}")
_HASH = re.compile(r"[0-9a-f]{8}")
_COLUMNS = ("id", "severity", "status", "path", "title", "lines", "side", "category", "origin")


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
    """The last review: of `head` against `base`. `lost`: paths to read again; none while not complete: all of them.

    `again`: for each finding that was one too many to be shown, its path.
    """

    head: str
    base: str
    settings: str
    complete: bool
    round: int
    findings: tuple[Known, ...] = ()
    lost: tuple[str, ...] = ()
    again: tuple[str, ...] = ()


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
        "again": state.again,
    }
    return markers.written(_NAME, document)


def elided(body: str) -> str:
    """The text of a comment of ours for people: of its marker, only how long it is."""
    return markers.pattern(_NAME).sub(lambda match: f"<!-- reviewer state, {len(match[0])} bytes -->", body)


def fitted(state: State) -> State:
    """The state with a marker that leaves room for words: what is fixed is left out first, then titles are cut.

    What stands leaves it last. Without all of that, or of the lost paths, nobody knows what to read again: then the
    state is not complete, has no lost paths, and everything is read again.
    """
    for step in _STEPS:
        if len(marker(state)) <= MAX_MARKER:
            break
        state = step(state)
    return state


def _without_fixed(state: State) -> State:
    return replace(state, findings=tuple(each for each in state.findings if each.status != "fixed"))


def _shorter(title: int, lines: int) -> Callable[[State], State]:
    """The first line of a finding is the one that tells where it stands."""
    return lambda state: replace(
        state,
        findings=tuple(replace(each, title=each.title[:title], lines=each.lines[:lines]) for each in state.findings),
    )


def _everything_again(state: State) -> State:
    return replace(state, complete=False, lost=())


def _only(most: int, path: int = MAX_BODY) -> Callable[[State], State]:
    """The worst findings, and none of those in a file with an endless name."""

    def step(state: State) -> State:
        worst = sorted(state.findings, key=lambda each: (each.status != "open", each.severity.rank))
        short = [each for each in worst if len(each.path) <= path]
        return _everything_again(replace(state, findings=tuple(short[:most])))

    return step


_STEPS: tuple[Callable[[State], State], ...] = (
    _without_fixed,
    _shorter(60, 3),
    _shorter(40, 1),
    lambda state: _everything_again(state) if state.lost else state,
    _shorter(20, 1),
    _only(400),
    _only(50),
    _only(50, path=MAX_TITLE),
    lambda state: _everything_again(replace(state, again=())),
)


def parse(body: str) -> State | None:
    """The state in a comment: exactly one marker, as its last line, as we write it; anything else is none."""
    data = markers.data(_NAME, body)
    try:
        return None if data is None else _state(markers.unpacked(data))
    except markers.BROKEN:
        return None


def _written(each: Known) -> list[Any]:
    return [getattr(each, column) for column in _COLUMNS]


def _row(written: Any) -> dict[str, Any]:
    """The first markers held every finding with the names of its columns."""
    return written if isinstance(written, dict) else dict(zip(_COLUMNS, _sequence(written), strict=True))


def _state(document: dict[str, Any]) -> State:
    """Raises one of the errors that `parse` takes for no state."""
    findings = tuple(_known(_row(each)) for each in _sequence(document["findings"]))
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
        again=tuple(_text(path) for path in _sequence(document.get("again", []))),
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
