"""What a chunk goes through with a model: asked about, placed, held against the repository, and asked about again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from reviewer import conversation, prompts, verification
from reviewer.change import chunks
from reviewer.change.pieces import Chunk
from reviewer.checks import engine
from reviewer.conversation import Answer
from reviewer.findings import DropReason, Note, NoteCode, Reason
from reviewer.judgement import absence, anchor, triage, verify
from reviewer.rules.caps import capped
from reviewer.rules.focus import focuses
from reviewer.verification import Verified

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reviewer.change.pieces import Piece
    from reviewer.change.select import Read
    from reviewer.checks.catalogue import Check
    from reviewer.conversation import Model
    from reviewer.findings import Claim, Dropped, Finding, Severity, Unreviewed
    from reviewer.judgement.absence import Lookup
    from reviewer.prompts import Around, Composed
    from reviewer.rules.packs import Pack


@dataclass(frozen=True, slots=True)
class Examined:
    """What came of one chunk."""

    findings: tuple[Finding, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    answer: Answer = field(default_factory=Answer)
    half: Half | None = None


@dataclass(frozen=True, slots=True)
class Half:
    """A chunk that was read, and may be gone over again where there is room for that."""

    chunk: Chunk
    composed: Composed
    first: Answer

    @property
    def place(self) -> tuple[str, int]:
        """Where the chunk begins."""
        piece = self.chunk.pieces[0]
        return piece.file.path, piece.hunk.new_start


Examine = Callable[[Chunk], Examined]

REFUSED = 32
"""Chunks in a row that the budget has no room for, after which no other is tried: to ask costs nothing then, but to
compose the questions of a large tree takes minutes."""


def frugal(examine: Examine) -> Examine:
    """The same, until the budget is used up. Safe for many threads."""
    turn = Lock()
    refused = 0

    def tried(chunk: Chunk) -> Examined:
        nonlocal refused
        if refused >= REFUSED:
            return Examined(answer=Answer(lost=chunks.lost(chunk, Reason.BUDGET, "the budget was used up before")))
        examined = examine(chunk)
        lost = examined.answer.lost
        with turn:
            refused = refused + 1 if lost and all(each.reason is Reason.BUDGET for each in lost) else 0
        return examined

    return tried


@dataclass(frozen=True, slots=True)
class Question:
    """How a chunk is asked about; `own_tokens` are for the repository's own rules and guides."""

    packs: tuple[Pack, ...]
    language: str
    own_tokens: int
    around: Around | None = None

    def compose(self, chunk: Chunk, around: Around | None = None, focus: str = "") -> Composed:
        """The messages; `around` stands for what is known around every chunk."""
        return prompts.compose(
            chunk,
            self.packs,
            language=self.language,
            own_budget=self.own_tokens,
            around=around or self.around,
            focus=focus,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Examiner:
    """Reads chunks with a model; safe for many threads.

    `judge` may take back what `model` said (null: nobody does); `lookup` tells what the repository holds, `read` gives
    whole files.
    """

    model: Model
    question: Question
    floor: Severity
    passes: int = 1
    judge: Model | None = None
    lookup: Lookup | None = None
    read: Read | None = None

    def examine(self, chunk: Chunk) -> Examined:
        """Every changed line was read by the first pass or is in `answer.lost`; never raises a `ModelFailure`."""
        return self.finish(self.begin(chunk))

    def begin(self, chunk: Chunk) -> Examined:
        """The first pass, which reads the lines; its `half` is what `finish` goes on with, if there is anything."""
        compose = self.question.compose
        composed = compose(chunk)
        first = conversation.ask(chunk, lambda part: composed if part is chunk else compose(part), self.model)
        placed = self._placed(chunk, first)
        unread = sum(entry.lines for entry in first.lost) >= sum(piece.changed for piece in chunk.pieces)
        again = self.passes > 1 and not unread
        if not again and not (self.judge and verify.judged(placed.findings, self.floor)):
            return placed
        return replace(placed, half=Half(chunk, composed, first))

    def finish(self, begun: Examined) -> Examined:
        """The further passes and the second look, which cost again; all that was found stands where they fail."""
        half = begun.half
        if half is None:
            return begun
        answer = sum(self._further(half.chunk, half.composed), half.first)
        placed = begun if answer is half.first else self._placed(half.chunk, answer)
        verified = self._verified(placed.findings, half.chunk, half.composed)
        return Examined(
            verified.kept,
            (*placed.dropped, *verified.dropped),
            answer + Answer(notes=verified.notes, usage=verified.usage),
        )

    def _placed(self, chunk: Chunk, answer: Answer) -> Examined:
        """What was said, at its place, once each, and not against what the repository shows."""
        located = anchor.locate(answer.claims, chunk.pieces, self.read)
        merged = triage.merge([capped(finding, self.question.packs) for finding in located.findings])
        standing, contradicted = self._held_against_the_repository(merged.shown)
        dropped = (*answer.dropped, *located.dropped, *merged.dropped, *contradicted)
        return Examined(tuple(standing), dropped, answer)

    def _further(self, chunk: Chunk, composed: Composed) -> Iterator[Answer]:
        """The passes after the first. What one of them loses was read all the same."""
        for focus in focuses(self.passes)[1:]:
            part = Chunk(chunk.pieces[::-1], chunk.tokens) if focus.backwards else chunk
            compose = partial(self.question.compose, around=lambda *_: composed.context, focus=focus.text)
            answer = conversation.ask(part, compose, self.model)
            lost = sorted({entry.detail for entry in answer.lost})
            notes = (Note(NoteCode.PASS_LOST, f"the further pass for {focus.name}: {why}") for why in lost)
            yield replace(answer, lost=(), notes=(*answer.notes, *notes))

    def _held_against_the_repository(self, findings: Iterable[Finding]) -> tuple[list[Finding], list[Dropped]]:
        """Those that nothing speaks against, and the others with the proof."""
        standing: list[Finding] = []
        contradicted: list[Dropped] = []
        for finding in findings:
            proof = absence.contradicted(finding, self.lookup) if self.lookup is not None else None
            if proof is None:
                standing.append(finding)
            else:
                contradicted.append(triage.drop(finding, DropReason.CONTRADICTED, proof))
        return standing, contradicted

    def _verified(self, findings: Sequence[Finding], chunk: Chunk, composed: Composed) -> Verified:
        """Those that may be taken back are asked about once more; the others stand."""
        if self.judge is None:
            return Verified(tuple(findings))
        judged = verify.judged(findings, self.floor)
        spared = [each for each in findings if each not in judged]
        surroundings = prompts.surroundings(composed.context)
        verified = verification.verify(
            judged, chunk, surroundings, self.judge.complete, language=self.question.language
        )
        return replace(verified, kept=(*spared, *verified.kept))


def checked(chunk: Chunk, checks: Sequence[Check], read: Read, others: Callable[[Chunk], Sequence[Claim]]) -> Examined:
    """What checks and other tools find. Of a file spread over chunks they see as much as this chunk holds."""
    by_file: dict[int, list[Piece]] = {}
    for piece in chunk.pieces:
        by_file.setdefault(id(piece.file), []).append(piece)
    claims: list[Claim] = []
    for pieces in by_file.values():
        hunks = tuple(replace(piece.hunk, lines=piece.lines) for piece in pieces)
        claims += engine.run(replace(pieces[0].file, hunks=hunks), read, checks)
    claims += others(chunk)
    located = anchor.locate(claims, chunk.pieces)
    return Examined(located.findings, located.dropped)


def told(packed: Iterable[Chunk | Unreviewed], others: Callable[[Chunk], Sequence[Claim]]) -> list[Examined]:
    """What other tools say of these chunks, each claim at its place."""
    chunks = (item for item in packed if isinstance(item, Chunk))
    located = [anchor.locate(others(chunk), chunk.pieces) for chunk in chunks]
    return [Examined(each.findings, each.dropped) for each in located]
