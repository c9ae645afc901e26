"""The built-in checks: data files read once into frozen values."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from reviewer.change.globs import Globs
from reviewer.findings import Category, Confidence, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing to look for: a text rule (`regex`), a syntax rule (`rule`, for each of `languages`), or a change of
    these files at all (`touched`); one of the three.

    A text rule with `then` matches a run of lines: the opening one, then a line for each step in order, at most
    `within` lines in all. A match whose secret (or whole text) holds `unless` is none.
    """

    id: str
    title: str
    body: str
    severity: Severity
    category: Category
    confidence: Confidence
    keywords: tuple[str, ...] = ()
    """One of them stands in every line where a match begins; none: it can begin in any line."""
    non_ascii: bool = False
    """Only a line with a character beyond ASCII can match."""
    languages: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    """Globs in gitignore syntax; none: every path."""
    regex: re.Pattern[str] | None = None
    then: tuple[re.Pattern[str], ...] = ()
    within: int = 0
    unless: re.Pattern[str] | None = None
    names: bool = False
    """A text rule is looked for in the name of the file too."""
    unfenced: bool = False
    """In a page of prose, what stands between fences is an example, where this is not looked for."""
    secret: bool = False
    general: bool = False
    """Of a secret: says nothing of a line on which another check knows it by its form."""
    touched: bool = False
    """Whatever is done to one of `paths` counts, its deletion too: one claim about the file as a whole."""
    mentions: re.Pattern[str] | None = None
    """Of a touched file: what must stand in it, before the change or after it."""
    rule: Mapping[str, Any] | None = None
    match: tuple[str, ...] = ()
    no_match: tuple[str, ...] = ()

    def applies_to(self, path: str, language: str | None) -> bool:
        """Whether a file of this name and language is looked at."""
        if self.languages and language not in self.languages:
            return False
        return not self.paths or _globs(self.paths).match(path) is not None

    def may_match(self, text: str) -> bool:
        """Whether a match can begin in some line of `text`: a search for words, far cheaper than the rule."""
        if self.non_ascii and text.isascii():
            return False
        for keyword in self.keywords:  # `any` takes twice as long, and this is most of what checks take
            if keyword in text:
                return True
        return not self.keywords

    def doubted(self) -> Check:
        """The same check, one step less sure of itself."""
        steps = list(Confidence)
        return replace(self, confidence=steps[min(steps.index(self.confidence) + 1, len(steps) - 1)])


@cache
def load() -> tuple[Check, ...]:
    """Every built-in check, in the order of the data files' names."""
    files = sorted((resources.files("reviewer.checks") / "data").iterdir(), key=lambda file: file.name)
    return tuple(check for file in files if file.name.endswith(".toml") for check in read(file.read_text("utf-8")))


def read(text: str) -> tuple[Check, ...]:
    """The checks of one data file: `[[check]]` tables over the file's `[defaults]`."""
    data = tomllib.loads(text)
    return tuple(_check({**data.get("defaults", {}), **table}) for table in data["check"])


def secret_patterns(checks: Iterable[Check]) -> tuple[re.Pattern[str], ...]:
    """What finds a credential within a line: the group `secret` or the whole match (key blocks are `redact`'s own)."""
    return tuple(check.regex for check in checks if check.secret and check.regex and not check.then)


def _check(table: Mapping[str, Any]) -> Check:
    lists = ("keywords", "languages", "paths", "match", "no_match")
    converted = {
        "severity": Severity(table["severity"]),
        "category": Category(table["category"]),
        "confidence": Confidence(table["confidence"]),
        "then": tuple(re.compile(step) for step in table.get("then", ())),
        **{name: re.compile(table[name]) for name in ("regex", "unless", "mentions") if name in table},
        **{name: tuple(table[name]) for name in lists if name in table},
    }
    return Check(**{**table, **converted})


@cache
def _globs(paths: tuple[str, ...]) -> Globs:
    return Globs("paths", paths)
