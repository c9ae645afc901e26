from __future__ import annotations

import json
from typing import Any

import pytest
from evidence_files import log, result

from reviewer.context.sarif import document
from reviewer.findings import Category, Confidence, Severity


def only(written: dict[str, Any], tool: str = "Tool", rules: object = (), **run: Any) -> document.Result:
    (found,) = document.read(log(written, tool=tool, rules=rules, **run), "x.sarif")
    return found.results[0]


@pytest.mark.parametrize(
    ("more", "rule", "severity"),
    [
        ({}, {}, Severity.MEDIUM),
        ({"level": "error"}, {}, Severity.HIGH),
        ({"level": "warning"}, {}, Severity.MEDIUM),
        ({"level": "note"}, {}, Severity.LOW),
        ({"level": "none"}, {}, Severity.LOW),
        ({"level": "terrible"}, {}, Severity.LOW),
        ({"level": "error", "kind": "open"}, {}, Severity.LOW),
        ({}, {"defaultConfiguration": {"level": "error"}}, Severity.HIGH),
        ({"level": "note"}, {"defaultConfiguration": {"level": "error"}}, Severity.LOW),
        ({"level": "error"}, {"properties": {"tags": ["style"]}}, Severity.MEDIUM),
        ({"level": "warning"}, {"properties": {"tags": ["style"]}}, Severity.LOW),
        ({}, {"properties": {"security-severity": "9.1"}}, Severity.CRITICAL),
        ({}, {"properties": {"security-severity": 7}}, Severity.HIGH),
        ({"level": "error"}, {"properties": {"security-severity": "5.0"}}, Severity.MEDIUM),
        ({"level": "error"}, {"properties": {"security-severity": "0.1"}}, Severity.LOW),
        ({"properties": {"security-severity": "9.9"}}, {"properties": {"security-severity": "1"}}, Severity.CRITICAL),
        ({}, {"properties": {"security-severity": "0.0"}}, Severity.MEDIUM),
        ({}, {"properties": {"security-severity": "NaN"}}, Severity.MEDIUM),
        ({}, {"properties": {"security-severity": "bad"}}, Severity.MEDIUM),
        ({}, {"properties": {"security-severity": 10**400}}, Severity.MEDIUM),
        ({}, {"properties": {"security-severity": True}}, Severity.MEDIUM),
    ],
)
def test_how_bad(more: dict[str, Any], rule: dict[str, Any], severity: Severity) -> None:
    assert only(result(ruleId="R1", **more), rules=[{"id": "R1", **rule}]).severity is severity


@pytest.mark.parametrize(
    ("tool", "rule", "properties", "category"),
    [
        ("X", "R1", {"tags": ["external/cwe/cwe-079"]}, Category.SECURITY),
        ("X", "R1", {"tags": ["maintainability", "security"]}, Category.SECURITY),
        ("X", "R1", {"security-severity": "4.0"}, Category.SECURITY),
        ("X", "R1", {"tags": ["efficiency"]}, Category.PERFORMANCE),
        ("X", "R1", {"tags": ["readability"]}, Category.MAINTAINABILITY),
        ("X", "R1", {"tags": ["Documentation"]}, Category.DOCUMENTATION),
        ("X", "R1", {"tags": ["testing"]}, Category.TESTS),
        ("X", "R1", {"category": "Stylistic Issues"}, Category.STYLE),
        ("X", "R1", {"tags": ["correctness"]}, Category.BUG),
        ("X", "R1", {"tags": "security"}, Category.BUG),
        ("X", "R1", {}, Category.BUG),
        ("gosec", "G101", {}, Category.SECURITY),
        ("ESLint", "eqeqeq", {}, Category.MAINTAINABILITY),
        ("ruff", "F821", {}, Category.BUG),
        ("ruff", "F401", {}, Category.MAINTAINABILITY),
        ("ruff", "S105", {}, Category.SECURITY),
        ("ruff", "PERF401", {}, Category.PERFORMANCE),
        ("ruff", "PT001", {}, Category.TESTS),
        ("ruff", "D100", {}, Category.DOCUMENTATION),
        ("flake8", "E501", {}, Category.STYLE),
        ("ruff", "RUF100", {}, Category.MAINTAINABILITY),
        ("X", "F821", {}, Category.BUG),
    ],
)
def test_what_kind(tool: str, rule: str, properties: dict[str, Any], category: Category) -> None:
    rules = [{"id": rule, "properties": properties}]
    assert only(result(ruleId=rule), tool=tool, rules=rules).category is category


@pytest.mark.parametrize(
    ("more", "precision", "confidence"),
    [
        ({}, None, Confidence.HIGH),
        ({}, "very-high", Confidence.HIGH),
        ({}, "medium", Confidence.MEDIUM),
        ({}, "low", Confidence.LOW),
        ({"properties": {"issue_confidence": "MEDIUM"}}, "high", Confidence.MEDIUM),
        ({"kind": "review"}, "high", Confidence.LOW),
    ],
)
def test_how_sure(more: dict[str, Any], precision: str | None, confidence: Confidence) -> None:
    rules = [{"id": "R1", "properties": {"precision": precision}}]
    assert only(result(ruleId="R1", **more), rules=rules).confidence is confidence


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"ruleId": "R2"}, "tool/R2"),
        ({"rule": {"id": "R2"}}, "tool/R2"),
        ({"ruleIndex": 1}, "tool/R2"),
        ({"rule": {"index": 1}}, "tool/R2"),
        ({"ruleIndex": 0, "ruleId": "R2"}, "tool/R2"),
        ({"ruleId": "R2/deep"}, "tool/R2/deep"),
        ({"ruleId": "R2/deep", "ruleIndex": 1}, "tool/R2/deep"),
        ({"rule": {"index": 0, "toolComponent": {"index": 0}}}, "tool/X2"),
        ({"rule": {"index": 0, "toolComponent": {"index": 9}}}, "tool"),
        ({"ruleIndex": -1}, "tool"),
        ({"ruleIndex": 99}, "tool"),
        ({}, "tool"),
        ({"ruleId": "a b\n`<!--\u202e"}, "tool/a-b---"),
        ({"ruleId": "x" * 5_000}, "tool/" + "x" * 95),
        ({"ruleId": "tool/R9"}, "tool/R9"),
    ],
)
def test_which_rule(more: dict[str, Any], name: str) -> None:
    rules = [{"id": "R1"}, {"id": "R2", "defaultConfiguration": {"level": "error"}}]
    tool = {"driver": {"name": "Tool", "rules": rules}, "extensions": [{"rules": [{"id": "X2"}]}]}
    data = {"version": "2.1.0", "runs": [{"tool": tool, "results": [result() | more]}]}
    (run,) = document.read(json.dumps(data).encode(), "x.sarif")
    (found,) = run.results
    assert found.rule.rstrip("-") == name.rstrip("-")
    assert (found.severity is Severity.HIGH) == name.startswith("tool/R2")


@pytest.mark.parametrize(
    ("written", "name"), [("Semgrep OSS", "semgrep-oss"), ("\u202e##[x]", "x"), ("", "tool"), (7, "tool")]
)
def test_how_a_tool_is_named(written: Any, name: str) -> None:
    (run,) = document.read(log(tool=written), "x.sarif")
    assert run.tool == name
