"""A SARIF file as runs of tools with their results. Whatever it holds, nothing but `Misuse` is raised."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reviewer.context.sarif import messages, rules
from reviewer.context.sarif.locations import Locations
from reviewer.context.sarif.rules import Rules
from reviewer.context.sarif.values import inside, rows, table, text
from reviewer.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reviewer.context.sarif.locations import Fix, Place
    from reviewer.findings import Category, Confidence, Severity

MAX_RUNS, MAX_RESULTS = 200, 25_000
"""In one file; GitHub takes 20 and 25 000."""

_FORMAT = "write SARIF 2.1.0, for example with `ruff check --output-format sarif`"
_NO_DEFECT = ("pass", "notApplicable", "informational")


@dataclass(frozen=True, slots=True)
class Result:
    """One thing that a tool found, at one of its places or at each of them."""

    rule: str
    title: str
    body: str
    severity: Severity
    category: Category
    confidence: Confidence
    places: tuple[Place, ...]
    fix: Fix | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of a tool found. What somebody suppressed or knew before is counted, and no result.

    `beyond` counts results over the limit; `failed`: the tool says that it did not get through.
    """

    tool: str
    results: tuple[Result, ...] = ()
    suppressed: int = 0
    known: int = 0
    beyond: int = 0
    failed: bool = False


@dataclass(slots=True)
class _Counts:
    left: int = MAX_RESULTS
    suppressed: int = 0
    known: int = 0
    beyond: int = 0
    results: list[Result] = field(default_factory=list)


def read(data: bytes, name: str) -> tuple[Run, ...]:
    """The runs of the file; one that is no SARIF raises `Misuse`, which calls it `name`."""
    try:
        document = json.loads(data)
    except RecursionError as error:
        raise Misuse(f"{name} is JSON, but nested too deeply: {_FORMAT}") from error
    except ValueError as error:
        raise Misuse(f"{name} is no JSON ({_cause(error)}): {_FORMAT}") from error
    log = table(document)
    version = text(log.get("version"), 20)
    if not isinstance(log.get("runs"), list) or not version:
        raise Misuse(f"{name} is JSON, but no SARIF (it needs `version` and `runs`): {_FORMAT}")
    if not version.startswith("2.1."):
        raise Misuse(f"{name} is SARIF {version}: only 2.1.0 is read; {_FORMAT}")
    runs = rows(log["runs"])
    if len(runs) > MAX_RUNS:
        raise Misuse(f"{name} holds {len(runs)} runs: at most {MAX_RUNS} are read; split the file")
    left = MAX_RESULTS
    found = []
    for each in runs:
        run = _run(table(each), left)
        left -= len(run.results)
        found.append(run)
    return tuple(found)


def _cause(error: ValueError) -> str:
    """Where the JSON breaks; never a part of the file."""
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}, column {error.colno}"
    return "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else "a number is too long"


def _run(run: Mapping[str, object], left: int) -> Run:
    tool = table(run.get("tool"))
    name = rules.tool_name(table(tool.get("driver")))
    known_rules, locations = Rules(tool), Locations(run)
    counts = _Counts(left)
    for each in rows(run.get("results")):
        result = table(each)
        if text(result.get("kind")) in _NO_DEFECT or text(result.get("baselineState")) == "absent":
            continue
        if _suppressed(result):
            counts.suppressed += 1
        elif text(result.get("baselineState")) == "unchanged":
            counts.known += 1
        elif len(counts.results) == counts.left:
            counts.beyond += 1
        else:
            counts.results.append(_result(result, name, known_rules, locations))
    return Run(name, tuple(counts.results), counts.suppressed, counts.known, counts.beyond, _failed(run))


def _result(result: Mapping[str, object], tool: str, known_rules: Rules, locations: Locations) -> Result:
    rule = known_rules.of(result)
    title, body = messages.said(result, rule, known_rules)
    category = rules.category(result, rule, tool)
    return Result(
        rule=rules.name(tool, rule.id),
        title=title,
        body=body,
        severity=rules.severity(result, rule, category),
        category=category,
        confidence=rules.confidence(result, rule),
        places=locations.places(result),
        fix=locations.fix(result),
    )


def _suppressed(result: Mapping[str, object]) -> bool:
    """Somebody said so, and nobody has still to agree or has refused."""
    said = rows(result.get("suppressions"))
    return bool(said) and all(text(table(each).get("status")) in ("", "accepted") for each in said)


def _failed(run: Mapping[str, object]) -> bool:
    """It says so, or it has no results and does not say that there are none, or they are in another file."""
    unfinished = any(table(each).get("executionSuccessful") is False for each in rows(run.get("invocations")))
    elsewhere = "results" in inside(run, "externalPropertyFileReferences")
    return unfinished or elsewhere or not isinstance(run.get("results"), list)
