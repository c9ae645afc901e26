from __future__ import annotations

import gzip
import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from goldens import same
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator
from reports import CLEAN, EMPTY, FULL, GONE, SQL, WHOLE_FILE

from reviewer.checks import catalogue
from reviewer.findings import Category, Origin, Report, Severity, Span, State, Status
from reviewer.outputs.look import Look
from reviewer.outputs.sarif import MAX_GZIPPED, MOST, render

HERE = Path(__file__).parent
SCHEMA = Draft4Validator(
    json.loads((HERE.parent / "contracts" / "sarif-2.1.0.json").read_text()),
    format_checker=Draft4Validator.FORMAT_CHECKER,
)


def run_of(report: Report) -> Any:
    """The one run of a document that the standard's own schema accepts."""
    document = json.loads(render(report, Look()))
    SCHEMA.validate(document)
    (run,) = document["runs"]
    return run


@pytest.mark.parametrize(("name", "report"), [("full", FULL), ("clean", CLEAN), ("empty", EMPTY)])
def test_golden(name: str, report: Report) -> None:
    run_of(report)
    same(HERE / "golden" / f"{name}.sarif", render(report, Look()))


def test_every_result_names_its_rule_its_place_and_what_tells_it_from_another() -> None:
    run = run_of(replace(FULL, findings=(SQL, GONE, WHOLE_FILE)))
    rules = run["tool"]["driver"]["rules"]
    for result, finding in zip(run["results"], (SQL, GONE, WHOLE_FILE), strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["partialFingerprints"]["primaryLocationLineHash"] == f"{finding.fingerprint}:1"
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "shop/orders.py", "uriBaseId": "SRCROOT"}
    assert (place["region"]["startLine"], place["region"]["endLine"]) == (12, 13)
    assert "region" not in run["results"][1]["locations"][0]["physicalLocation"]  # a deleted line is in no file
    assert rules[0]["properties"]["security-severity"] == "9.5"
    assert run["results"][0]["fixes"][0]["artifactChanges"][0]["replacements"][0]["deletedRegion"] == {
        "startLine": 12,
        "endLine": 13,
    }


def test_a_checks_rule_is_described_as_the_catalogue_does() -> None:
    check = next(each for each in catalogue.load() if each.category is Category.SECURITY)
    found = replace(SQL, origin=Origin.CHECK, rule=check.id)
    (rule,) = run_of(replace(CLEAN, status=Status.FINDINGS, findings=(found,)))["tool"]["driver"]["rules"]
    assert (rule["shortDescription"]["text"], rule["help"]["text"]) == (check.title, check.body)


def test_a_loss_is_a_failed_execution_that_names_the_lines() -> None:
    (invocation,) = run_of(FULL)["invocations"]
    assert invocation["executionSuccessful"] is False
    losses = [each for each in invocation["toolExecutionNotifications"] if each["level"] == "error"]
    assert [each["descriptor"]["id"] for each in losses] == ["timeout", "budget"]
    assert run_of(CLEAN)["invocations"][0]["executionSuccessful"] is True


def test_what_is_fixed_is_no_result() -> None:
    assert not run_of(replace(FULL, findings=(replace(SQL, state=State.FIXED),)))["results"]


@pytest.mark.slow
def test_of_too_many_the_most_severe_are_kept_and_it_says_how_many_are_not() -> None:
    mild = tuple(replace(SQL, fingerprint=f"{n:016x}", severity=Severity.LOW) for n in range(MOST))
    worst = tuple(replace(SQL, fingerprint=f"{n:016x}") for n in range(MOST, MOST + 3))
    run = run_of(replace(CLEAN, status=Status.FINDINGS, findings=(*mild, *worst)))
    assert len(run["results"]) == MOST
    assert [each["level"] for each in run["results"][:4]] == ["error", "error", "error", "note"]
    said = run["invocations"][0]["toolExecutionNotifications"][0]
    assert said["message"]["text"].startswith("3 more findings")


@pytest.mark.slow
def test_of_too_large_ones_as_many_as_fit_are_kept() -> None:
    noise = random.Random(1)  # noqa: S311 - what does not compress
    bulky = tuple(
        replace(SQL, fingerprint=f"{n:016x}", body=noise.randbytes(12_000).hex(), places=(Span("a.py", 1, 1),))
        for n in range(1_200)
    )
    written = render(replace(CLEAN, status=Status.FINDINGS, findings=bulky), Look())
    kept = json.loads(written)["runs"][0]["results"]
    assert 0.7 * MAX_GZIPPED < len(gzip.compress(written.encode())) < MAX_GZIPPED
    assert 0 < len(kept) < len(bulky)


@given(st.text(max_size=80), st.text(max_size=80))
def test_hostile_words_stay_words(title: str, path: str) -> None:
    found = replace(SQL, title=f"{title} [click](https://evil.example)", span=Span(path or "x", 1, 1))
    written = render(replace(CLEAN, status=Status.FINDINGS, findings=(found,)), Look())
    assert written.isascii()
    assert "##[" not in written
    run = run_of(replace(CLEAN, status=Status.FINDINGS, findings=(found,)))
    assert "](" not in run["results"][0]["message"]["text"]
