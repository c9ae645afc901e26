"""How severe a finding may be that cites a rule pack."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from reviewer.findings import Claim, Finding, Origin

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewer.rules.packs import Pack

Said = TypeVar("Said", Claim, Finding)

_CITED = re.compile(r"[#\s`\"']*([a-z0-9-]+)[`\"']?\s*(?:[/:].*)?", re.DOTALL)
"""`python`, `## python`, `python/mutable default`: a pack's name, and perhaps which of its rules."""


def capped(said: Said, packs: Iterable[Pack]) -> Said:
    """`said`, no more severe than the pack its `rule` names allows. Checks and tools have rules of their own."""
    if said.origin is not Origin.MODEL or said.rule is None:
        return said
    cited = _CITED.fullmatch(said.rule.lower())
    cap = next((pack.severity for pack in packs if cited and pack.name == cited[1]), None)
    return said if cap is None or cap.reaches(said.severity) else replace(said, severity=cap)
