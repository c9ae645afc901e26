"""The rolling issue: what the audits of a repository have found, in one place; a comment only for what is new.

Its last line is a marker that remembers what was said, because the next audit runs on a machine that knows nothing.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from reviewer.audit import parts
from reviewer.audit.places import apart
from reviewer.findings import NoteCode, Origin, Side, State, Status
from reviewer.github import bodies, markers
from reviewer.github.issues import Edition, Found
from reviewer.github.summary import plural
from reviewer.judgement.recognition import Trace, anchored, matched
from reviewer.outputs import summary
from reviewer.text import markdown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reviewer.findings import Finding, Report

TITLE = "Findings of the audit"
NAME = "reviewer-audit:1"
MAX_MARKER = 30_000
"""Of the 60 000 characters that a body may have."""
MOST_PAST = 500
"""Findings that are not there any more and are remembered all the same."""

_HOW = (
    "*This issue is edited with each audit, closed when there is nothing to say and opened again when there is.*"
    " To accept a finding: `reviewer dismiss ID --reason …`, which adds it to the baseline."
)
_ID, _HASH = re.compile(r"[0-9a-f]{16}"), re.compile(r"[0-9a-f]{8}")
_ROOM_FOR_WORDS = 600
_PLACES = 20
_SHORT = ((80, 3), (40, 1), (0, 0))
"""Characters of a title, and lines, that are remembered of each finding: tried one after the other."""


@dataclass(frozen=True, slots=True)
class Known:
    """A finding that was said."""

    id: str
    path: str = ""
    title: str = ""
    lines: tuple[str, ...] = ()
    origin: Origin = Origin.MODEL


@dataclass(frozen=True, slots=True)
class Memory:
    """What was said, what stands first. `comment`: the hash of our last comment that this knows of.

    `cut`: there was more than a marker holds, so that nobody can tell what is new.
    """

    known: tuple[Known, ...] = ()
    comment: str = ""
    cut: bool = False


def is_ours(body: str) -> bool:
    """Whether it is the issue of an audit, or a comment on it, by its marker. Who wrote it is for GitHub to say."""
    return parse(body) is not None


def edition(report: Report, found: Found | None) -> Edition | None:
    """The issue as it is to be after this audit; null where there is nothing to write.

    `report` is without what the baseline knows. New is what is not in the issue's memory either. An audit that read
    nothing says nothing; an incomplete one forgets nothing and closes nothing.
    """
    standing = [finding for finding in report.findings if finding.state is not State.FIXED]
    if report.status is Status.FAILED or (found is None and not standing):
        return None
    if found is not None and not found.is_open and report.status is Status.CLEAN:
        return None
    memory = remembered(found)
    groups = list(apart(report))
    said = [finding for group in groups for finding in group]
    known = matched(said, [_trace(each) for each in memory.known], lambda _: None)
    fresh = list(filter(None, ([each for each in group if each.fingerprint not in known] for group in groups)))
    comment = _comment(report, fresh) if found is not None and fresh and not memory.cut else None
    past = _past(memory, set(known.values()), forget=report.status in (Status.CLEAN, Status.FINDINGS))
    after = Memory((*map(_known, said), *past), _hash(_mark(comment)) if comment else memory.comment)
    return Edition(TITLE, _body(report, standing, after), _is_open(report.status, standing, found), comment)


def parse(body: str) -> Memory | None:
    """The memory in a body: exactly one marker, as its last line, as we write it; anything else is none."""
    data = markers.data(NAME, body)
    try:
        return None if data is None else _read(markers.unpacked(data))
    except markers.BROKEN:
        return None


def marker(memory: Memory) -> str:
    """The last line of a body, within `MAX_MARKER`: where there is too much, less of each, then the first ones."""
    for title, lines in _SHORT:
        written = _written(memory, title, lines)
        if len(written) <= MAX_MARKER:
            return written
    while len(written) > MAX_MARKER:
        most = int(len(memory.known) * min(0.95, MAX_MARKER / len(written)))
        memory = replace(memory, known=memory.known[:most], cut=True)
        written = _written(memory, 0, 0)
    return written


def _is_open(status: Status, standing: Sequence[Finding], found: Found | None) -> bool:
    if status is Status.INCOMPLETE and not standing:
        return found is not None and found.is_open
    return status is not Status.CLEAN


def remembered(found: Found | None) -> Memory:
    """Of the body, and of comments that came after it: their run may not have got to write the body."""
    memory = (parse(found.body) if found else None) or Memory()
    for comment in _since(memory.comment, found.comments if found else ()):
        said = parse(comment)
        if said is not None:
            memory = Memory((*said.known, *memory.known), _hash(_mark(comment)), memory.cut or said.cut)
    return replace(memory, known=tuple({each.id: each for each in memory.known}.values()))


def _since(last: str, comments: Sequence[str]) -> Sequence[str]:
    """All, where the body knows of none; none, where the one it knows is not among them."""
    hashes = [_hash(_mark(comment)) for comment in comments]
    if not last:
        return comments
    return comments[hashes.index(last) + 1 :] if last in hashes else ()


def _past(memory: Memory, standing: set[str], *, forget: bool) -> list[Known]:
    """What was not found again. What a check does not find is gone; a model may remember it the next time."""
    gone = (each for each in memory.known if each.id not in standing)
    return [each for each in gone if not forget or each.origin is not Origin.CHECK][:MOST_PAST]


def _body(report: Report, standing: Sequence[Finding], memory: Memory) -> str:
    """The same for the same findings at the same commit, so that an audit that found nothing new writes nothing."""
    findings = tuple(replace(finding, state=State.NEW) for finding in standing)
    notes = tuple(note for note in report.notes if note.code is not NoteCode.ALL_CACHED and not parts.is_all(note))
    end = f"\n{_HOW}\n\n{marker(memory)}"
    return (
        summary.page(replace(report, findings=findings, notes=notes), bodies.MAX - len(end.encode()), price=False) + end
    )


def _comment(report: Report, fresh: Sequence[Sequence[Finding]]) -> str:
    """The new findings while there is room, the worst first, and a marker that says which they are.

    `fresh`: what is new of each, its places too.
    """
    at = f" at {markdown.code(report.head[:12])}" if report.head else ""
    end = marker(Memory(tuple(_known(each) for group in fresh for each in group)))
    parts = [f"**{plural(len(fresh), 'new finding')}**{at}"]
    room = bodies.MAX - len(end.encode()) - 300
    for number, group in enumerate(sorted(fresh, key=lambda each: each[0].severity.rank)):
        entry = "\n\n".join(_entry(*group))
        room -= len(entry.encode("utf-8", "surrogatepass")) + 2
        if room < 0:
            parts.append(f"… and {len(fresh) - number:,} more, left out here for their length.")
            break
        parts.append(entry)
    return "\n\n".join([*parts, end])


def _entry(finding: Finding, *others: Finding) -> Iterator[str]:
    place, title = bodies.place(finding.span), markdown.inline(finding.title)
    yield f"- **{finding.severity.capitalize()}** · {place} · {title} · {markdown.code(finding.fingerprint)}"
    if finding.body not in ("", finding.title):
        yield markdown.block(finding.body, _ROOM_FOR_WORDS)
    if others:
        more = f" and {len(others) - _PLACES:,} more" if len(others) > _PLACES else ""
        yield "Also here: " + ", ".join(bodies.place(each.span) for each in others[:_PLACES]) + more


def _known(finding: Finding) -> Known:
    return Known(finding.fingerprint, finding.span.path, finding.title, anchored(finding.code), finding.origin)


def _trace(each: Known) -> Trace:
    """Without a path it is known by its id alone."""
    return Trace(each.id, each.path, each.title, each.lines, Side.NEW)


def _mark(text: str) -> str:
    return text.rstrip().rpartition("\n")[2]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _written(memory: Memory, title: int, lines: int) -> str:
    rows = [
        [each.id, each.origin, each.path, each.title[:title], each.lines[:lines]] if title else [each.id, each.origin]
        for each in memory.known
    ]
    return markers.written(NAME, {"known": rows, "comment": memory.comment, "cut": memory.cut})


def _read(document: Any) -> Memory:
    """Raises one of the errors that `parse` takes for no memory."""
    comment = _text(document["comment"])
    if comment and not _HASH.fullmatch(comment):
        raise ValueError("no hash")
    return Memory(tuple(_row(*row) for row in document["known"]), comment, document["cut"] is True)


def _row(id_: object, origin: object, path: object = "", title: object = "", lines: object = ()) -> Known:
    if not _ID.fullmatch(_text(id_)) or not isinstance(lines, list | tuple):
        raise ValueError("no finding")
    hashes = tuple(map(_text, lines))
    if not all(map(_HASH.fullmatch, hashes)):
        raise ValueError("no hashes")
    return Known(_text(id_), _text(path), _text(title), hashes, Origin(_text(origin)))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value
