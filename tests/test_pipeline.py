from __future__ import annotations

import gc
import json
import random
import re
import threading
import time
import weakref
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewer import pipeline
from reviewer.change.change import Change, FileChange, Hunk, Kind, Line
from reviewer.change.select import Selection
from reviewer.checks import catalogue
from reviewer.errors import Terminated
from reviewer.examination import Examiner, Question
from reviewer.fanout import Threads, inline
from reviewer.findings import Coverage, DropReason, NoteCode, Reason, Report, Severity, Side, Status, Unreviewed
from reviewer.memory import Forgetful, Part
from reviewer.messages import Message, Reply, Usage
from reviewer.model.failures import ModelFailure
from reviewer.pipeline import Brief, Reader
from reviewer.rules import packs
from reviewer.sources.patch import Patch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from reviewer.change.pieces import Chunk
    from reviewer.examination import Examined
    from reviewer.fanout import Mapper

BRIEF = Brief(
    selection=Selection(),
    checks=catalogue.load(),
    secrets=catalogue.secret_patterns(catalogue.load()),
    chunk_tokens=500,
    floor=Severity.LOW,
    cap=500,
    policy_source="defaults",
)


class Watched:
    """Progress that remembers."""

    def __init__(self) -> None:
        self.total: list[int | None] = []
        self.seen: list[Coverage] = []

    def begin(self, files: int | None) -> None:
        self.total.append(files)

    def advance(self, coverage: Coverage, usage: Usage) -> None:  # noqa: ARG002 - the protocol's
        self.seen.append(coverage)


class Scripted:
    """A model that does what a function says."""

    def __init__(self, answer: Callable[[str], Reply]) -> None:
        self.answer = answer

    def complete(self, messages: Sequence[Message]) -> Reply:
        return self.answer(messages[-1].content)


def said(path: str, quote: str, title: str = "t") -> str:
    return json.dumps({"findings": [{"path": path, "quote": quote, "title": title, "body": "b"}]})


def files_in(prompt: str) -> list[str]:
    return re.findall(r"(?m)^## (\S+\.\w+)", prompt)


def diff_of(count: int, lines: int = 25) -> bytes:
    parts = []
    for n in range(count):
        body = "".join(f"+value_{i} = call_number_{n}({i})\n" for i in range(lines))
        name = f"m{n}/f{n}.py"
        head = f"diff --git a/{name} b/{name}\nnew file mode 100644\n--- /dev/null\n+++ b/{name}\n"
        parts.append(f"{head}@@ -0,0 +1,{lines} @@\n{body}")
    return "".join(parts).encode()


def reading(answer: Callable[[str], Reply]) -> Reader:
    question = Question(packs.shipped(), "English", own_tokens=2_000)
    examiner = Examiner(model=Scripted(answer), question=question, floor=Severity.LOW)
    return Reader(examiner.examine, "openai", "m")


def review(
    data: bytes,
    answer: Callable[[str], Reply] | None,
    run: Mapper = inline,
    brief: Brief = BRIEF,
    progress: Watched | None = None,
) -> Report:
    reader = reading(answer) if answer else None
    return pipeline.review(Patch(data, "x"), brief, reader, attributes=None, run=run, progress=progress or Watched())


def whole(report: Report) -> None:
    """Nothing is missing and nothing is counted twice."""
    covered = report.coverage
    assert covered.reviewed_lines + sum(entry.lines for entry in report.unreviewed) == covered.changed_lines
    assert covered.reviewed_lines >= 0
    assert covered.reviewed_files <= covered.files


def test_the_order_of_the_answers_changes_nothing() -> None:
    def answer(prompt: str) -> Reply:
        threading.Event().wait(random.random() / 50)  # noqa: S311 - not for secrets
        path = files_in(prompt)[0]
        return Reply(said(path, "value_3 = call_number"), usage=Usage(calls=1))

    first = review(diff_of(20), answer)
    assert all(review(diff_of(20), answer, Threads(8)) == first for _ in range(3))
    assert first.usage.calls == len(first.findings) > 5


FAILURES = st.sampled_from(
    [
        ModelFailure(Reason.TIMEOUT, "late"),
        ModelFailure(Reason.LENGTH, "long", splittable=True),
        ModelFailure(Reason.PROVIDER_REFUSED, "no", splittable=True),
        Reply("no JSON"),
        Reply('{"findings": [', "length"),
        Reply("", "content_filter"),
        Reply('{"findings": []}'),
        Reply('{"findings": []}'),
    ]
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 12), st.integers(1, 60), st.lists(FAILURES, min_size=1, max_size=8))
def test_whatever_the_model_does_every_changed_line_is_accounted_for(
    count: int, lines: int, does: list[ModelFailure | Reply]
) -> None:
    turns = iter(range(1_000_000))

    def answer(_: str) -> Reply:
        done = does[next(turns) % len(does)]
        if isinstance(done, ModelFailure):
            raise done
        return done

    report = review(diff_of(count, lines), answer)
    whole(report)
    assert report.coverage.changed_lines == count * lines
    lost = any(entry.reason.is_loss for entry in report.unreviewed)
    assert lost is (report.status in (Status.INCOMPLETE, Status.FAILED))
    assert (report.status is Status.FAILED) is (lost and report.coverage.reviewed_lines == 0)


def test_a_refused_part_is_isolated() -> None:
    def answer(prompt: str) -> Reply:
        if "value_13 = call_number_2(13)" in prompt:
            raise ModelFailure(Reason.PROVIDER_REFUSED, "no", splittable=True)
        return Reply('{"findings": []}')

    report = review(diff_of(4), answer)
    whole(report)
    assert {entry.path for entry in report.unreviewed} == {"m2/f2.py"}
    (entry,) = report.unreviewed
    assert entry.new is not None
    assert entry.new[0] <= 14 <= entry.new[1]
    assert entry.lines <= 2


def test_an_interrupt_names_what_was_not_read() -> None:
    turns = iter(range(100))

    def answer(_: str) -> Reply:
        if next(turns) == 3:
            raise KeyboardInterrupt
        return Reply('{"findings": []}')

    report = review(diff_of(20), answer)
    whole(report)
    assert report.status is Status.INCOMPLETE
    assert {entry.reason for entry in report.unreviewed} == {Reason.INTERRUPTED}
    assert report.coverage.changed_lines == 20 * 25
    assert [note.data for note in report.notes if note.code is NoteCode.INTERRUPTED] == [{"exit_code": 130}]


def test_an_interrupt_while_an_answer_is_entered_loses_no_other_that_is_there() -> None:
    both, released = threading.Barrier(3, timeout=10), threading.Event()

    def answer(prompt: str) -> Reply:
        (path,) = files_in(prompt)
        if path in ("m2/f2.py", "m3/f3.py"):
            both.wait()  # both threads are here: the first two answers have come
            released.wait(20)
        return Reply(said(path, "value_3 = call_number"), usage=Usage(calls=1))

    class Stopped(Watched):
        def advance(self, coverage: Coverage, usage: Usage) -> None:
            super().advance(coverage, usage)
            if len(self.seen) == 1:
                both.wait()
                raise Terminated

    report = review(diff_of(4), answer, Threads(2), progress=Stopped())
    released.set()
    whole(report)
    assert ({finding.span.path for finding in report.findings}, report.usage.calls) == ({"m0/f0.py", "m1/f1.py"}, 2)
    assert {entry.path for entry in report.unreviewed} == {"m2/f2.py", "m3/f3.py"}
    assert [note.data for note in report.notes if note.code is NoteCode.INTERRUPTED] == [{"exit_code": 143}]


def test_an_interrupt_while_it_is_gone_over_again_loses_nothing_that_is_there() -> None:
    both, released = threading.Barrier(3, timeout=10), threading.Event()
    asked: Counter[str] = Counter()

    def answer(prompt: str) -> Reply:
        (path,) = files_in(prompt)
        asked[path] += 1
        if asked[path] == 2 and path in ("m2/f2.py", "m3/f3.py"):
            both.wait()
            released.wait(20)
        return Reply(
            said(path, f"value_{asked[path] * 9} = call_number", f"{asked[path]} is bad"), usage=Usage(calls=1)
        )

    class Stopped(Forgetful):
        kept = 0

        def keep(self, chunk: Chunk, part: Part, result: Examined) -> None:
            super().keep(chunk, part, result)
            self.kept += part is Part.MODEL
            if self.kept == 1 and part is Part.MODEL:
                both.wait()
                raise KeyboardInterrupt

    examiner = Examiner(
        model=Scripted(answer),
        question=Question(packs.shipped(), "English", own_tokens=2_000),
        floor=Severity.LOW,
        passes=2,
    )
    reader = Reader(examiner.begin, "openai", "m", examiner.finish)
    report = pipeline.review(
        Patch(diff_of(4), "x"), BRIEF, reader, attributes=None, run=Threads(2), progress=Watched(), memory=Stopped()
    )
    released.set()
    whole(report)
    found = Counter(finding.span.path for finding in report.findings)
    assert (found["m0/f0.py"], found["m1/f1.py"], found["m2/f2.py"], found["m3/f3.py"]) == (2, 2, 1, 1)
    assert report.usage.calls == 6
    assert {NoteCode.INTERRUPTED, NoteCode.UNVERIFIED} <= {note.code for note in report.notes}


def test_past_the_deadline_what_is_still_out_is_named() -> None:
    forever = threading.Event()

    def answer(prompt: str) -> Reply:
        if "m1/" in prompt:
            forever.wait(20)
        return Reply('{"findings": []}')

    report = review(diff_of(3), answer, Threads(4, until=time.monotonic() + 0.5))
    forever.set()
    whole(report)
    assert [(entry.path, entry.reason) for entry in report.unreviewed] == [("m1/f1.py", Reason.DEADLINE)]


@pytest.mark.parametrize("stop", ["deadline", "interrupt"])
def test_a_stopped_review_names_every_line_and_keeps_what_the_checks_found(stop: str) -> None:
    forever, turns = threading.Event(), iter(range(1_000))

    def answer(_: str) -> Reply:
        if stop == "interrupt" and next(turns) == 5:
            raise KeyboardInterrupt
        forever.wait(20)
        return Reply('{"findings": []}')

    data = diff_of(100).replace(b"+value_3 = call_number_0", b"+breakpoint(); call_number_0")
    report = review(data, answer, Threads(8, until=time.monotonic() + 0.5))
    forever.set()
    whole(report)
    assert (report.coverage.files, report.coverage.changed_lines) == (100, 2_500)
    assert report.status is Status.FAILED
    assert [(f.span.path, f.span.first) for f in report.findings] == [("m0/f0.py", 4)]


def test_without_a_model_what_the_checks_read_counts_and_the_report_says_so() -> None:
    report = review(diff_of(2), None)
    assert (report.status, report.coverage.reviewed_lines, report.model) == (Status.CLEAN, 50, None)
    assert [note.code for note in report.notes] == [NoteCode.NO_MODEL]


def test_a_check_in_a_file_that_is_spread_over_chunks_is_found_once_on_its_line() -> None:
    body = "".join(f"+value_{i} = call({i}, 'a text that takes some room in a request')\n" for i in range(400))
    body = body.replace("+value_333 = call", "+breakpoint(); call")
    data = (
        f"diff --git a/f.py b/f.py\nnew file mode 100644\n--- /dev/null\n+++ b/f.py\n@@ -0,0 +1,400 @@\n{body}".encode()
    )
    report = review(data, lambda _: Reply('{"findings": []}', usage=Usage(calls=1)))
    assert report.usage.calls > 3
    assert [(f.span.first, f.rule) for f in report.findings] == [(334, "python.breakpoint")]


def test_the_floor_and_the_cap() -> None:
    def answer(prompt: str) -> Reply:
        return Reply(said(files_in(prompt)[0], "value_3 = call_number"))

    capped = review(diff_of(20), answer, brief=replace(BRIEF, cap=3))
    assert len(capped.findings) == 3
    assert {drop.reason for drop in capped.dropped} == {DropReason.OVER_CAP}
    high = review(diff_of(20), answer, brief=replace(BRIEF, floor=Severity.HIGH))
    assert (high.findings, high.status) == ((), Status.CLEAN)
    assert {drop.reason for drop in high.dropped} == {DropReason.BELOW_SEVERITY}


class Tree:
    """A source whose files are made when they are asked for; it knows which are still alive."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.alive: weakref.WeakSet[FileChange] = weakref.WeakSet()
        self.most = 0

    def change(self) -> Change:
        return Change(self.files(), (Unreviewed("broken.py", Reason.UNPARSABLE, "x", lines=2),))

    def files(self) -> Iterator[FileChange]:
        for n in range(self.count):
            lines = tuple(Line("+", None, i, f"name_{i} = {n}") for i in range(1, 21))
            file = Remembered(f"d{n % 7}/f{n}.py", Kind.ADDED, (Hunk(0, 0, 1, 20, "", lines),))
            self.alive.add(file)
            self.most = max(self.most, len(self.alive))
            yield file

    def read(self, path: str, side: Side) -> str | None:  # noqa: ARG002 - there is nothing to read
        return None


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Remembered(FileChange):
    """A file that can be seen going away."""


@pytest.mark.parametrize("run", [pytest.param(inline, marks=pytest.mark.slow), Threads(4)])
def test_a_tree_streams_through(run: Mapper) -> None:
    tree = Tree(3_000)
    progress = Watched()
    reader = reading(lambda _: Reply('{"findings": []}', usage=Usage(calls=1)))
    report = pipeline.review(tree, BRIEF, reader, attributes=None, run=run, progress=progress)
    gc.collect()
    assert progress.total == [None]
    assert report.coverage == Coverage(3_001, 3_000, 60_002, 60_000)
    assert report.status is Status.INCOMPLETE
    assert tree.most < 1_500
    assert len(tree.alive) < 10
