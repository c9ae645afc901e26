"""What every way of reviewing shares: the team's policy and the operator's settings, as the pipeline takes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from reviewer import pipeline, planning
from reviewer.audit import baseline
from reviewer.change.globs import Globs
from reviewer.change.select import Selection
from reviewer.checks import catalogue
from reviewer.commands import baselines, reading
from reviewer.commands.progress import watcher
from reviewer.context.definitions import Lookup, remembered
from reviewer.context.guides import Shelf
from reviewer.context.outline import outline
from reviewer.context.surroundings import Surroundings
from reviewer.errors import Misuse
from reviewer.examination import Examiner, Question, frugal
from reviewer.findings import Note, NoteCode
from reviewer.model.budget import Budget
from reviewer.model.choice import require_tools
from reviewer.pipeline import Brief, Reader
from reviewer.rules import packs
from reviewer.rules.standing import combined
from reviewer.text.redact import Redactor
from reviewer.text.show import Show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewer.change.pieces import Chunk
    from reviewer.commands.matter import Matter
    from reviewer.commands.reading import Reading
    from reviewer.context.definitions import Remembered
    from reviewer.context.evidence import Evidence
    from reviewer.findings import Report
    from reviewer.memory import Memory
    from reviewer.messages import Message, Reply
    from reviewer.model.dialects import Target
    from reviewer.planning import Plan
    from reviewer.prompts import Composed
    from reviewer.settings import Operator, Policy
    from reviewer.toolcalls import Equipped


Ask = Callable[["Sequence[Message]"], "Reply"]
"""A question to the model; raises `ModelFailure`."""

Finish = Callable[["Report", "Ask | None"], "Report"]


@dataclass(frozen=True, slots=True)
class Preparations:
    """What is made of a matter before anybody is asked. `show` is for the change, and counts its secrets."""

    brief: Brief
    question: Question
    surroundings: Surroundings
    snapshot: Remembered | None
    evidence: Evidence | None
    show: Show


def review(
    matter: Matter,
    operator: Operator,
    *,
    quiet: bool,
    seen: frozenset[str] = frozenset(),
    memory: Memory | None = None,
    finish: Finish | None = None,
) -> Report:
    """Opens the model, runs the pipeline, shows progress; `seen` hunks, and what `memory` knows, are not read again.

    `finish` has the last word, and may ask the model (null: there is none) while it is there.
    """
    made = prepare(matter)
    progress = watcher(quiet=quiet)
    with reading.opened(operator) as read:
        reader = _Reader(read, matter, made, operator)
        try:
            report = pipeline.review(
                matter.source,
                made.brief,
                reader.named(),
                attributes=matter.attributes,
                run=read.mapper,
                progress=progress,
                seen=seen,
                show=made.show,
                others=partial(made.evidence.claims, show=made.show) if made.evidence else pipeline.nobody,
                memory=memory,
            )
        finally:
            progress.end()
        report = baseline.against(report, matter.known, baselines.today(), matter.lines_now)
        if finish is not None:
            report = finish(report, read.judge.complete if read.judge is not None else None)
        said = (*matter.notes, *(made.evidence.notes() if made.evidence else ()), *reader.notes(), *read.notes())
        return replace(report, notes=(*report.notes, *said))


def plan(
    matter: Matter,
    operator: Operator,
    *,
    prompt: int | None = None,
    seen: frozenset[str] = frozenset(),
    memory: Memory | None = None,
    overview: tuple[int, int] = (0, 0),
) -> Plan:
    """What a review would send, sending nothing; of request number `prompt` the messages themselves.

    `overview`: how many questions end it at most, and of how many tokens.
    """
    made = prepare(matter)
    target = reading.chosen(operator)
    price = reading.price(operator) or (target.dialect.price(target.model) if target else None)
    Budget(reading.caps(operator), price if target else ())  # refuses what a review would refuse
    estimate = planning.Estimate(
        compose=_as_sent(made, operator, target),
        price=price,
        passes=operator.passes,
        verifies=matter.policy.verify and target is not None,
        look_ups=operator.max_tool_calls if _has_tools(made, operator, target) else 0,
        judge_price=(target and operator.judge_model and target.dialect.price(operator.judge_model)) or price,
        overview=overview if target else (0, 0),
        provider=target.dialect.name if target else None,
        model=target.model if target else None,
    )
    return planning.plan(
        matter.source,
        made.brief.selection,
        estimate,
        attributes=matter.attributes,
        chunk_tokens=made.brief.chunk_tokens,
        show=made.show,
        policy_source=made.brief.policy_source,
        seen=seen,
        prompt=prompt,
        memory=memory,
    )


def prepare(matter: Matter) -> Preparations:
    """The team's word and what is known around the change; a name there is no such thing of raises `Misuse`."""
    told = brief(matter.policy, matter.policy_source)
    if matter.known.entries:
        told = replace(told, screen=partial(baseline.screen, baseline=matter.known, today=baselines.today()))
    rules = combined(packs.shipped(), matter.own, matter.policy.skip_rules)
    aside = Show(Redactor(told.secrets))  # what stands around the change is shown alike, and its secrets not counted
    snapshot = remembered(matter.snapshot) if matter.snapshot is not None else None
    evidence = _evidence(matter)
    surroundings = Surroundings(
        show=aside,
        tokens=matter.policy.context_tokens,
        outlined=matter.outlined or (partial(outline, snapshot=snapshot, show=aside) if snapshot is not None else None),
        shelf=Shelf(matter.guides, aside) if matter.guides is not None else None,
        told=tuple(matter.told(aside)),
        evidence=evidence,
    )
    question = Question(rules, matter.policy.language, matter.policy.guide_tokens, surroundings.of)
    return Preparations(told, question, surroundings, snapshot, evidence, Show(Redactor(told.secrets)))


def brief(policy: Policy, policy_source: str) -> Brief:
    """The team's word as the pipeline takes it; a check there is no such thing of raises `Misuse`."""
    checks = catalogue.load()
    _refuse_unknown("skip_checks", policy.skip_checks, [check.id for check in checks])
    return Brief(
        selection=Selection(ignore=policy.ignore, include=policy.include, max_file_kb=policy.max_file_kb),
        checks=tuple(check for check in checks if check.id not in policy.skip_checks),
        secrets=catalogue.secret_patterns(checks),  # of all checks: skipping one must not send what it finds
        chunk_tokens=policy.chunk_tokens,
        floor=policy.min_severity,
        cap=policy.max_comments,
        policy_source=policy_source,
    )


class _Reader:
    """The model as it reads chunks, with its tools where it is to have some."""

    def __init__(self, read: Reading, matter: Matter, made: Preparations, operator: Operator) -> None:
        self._read, self._matter, self._made, self._operator = read, matter, made, operator
        self._equipped = self._with_tools()

    def named(self) -> Reader | None:
        """For the pipeline; null where there is no model."""
        connection, judge = self._read.connection, self._read.judge
        if connection is None:
            return None
        policy, snapshot = self._matter.policy, self._made.snapshot
        examiner = Examiner(
            model=self._equipped or connection,
            question=self._made.question,
            floor=policy.min_severity,
            passes=self._operator.passes,
            judge=judge if policy.verify else None,
            lookup=Lookup(snapshot) if snapshot is not None else None,
            read=self._matter.source.read,
        )
        provider, name = self._read.provider, self._read.name
        if not self._operator.is_capped:
            return Reader(frugal(examiner.examine), provider, name)
        return Reader(frugal(examiner.begin), provider, name, finish=examiner.finish)

    def notes(self) -> Sequence[Note]:
        """What there is to say of the tools."""
        if self._equipped is not None:
            return self._equipped.notes()
        if self._operator.tools and self._read.connection is not None:
            why = "there is no repository around this change: the model had nothing to look things up in"
            return (Note(NoteCode.TOOLS_LIMITED, why),)
        return ()

    def _with_tools(self) -> Equipped | None:
        snapshot = self._made.snapshot
        if not self._operator.tools or self._read.connection is None or snapshot is None:
            return None
        from reviewer.context.tools import Toolbox
        from reviewer.toolcalls import Equipped

        ignored = Globs("ignore", self._matter.policy.ignore)
        shown = Show(Redactor(self._made.brief.secrets))  # whole files: their secrets are not the change's
        toolbox = Toolbox(snapshot, shown, visible=lambda path: ignored.match(path) is None)
        return Equipped(self._read.connection, toolbox, self._operator.max_tool_calls)


def _has_tools(made: Preparations, operator: Operator, target: Target | None) -> bool:
    """Whether the model is to have tools, and there is something to look things up in; raises `Misuse`."""
    if not operator.tools or target is None:
        return False
    require_tools(target)
    return made.snapshot is not None


def _as_sent(made: Preparations, operator: Operator, target: Target | None) -> Callable[[Chunk], Composed]:
    """With what a model that has tools is told of them."""
    if not _has_tools(made, operator, target):
        return made.question.compose
    from reviewer.context.offers import OFFERS
    from reviewer.model.wire import size
    from reviewer.toolcalls import introduced

    def compose(chunk: Chunk) -> Composed:
        composed = made.question.compose(chunk)
        told = introduced(composed.messages, operator.max_tool_calls)
        return replace(composed, messages=told, beside=size((), OFFERS))

    return compose


def _evidence(matter: Matter) -> Evidence | None:
    """Names in the tools' reports are matched against all files there are: a namesake must not be taken for another."""
    if matter.documents is None:
        return None
    from reviewer.context.evidence import Evidence

    if matter.snapshot is not None:
        return Evidence(matter.documents, frozenset(matter.snapshot.paths()))
    return Evidence(matter.documents, frozenset(file.path for file in matter.source.change().files))


def _refuse_unknown(setting: str, names: Sequence[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            raise Misuse(f"{setting} names {name!r}, which there is not: choose from {', '.join(sorted(known))}")
