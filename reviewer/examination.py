"""What a chunk goes through with a model: asked about, and what is said of it placed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reviewer import conversation, prompts
from reviewer.conversation import Answer
from reviewer.judgement import anchor

if TYPE_CHECKING:
    from reviewer.change.pieces import Chunk
    from reviewer.conversation import Model
    from reviewer.findings import Dropped, Finding
    from reviewer.prompts import Around, Composed
    from reviewer.rules.packs import Pack


@dataclass(frozen=True, slots=True)
class Examined:
    """What came of one chunk."""

    findings: tuple[Finding, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    answer: Answer = field(default_factory=Answer)


@dataclass(frozen=True, slots=True)
class Examiner:
    """Reads chunks with a model; safe for many threads."""

    model: Model
    packs: tuple[Pack, ...]
    language: str
    own_tokens: int = 2_000
    around: Around | None = None

    def examine(self, chunk: Chunk) -> Examined:
        """Every changed line was read or is in `answer.lost`; never raises a `ModelFailure`."""
        answer = conversation.ask(chunk, self.compose, self.model)
        located = anchor.locate(answer.claims, chunk.pieces)
        return Examined(located.findings, answer.dropped + located.dropped, answer)

    def compose(self, chunk: Chunk) -> Composed:
        """The question about a chunk."""
        return prompts.compose(
            chunk, self.packs, language=self.language, own_budget=self.own_tokens, around=self.around
        )
