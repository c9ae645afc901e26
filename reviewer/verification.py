"""What was said of a chunk is asked about once more; whatever goes wrong with that, the findings stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reviewer import templates
from reviewer.change import numbered
from reviewer.change.pieces import Chunk
from reviewer.findings import Note, NoteCode
from reviewer.judgement import verify as verdicts
from reviewer.messages import Message, Usage
from reviewer.model.failures import ModelFailure
from reviewer.prompts import fenced
from reviewer.text.redact import PLACEHOLDER
from reviewer.text.sanitise import reveal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from reviewer.findings import Dropped, Finding
    from reviewer.messages import Reply

MAX_BODY = 1_500
"""Characters of a finding that are shown to its judge."""


@dataclass(frozen=True, slots=True)
class Verified:
    """Every finding is in one of the two, those that stand exactly as they were."""

    kept: tuple[Finding, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    notes: tuple[Note, ...] = ()
    usage: Usage = field(default_factory=Usage)


def verify(
    findings: Sequence[Finding],
    chunk: Chunk,
    surroundings: str,
    ask: Callable[[Sequence[Message]], Reply],
    *,
    language: str = "English",
) -> Verified:
    """Asks about `findings` in groups; nothing to judge, no question. Never raises a `ModelFailure`."""
    kept: list[Finding] = []
    dropped: list[Dropped] = []
    notes: list[Note] = []
    spent = Usage()
    for group in verdicts.groups(findings):
        try:
            reply = ask(question(group, chunk, surroundings, language))
        except ModelFailure as failure:
            spent += failure.spent
            notes.append(_unverified(len(group), str(failure)))
            kept += group.values()
            continue
        spent += reply.usage
        said = verdicts.read(reply.text, group)
        if not said.readable:
            notes.append(_unverified(len(group), "the answer holds no verdicts"))
        elif reply.finish == "length" and (left := len(group.keys() - said.answered)):
            notes.append(_unverified(left, "the answer was cut off at the model's output limit"))
        standing, taken_back = verdicts.apply(group, said)
        kept += standing
        dropped += taken_back
    return Verified(tuple(kept), tuple(dropped), tuple(notes), spent)


def question(
    group: Mapping[str, Finding], chunk: Chunk, surroundings: str, language: str = "English"
) -> tuple[Message, Message]:
    """The pieces that the findings speak of, what stands around them, and the findings, each in its fence."""
    paths = {finding.span.path for finding in group.values()}
    pieces = tuple(piece for piece in chunk.pieces if piece.file.path in paths)
    system = templates.render("verify.system.md.j2", language=language, placeholder=PLACEHOLDER)
    user = templates.render(
        "verify.user.md.j2",
        surroundings=surroundings,
        change=fenced("change", numbered.render(Chunk(pieces, 0))),
        findings=fenced("findings", "\n\n".join(_entry(name, finding) for name, finding in group.items())),
    )
    return Message("system", system), Message("user", user)


def _entry(name: str, finding: Finding) -> str:
    span = finding.span
    lines = "" if span.first is None else f":{span.first}" if span.first == span.last else f":{span.first}-{span.last}"
    head = f"[{name}] {numbered.shown_path(span.path)}{lines} {finding.severity} {finding.category}"
    return f"{head}: {reveal(finding.title)}\n{reveal(finding.body)[:MAX_BODY]}"


def _unverified(count: int, why: str) -> Note:
    findings = "1 finding was" if count == 1 else f"{count} findings were"
    return Note(NoteCode.UNVERIFIED, f"{findings} not judged a second time: {why}")
