"""Evidence beside the built-in checks and a model that repeats what it was told."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from evidence_files import FOLDER, show

from reviewer import pipeline
from reviewer.change.select import Selection
from reviewer.checks import catalogue
from reviewer.commands import evidence
from reviewer.context.evidence import Evidence
from reviewer.examination import Examiner, Question
from reviewer.fanout import inline
from reviewer.findings import DropReason, Origin, Severity
from reviewer.messages import Message, Reply, Usage
from reviewer.pipeline import Brief, Reader
from reviewer.sources.patch import Patch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewer.findings import Coverage

PATHS = ["shop/basket.py", "shop/prices.py", ".github/workflows/x.yml"]
SAID = {
    "path": "shop/basket.py",
    "quote": "    return sum(price for price in prices) + shipping",
    "title": "The name `shipping` is undefined",
    "body": "Nothing defines `shipping`: the name is undefined and this raises a NameError.",
}


class Nobody:
    def begin(self, files: int | None) -> None:
        pass

    def advance(self, coverage: Coverage, usage: Usage) -> None:
        pass


class Repeating:
    def complete(self, messages: Sequence[Message]) -> Reply:  # noqa: ARG002 - the protocol's
        return Reply(json.dumps({"findings": [SAID]}), "stop", Usage(calls=1))


def test_a_tool_speaks_beside_the_checks_and_the_model_does_not_repeat_it() -> None:
    checks = catalogue.load()
    brief = Brief(Selection(), checks, catalogue.secret_patterns(checks), 8_000, Severity.LOW, 100, "defaults")
    held = Evidence(evidence.read([str(FOLDER / name) for name in ("ruff.sarif", "semgrep.sarif")]), PATHS)
    shown = show()
    reading = Examiner(model=Repeating(), question=Question((), "English", 0), floor=Severity.LOW)
    report = pipeline.review(
        Patch((FOLDER / "shop.diff").read_bytes(), "shop.diff"),
        brief,
        Reader(reading.examine, "test", "test"),
        attributes=None,
        run=inline,
        progress=Nobody(),
        show=shown,
        others=partial(held.claims, show=shown),
    )
    undefined = [finding for finding in report.findings if finding.span.first == 9]
    assert [(finding.origin, finding.rule) for finding in undefined] == [(Origin.TOOL, "ruff/F821")]
    repeated = {drop.title for drop in report.dropped if drop.reason is DropReason.DUPLICATE}
    assert {"The name `shipping` is undefined", "A shell reads the command"} <= repeated
    assert {finding.origin for finding in report.findings} == {Origin.TOOL, Origin.CHECK}
    assert [note.message for note in held.notes()] == [
        "ruff: 9 results, 9 on changed lines",
        "semgrep-oss: 2 results, 2 on changed lines",
    ]
