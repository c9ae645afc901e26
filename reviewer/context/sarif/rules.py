"""What a tool's rule says of its results: how bad, what kind, how sure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.context.sarif.values import at, inside, rows, table, text
from reviewer.findings import Category, Confidence, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_TAGS, MAX_NAME, MAX_RULE = 50, 60, 100

_SCORES = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM), (0.0, Severity.LOW))
"""GitHub's steps of `security-severity`, a CVSS score."""
_GRAVE = {"error": Severity.HIGH, "warning": Severity.MEDIUM}
_MILD = {"error": Severity.MEDIUM}
"""A linter calls everything an error: where it is about style, its word weighs a step less."""
_SURE = {
    "very-high": Confidence.HIGH, "high": Confidence.HIGH, "medium": Confidence.MEDIUM, "low": Confidence.LOW,
}  # fmt: skip
_TAGS = (
    (re.compile(r"security|\bcwe\b|owasp|vulnerab|injection|secret"), Category.SECURITY),
    (re.compile(r"performance|efficiency"), Category.PERFORMANCE),
    (re.compile(r"documentation|\bdoc(s|string)?\b"), Category.DOCUMENTATION),
    (re.compile(r"\btest(s|ing)?\b"), Category.TESTS),
    (re.compile(r"styl(e|istic)|format|layout|naming"), Category.STYLE),
    (re.compile(r"maintainab|readab|complexity|unused|dead.?code|best practices|variables"), Category.MAINTAINABILITY),
    (re.compile(r"correctness|reliability|possible errors|\b(bug|error|problem)s?\b"), Category.BUG),
)
_CODES = (
    (re.compile(r"F(401|541|841)"), Category.MAINTAINABILITY),
    (re.compile(r"(F|E9|B|PLE|ASYNC|DTZ)\d+"), Category.BUG),
    (re.compile(r"S\d{3}"), Category.SECURITY),
    (re.compile(r"(PERF|FURB)\d+"), Category.PERFORMANCE),
    (re.compile(r"PT\d+"), Category.TESTS),
    (re.compile(r"(D|DOC)\d+"), Category.DOCUMENTATION),
    (re.compile(r"(E|W|I|N|Q|COM|ISC|UP)\d+"), Category.STYLE),
)
"""The families of codes that ruff, flake8 and their plugins share."""
_PYTHON = frozenset({"ruff", "flake8", "pycodestyle", "pyflakes"})
_TOOLS = {
    **dict.fromkeys(
        ("bandit", "brakeman", "checkov", "gitleaks", "gosec", "grype", "snyk", "tfsec", "trivy", "zizmor"),
        Category.SECURITY,
    ),
    **dict.fromkeys(
        ("eslint", "flake8", "golangci-lint", "pylint", "rubocop", "ruff", "shellcheck"), Category.MAINTAINABILITY
    ),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as its tool describes it; `data` may be empty: nothing need be described."""

    id: str
    data: Mapping[str, object]

    @property
    def properties(self) -> Mapping[str, object]:
        """Whatever the tool adds to the standard."""
        return table(self.data.get("properties"))


class Rules:
    """The rules of one run, those of the tool's extensions too."""

    def __init__(self, tool: Mapping[str, object]) -> None:
        self._driver = table(tool.get("driver"))
        self._extensions = rows(tool.get("extensions"))
        every = [self._driver, *(table(extension) for extension in self._extensions)]
        described = [table(rule) for component in every for rule in rows(component.get("rules"))]
        self._by_id = {text(rule.get("id"), MAX_RULE): rule for rule in reversed(described)}

    def of(self, result: Mapping[str, object]) -> Rule:
        """By index where the result has one, else by its id; `CA1000/1` is a case of the rule `CA1000`."""
        reference = table(result.get("rule"))
        named = text(result.get("ruleId") or reference.get("id"), MAX_RULE)
        component = self._driver
        part = table(reference.get("toolComponent"))
        if "index" in part:
            component = at(self._extensions, part.get("index"))
        index = reference.get("index", result.get("ruleIndex"))
        data = at(rows(component.get("rules")), index)
        own = text(data.get("id"), MAX_RULE)
        if not data or (named and own not in (named, named.rpartition("/")[0])):
            data = self._by_id.get(named) or self._by_id.get(named.rpartition("/")[0]) or {}
        return Rule(named or own, data)

    def message(self, rule: Rule, name: str) -> Mapping[str, object]:
        """The text that a result names instead of saying it."""
        return inside(rule.data, "messageStrings", name) or inside(self._driver, "globalMessageStrings", name)


def severity(result: Mapping[str, object], rule: Rule, category: Category) -> Severity:
    """By the score of security tools, else by the level."""
    for properties in (table(result.get("properties")), rule.properties):
        score = _score(properties.get("security-severity"))
        if score is not None:
            return next(step for bar, step in _SCORES if score >= bar)
    level = text(result.get("level")) or text(inside(rule.data, "defaultConfiguration").get("level")) or "warning"
    if text(result.get("kind")) not in ("", "fail"):
        level = "none"
    steps = _GRAVE if category in (Category.BUG, Category.SECURITY) else _MILD
    return steps.get(level, Severity.LOW)


def category(result: Mapping[str, object], rule: Rule, tool: str) -> Category:
    """By the tags, by the family of the code, by the tool."""
    tags: list[object] = []
    for properties in (table(result.get("properties")), rule.properties):
        if _score(properties.get("security-severity")) is not None:
            return Category.SECURITY
        tags += [*rows(properties.get("tags"))[:MAX_TAGS], properties.get("category")]
    words = [text(tag, MAX_NAME).lower() for tag in tags]
    for pattern, kind in _TAGS:
        if any(pattern.search(word) for word in words):
            return kind
    if tool in _PYTHON:
        for pattern, kind in _CODES:
            if pattern.fullmatch(rule.id):
                return kind
    return _TOOLS.get(tool, Category.BUG)


def confidence(result: Mapping[str, object], rule: Rule) -> Confidence:
    """By the rule's precision; what a person is to look at first is not sure."""
    if text(result.get("kind")) in ("open", "review"):
        return Confidence.LOW
    said = table(result.get("properties")).get("issue_confidence") or rule.properties.get("precision")
    return _SURE.get(text(said).lower(), Confidence.HIGH)


def name(tool: str, rule: str) -> str:
    """`tool/rule`, in letters that are safe everywhere; the tool alone where the rule has no name."""
    own = rule.removeprefix(f"{tool}/")
    return "/".join(part for part in (tool, _safe(own)) if part)[:MAX_RULE]


def tool_name(driver: Mapping[str, object]) -> str:
    """`semgrep-oss`: how a tool is named in rules and notes."""
    return _safe(text(driver.get("name"), MAX_NAME).lower()) or "tool"


def _safe(written: str) -> str:
    return re.sub(r"[^A-Za-z0-9._@/:+-]+", "-", written).strip("-/")


def _score(value: object) -> float | None:
    """A CVSS score, written as a number or a string; zero says that nobody scored it."""
    written = text(value, MAX_NAME) if isinstance(value, str) else value
    try:
        score = float(written) if isinstance(written, str | int | float) and not isinstance(written, bool) else 0.0
    except (ValueError, OverflowError):
        return None
    return score if 0.0 < score <= 10.0 else None
