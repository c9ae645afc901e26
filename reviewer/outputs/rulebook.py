"""What a finding's rule is called and what it is about, for formats that describe their rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.checks import catalogue
from reviewer.findings import Category, Origin
from reviewer.rules import packs
from reviewer.text.sanitise import reveal

if TYPE_CHECKING:
    from reviewer.findings import Finding

MOST = 1_000
"""Characters of a help text; the packs are written for a model and say it at length."""

_ABOUT = {
    Category.BUG: "A wrong result, a crash or lost data in some case that can happen.",
    Category.SECURITY: "Something that somebody with bad intentions could use.",
    Category.PERFORMANCE: "More time, memory or requests than the work needs.",
    Category.MAINTAINABILITY: "Code that will be hard to change or to understand.",
    Category.TESTS: "Behaviour that no test holds, or a test that proves nothing.",
    Category.DOCUMENTATION: "Words that are missing or not true any more.",
    Category.STYLE: "Against the conventions of the code around it.",
}
_WORD = re.compile(r"[A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Words:
    """A rule's name in one word, its title in one line, and its help. `security`: it is about that."""

    name: str
    title: str
    help: str
    security: bool


def described(finding: Finding) -> Words:
    """A check by its catalogue, a rule pack by its title, anything else by its category."""
    rule = finding.rule or ""
    check = _checks().get(rule) if finding.origin is Origin.CHECK else None
    if check is not None:
        return Words(_name(rule), check.title, check.body, check.category is Category.SECURITY)
    about = _ABOUT[finding.category]
    pack = _packs().get(rule) if finding.origin is Origin.MODEL else None
    if pack is not None:
        return Words(_name(rule), pack.title, f"{about}\n\n{pack.body}"[:MOST], rule == "security")
    title = f"{finding.category}: {rule}" if rule else str(finding.category)
    return Words(_name(rule or finding.category), reveal(title), about, finding.category is Category.SECURITY)


def _checks() -> dict[str, catalogue.Check]:
    return {check.id: check for check in catalogue.load()}


def _packs() -> dict[str, packs.Pack]:
    return {pack.name: pack for pack in packs.shipped()}


def _name(rule: str) -> str:
    """`python.swallowed-exception` → `PythonSwallowedException`."""
    return "".join(word[:1].upper() + word[1:] for word in _WORD.findall(rule)) or "Rule"
