"""The review, step by step: source → change → select → chunk → checks and model → anchor → triage → report."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sized
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Protocol

from reviewer.examination import Examined, checked, told
from reviewer.fanout import take
from reviewer.findings import Note, NoteCode, Reason, Report, Unreviewed
from reviewer.interrupts import held
from reviewer.judgement import anchor, triage, verdict
from reviewer.ledger import Ledger
from reviewer.memory import Forgetful, Part, Recalled
from reviewer.messages import Usage
from reviewer.preparation import prepared
from reviewer.text.redact import Redactor
from reviewer.text.show import Show

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from re import Pattern

    from reviewer.change.change import Change, Source
    from reviewer.change.pieces import Chunk
    from reviewer.change.select import Attributes, Selection
    from reviewer.checks.catalogue import Check
    from reviewer.fanout import Mapper
    from reviewer.findings import Claim, Coverage, Dropped, Severity
    from reviewer.memory import Memory


UNCHECKED = 64
"""Chunks that wait for the checks at most: a stream stays a stream."""


class Progress(Protocol):
    """Somebody who watches."""

    def begin(self, files: int | None) -> None:
        """The change has so many files; null: nobody knows yet."""
        ...

    def advance(self, coverage: Coverage, usage: Usage) -> None:
        """So much is done by now."""
        ...


@dataclass(frozen=True, slots=True)
class Brief:
    """What a review is told to do."""

    selection: Selection
    checks: tuple[Check, ...]
    secrets: tuple[Pattern[str], ...]
    chunk_tokens: int
    floor: Severity
    cap: int | None
    policy_source: str
    screen: triage.Screen = triage.all_new


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads what the checks have read: how it reads one chunk, and its names for the report.

    With `finish`, what costs again comes after all chunks were read once: there it takes no room from a first reading.
    """

    examine: Callable[[Chunk], Examined]
    provider: str
    name: str
    finish: Callable[[Examined], Examined] | None = None


Others = Callable[["Chunk"], "Sequence[Claim]"]
"""What other tools have found on the lines of a chunk."""


def nobody(_: Chunk) -> Sequence[Claim]:
    """No other tool."""
    return ()


@dataclass(slots=True)
class _Gathered:
    """What there is while the review runs, and why it stopped where it did."""

    examined: list[Examined] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    spent: Usage = field(default_factory=Usage)
    stopped: tuple[Reason, str] = Reason.DEADLINE, "the deadline came before the answer"


def review(
    source: Source,
    brief: Brief,
    reader: Reader | None,
    *,
    attributes: Attributes | None,
    run: Mapper,
    progress: Progress,
    seen: frozenset[str] = frozenset(),
    show: Show | None = None,
    others: Others = nobody,
    memory: Memory | None = None,
) -> Report:
    """Reads the whole change once, but for the hunks already `seen`; an interrupt ends the reading, not the report.

    What the `others` say is held against all of it; where hunks were `seen`, the change's files are iterated twice.
    """
    memory = memory or Forgetful()
    change = source.change()
    ledger = Ledger(change.broken)
    show = show or Show(Redactor(brief.secrets))
    progress.begin(len(change.files) if isinstance(change.files, Sized) else None)
    pack = partial(
        prepared,
        selection=brief.selection,
        attributes=attributes,
        read=source.read,
        chunk_tokens=brief.chunk_tokens,
    )
    beside = nobody if seen else others

    def check(chunk: Chunk) -> Examined:
        return checked(chunk, brief.checks, source.read, beside)

    packed = memory.packed(change.files, partial(pack, show=show, ledger=ledger, seen=seen))
    gathered = _gathered(packed, ledger, reader, check, run, progress, memory)
    if beside is not others:  # they may have said less, or nothing, when the rest was read
        with held():
            whole = pack(change.files, show=Show(Redactor(brief.secrets)), ledger=Ledger())
            gathered.examined += told(whole, others)
    return _reported(change, gathered, brief, ledger, reader, show.secrets + memory.secrets)


def _gathered(
    packed: Iterator[Chunk | Unreviewed | Recalled],
    ledger: Ledger,
    reader: Reader | None,
    check: Callable[[Chunk], Examined],
    run: Mapper,
    progress: Progress,
    memory: Memory,
) -> _Gathered:
    """Hands out every chunk, and enters in the ledger what came of it; at the end nothing is out any more."""
    gathered = _Gathered()
    unchecked: deque[Chunk] = deque()

    def check_one() -> bool:
        """The checks work while the model is being waited for."""
        if unchecked:
            with held():
                chunk = unchecked.popleft()
                gathered.examined.append(check(chunk))
                memory.keep(chunk, Part.CHECKS, gathered.examined[-1])
        return bool(unchecked)

    def enter(chunk: Chunk, result: Examined) -> None:
        with held():
            gathered.examined.append(result)
            gathered.spent += result.answer.usage
            ledger.settle(chunk, result.answer.lost)
            if result.half is None:
                memory.keep(chunk, Part.MODEL, result)
        while len(unchecked) > UNCHECKED and check_one():  # answers that come quicker than the checks are made
            pass
        progress.advance(ledger.coverage(), gathered.spent)

    try:
        work = _handed_out(packed, ledger, unchecked, gathered)
        take(run(reader.examine if reader else _unasked, work, check_one), enter)
        if reader and reader.finish:
            _gone_over_again(gathered, reader.finish, run, memory)
    except KeyboardInterrupt as interrupt:
        gathered.stopped = Reason.INTERRUPTED, "the review was interrupted"
        gathered.notes.append(verdict.interrupted(interrupt))
    while check_one():  # what was handed out, at most; the checks do not keep anybody waiting for the rest
        pass
    deque(_handed_out(packed, ledger, deque(), gathered), maxlen=0)
    ledger.abandon(*gathered.stopped)
    return gathered


def _gone_over_again(gathered: _Gathered, finish: Callable[[Examined], Examined], run: Mapper, memory: Memory) -> None:
    """What was read once; a result that comes too late leaves the first one standing."""
    places = {id(each.half): place for place, each in enumerate(gathered.examined) if each.half is not None}
    begun = [gathered.examined[place] for place in places.values()]
    # Not in the order of the answers: the budget may not be enough for all.
    begun.sort(key=lambda each: each.half.place if each.half else ("", 0))

    def enter(each: Examined, result: Examined) -> None:
        if each.half is not None:
            with held():
                gathered.examined[places[id(each.half)]] = result
                memory.keep(each.half.chunk, Part.MODEL, result)

    try:
        take(run(finish, begun), enter)
    finally:
        gathered.spent = sum((each.answer.usage for each in gathered.examined), Usage())
        left = sum(each.half is not None for each in gathered.examined)
        if left:
            why = f"{left} part(s) of the change were read once and not gone over again: the review ended before that"
            gathered.notes.append(Note(NoteCode.UNVERIFIED, why, {"parts": left}))


def _handed_out(
    packed: Iterator[Chunk | Unreviewed | Recalled], ledger: Ledger, unchecked: deque[Chunk], gathered: _Gathered
) -> Iterator[Chunk]:
    """The chunks, each entered in the ledger and in line for the checks; a signal waits while one is made."""
    while True:
        with held():
            item = next(packed, None)
            if isinstance(item, Unreviewed):
                ledger.leave_out(item)
                continue
            if isinstance(item, Recalled):
                ledger.recall(item.lines)
                gathered.examined += item.results
                gathered.spent += sum((each.answer.usage for each in item.results), Usage())
                continue
            if item is None:
                return
            ledger.hand_out(item)
            unchecked.append(item)
        yield item


def _unasked(_: Chunk) -> Examined:
    return Examined()


def _reported(
    change: Change, gathered: _Gathered, brief: Brief, ledger: Ledger, reader: Reader | None, secrets: int
) -> Report:
    """In one order, whatever the order of the answers."""
    decision = _judged(gathered.examined, brief, ledger)
    coverage = ledger.coverage()
    return Report(
        status=verdict.status(decision.shown, ledger.unreviewed, coverage),
        findings=decision.shown,
        dropped=tuple(
            sorted((*(d for each in gathered.examined for d in each.dropped), *decision.dropped), key=_said_at)
        ),
        unreviewed=tuple(sorted(ledger.unreviewed, key=_place)),
        coverage=coverage,
        usage=gathered.spent,
        notes=(*gathered.notes, *_notes(gathered, coverage, secrets, reader)),
        head=change.head,
        base=change.base,
        policy_source=brief.policy_source,
        provider=reader.provider if reader else None,
        model=reader.name if reader else None,
    )


def _judged(examined: Sequence[Examined], brief: Brief, ledger: Ledger) -> triage.Decision:
    """One decision over everything that was found, whatever the order of the answers."""
    findings = anchor.distinguish([finding for each in examined for finding in each.findings])
    cap = brief.cap or triage.cap_for(ledger.coverage().changed_lines)
    return triage.decide(findings, floor=brief.floor, cap=cap, screen=brief.screen)


def _notes(gathered: _Gathered, coverage: Coverage, secrets: int, reader: Reader | None) -> Iterator[Note]:
    """What the reader should know, each thing once."""
    if not coverage.files:
        yield Note(NoteCode.NOTHING_TO_REVIEW, "nothing to review: the change is empty")
    elif reader is None:
        yield Note(
            NoteCode.NO_MODEL,
            "no model was asked: only the built-in checks read this change. Set SEGMIND_API_KEY, DASHSCOPE_API_KEY or"
            " OPENAI_API_KEY, or REVIEWER_PROVIDER=ollama, to have a model read it too",
        )
    if gathered.spent.cached_calls and not gathered.spent.calls:
        yield Note(NoteCode.ALL_CACHED, "every reply came from the cache: the model was not asked again")
    if secrets:
        yield Note(
            NoteCode.REDACTED, f"{secrets} secret(s) were hidden from the model and this report", {"count": secrets}
        )
    yield from {(note.code, note.message): note for each in gathered.examined for note in each.answer.notes}.values()


def _said_at(drop: Dropped) -> tuple[str, int, str, str]:
    return drop.path, drop.line or 0, drop.title, drop.reason


def _place(entry: Unreviewed) -> tuple[str, tuple[int, int], tuple[int, int]]:
    return entry.path, entry.new or (0, 0), entry.old or (0, 0)
