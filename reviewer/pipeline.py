"""The review, step by step: source → change → select → chunk → checks and model → anchor → triage → report."""

from __future__ import annotations

from collections import deque
from collections.abc import Sized
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from reviewer import conversation, prompts
from reviewer.change import chunks
from reviewer.change.identity import unseen
from reviewer.change.select import select
from reviewer.checks import engine
from reviewer.conversation import Answer
from reviewer.errors import Terminated
from reviewer.findings import Note, NoteCode, Reason, Report, Unreviewed
from reviewer.interrupts import held
from reviewer.judgement import anchor, triage, verdict
from reviewer.ledger import Ledger
from reviewer.messages import Usage
from reviewer.text.redact import Redactor
from reviewer.text.show import Show

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from re import Pattern

    from reviewer.change.change import FileChange, Source
    from reviewer.change.pieces import Chunk, Piece
    from reviewer.change.select import Attributes, Read, Selection
    from reviewer.checks.catalogue import Check
    from reviewer.conversation import Model
    from reviewer.fanout import Mapper
    from reviewer.findings import Claim, Coverage, Dropped, Finding, Severity
    from reviewer.rules.packs import Pack


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
    packs: tuple[Pack, ...]
    checks: tuple[Check, ...]
    secrets: tuple[Pattern[str], ...]
    chunk_tokens: int
    language: str
    floor: Severity
    cap: int | None
    policy_source: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads what the checks have read: the model, and its names for the report."""

    model: Model
    provider: str
    name: str


@dataclass(frozen=True, slots=True)
class Examined:
    """What came of one chunk."""

    findings: tuple[Finding, ...]
    dropped: tuple[Dropped, ...]
    answer: Answer


def review(
    source: Source,
    brief: Brief,
    reader: Reader | None,
    *,
    attributes: Attributes | None,
    run: Mapper,
    progress: Progress,
    seen: frozenset[str] = frozenset(),
) -> Report:
    """Reads the whole change once, but for the hunks already `seen`; an interrupt ends the reading, not the report."""
    change = source.change()
    ledger = Ledger(change.broken)
    show = Show(Redactor(brief.secrets))
    progress.begin(len(change.files) if isinstance(change.files, Sized) else None)
    selected = select(change.files, brief.selection, attributes=attributes, read=source.read)
    unread = _unread(selected, seen, ledger) if seen else selected
    packed = chunks.pack(unread, budget=brief.chunk_tokens, show=show)
    unchecked: deque[Chunk] = deque()
    examined: list[Examined] = []
    notes: list[Note] = []
    spent = Usage()

    def check_one() -> bool:
        """The checks work while the model is being waited for."""
        if unchecked:
            with held():
                examined.append(_checked(unchecked.popleft(), brief.checks, source.read))
        return bool(unchecked)

    try:
        work = _handed_out(packed, ledger, unchecked)
        for chunk, result in run(partial(_asked, brief=brief, reader=reader), work, check_one):
            with held():
                examined.append(result)
                spent += result.answer.usage
                ledger.settle(chunk, result.answer.lost)
            while len(unchecked) > UNCHECKED and check_one():  # answers that come quicker than the checks are made
                pass
            progress.advance(ledger.coverage(), spent)
        stopped = Reason.DEADLINE, "the deadline came before the answer"
    except KeyboardInterrupt as interrupt:
        stopped = Reason.INTERRUPTED, "the review was interrupted"
        notes.append(_interrupted(interrupt))
    while check_one():  # what was handed out, at most; the checks do not keep anybody waiting for the rest
        pass
    deque(_handed_out(packed, ledger, deque()), maxlen=0)
    ledger.abandon(*stopped)
    decision = _judge(examined, brief, ledger)
    coverage = ledger.coverage()
    return Report(
        status=verdict.status(decision.shown, ledger.unreviewed, coverage),
        findings=decision.shown,
        dropped=tuple(sorted((*(d for each in examined for d in each.dropped), *decision.dropped), key=_said_at)),
        unreviewed=tuple(sorted(ledger.unreviewed, key=_place)),
        coverage=coverage,
        usage=spent,
        notes=(*notes, *_notes(examined, coverage, spent, show.secrets, reader)),
        head=change.head,
        base=change.base,
        policy_source=brief.policy_source,
        provider=reader.provider if reader else None,
        model=reader.name if reader else None,
    )


def _unread(
    selected: Iterator[FileChange | Unreviewed], seen: frozenset[str], ledger: Ledger
) -> Iterator[FileChange | Unreviewed]:
    """What an earlier review of the same change has not read; the rest is credited to it."""
    for item in selected:
        if isinstance(item, Unreviewed):
            yield item
            continue
        rest = unseen(item, seen)
        ledger.credit(item, rest)
        yield rest


def _handed_out(packed: Iterator[Chunk | Unreviewed], ledger: Ledger, unchecked: deque[Chunk]) -> Iterator[Chunk]:
    """The chunks, each entered in the ledger and in line for the checks; a signal waits while one is made."""
    while True:
        with held():
            item = next(packed, None)
            if isinstance(item, Unreviewed):
                ledger.leave_out(item)
                continue
            if item is None:
                return
            ledger.hand_out(item)
            unchecked.append(item)
        yield item


def _asked(chunk: Chunk, *, brief: Brief, reader: Reader | None) -> Examined:
    """What the model says, held against the lines of the chunk."""
    if reader is None:
        return Examined((), (), Answer())
    compose = partial(prompts.compose, packs=brief.packs, language=brief.language)
    answer = conversation.ask(chunk, compose, reader.model)
    located = anchor.locate(answer.claims, chunk.pieces)
    return Examined(located.findings, answer.dropped + located.dropped, answer)


def _checked(chunk: Chunk, checks: Sequence[Check], read: Read) -> Examined:
    """What the checks find. A file may be spread over chunks: here they see as much of it as this chunk holds."""
    by_file: dict[int, list[Piece]] = {}
    for piece in chunk.pieces:
        by_file.setdefault(id(piece.file), []).append(piece)
    claims: list[Claim] = []
    for pieces in by_file.values():
        hunks = tuple(replace(piece.hunk, lines=piece.lines) for piece in pieces)
        claims += engine.run(replace(pieces[0].file, hunks=hunks), read, checks)
    located = anchor.locate(claims, chunk.pieces)
    return Examined(located.findings, located.dropped, Answer())


def _judge(examined: Sequence[Examined], brief: Brief, ledger: Ledger) -> triage.Decision:
    """One decision over everything that was found, whatever the order of the answers."""
    findings = anchor.distinguish([finding for each in examined for finding in each.findings])
    cap = brief.cap or triage.cap_for(ledger.coverage().changed_lines)
    return triage.decide(findings, floor=brief.floor, cap=cap)


def _notes(
    examined: Sequence[Examined], coverage: Coverage, spent: Usage, secrets: int, reader: Reader | None
) -> Iterator[Note]:
    """What the reader should know, each thing once."""
    if not coverage.files:
        yield Note(NoteCode.NOTHING_TO_REVIEW, "nothing to review: the change is empty")
    elif reader is None:
        yield Note(
            NoteCode.NO_MODEL,
            "no model was asked: only the built-in checks read this change. Set SEGMIND_API_KEY, DASHSCOPE_API_KEY or"
            " OPENAI_API_KEY, or REVIEWER_PROVIDER=ollama, to have a model read it too",
        )
    if spent.cached_calls and not spent.calls:
        yield Note(NoteCode.ALL_CACHED, "every reply came from the cache: the model was not asked again")
    if secrets:
        yield Note(
            NoteCode.REDACTED, f"{secrets} secret(s) were hidden from the model and this report", {"count": secrets}
        )
    yield from {(note.code, note.message): note for each in examined for note in each.answer.notes}.values()


def _interrupted(interrupt: KeyboardInterrupt) -> Note:
    terminated = isinstance(interrupt, Terminated)
    how = "terminated" if terminated else "interrupted"
    return Note(
        NoteCode.INTERRUPTED,
        f"the review was {how}; this is what it had found",
        {"exit_code": 143 if terminated else 130},
    )


def _said_at(drop: Dropped) -> tuple[str, int, str, str]:
    return drop.path, drop.line or 0, drop.title, drop.reason


def _place(entry: Unreviewed) -> tuple[str, tuple[int, int], tuple[int, int]]:
    return entry.path, entry.new or (0, 0), entry.old or (0, 0)
