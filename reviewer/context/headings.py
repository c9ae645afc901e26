"""What a heading of a guide says about the section under it, for somebody who reviews."""

from __future__ import annotations

import re

FIRST = 0
"""Every reviewer should know it."""
NEAR = 1
"""It does not tell, but stands in the guide of the very folder."""
LATER = 2
"""It does not tell."""
NOT = 3
"""It is for somebody else: whoever installs, reports, joins."""

_NEVER = re.compile(
    r"\b(?:table of contents|contents|toc|code of conduct|licen[cs]e|licensing|cla|contributors|acknowledge?ments?"
    r"|credits|sponsors?|donat\w+|funding|badges?|contact|community|getting help|need help|questions"
    r"|report\w* (?:a |an |new )?(?:\w+ )?(?:bugs?|issues?|vulnerabilit\w+|problems?)|(?:bug|issue) reports?"
    r"|feature requests?|suggesting \w+)\b",
    re.IGNORECASE,
)
_REVIEW = re.compile(
    r"\b(?:review\w*|styles?|styling|conventions?|guidelines?|guides?|standards?|rules?|principles?|practices?|patterns?"
    r"|architecture|layers?|boundar\w+|invariants?|naming|formatting|lint\w*|types?|typing|tests?|testing|coverage|secur\w+"
    r"|secrets?|privacy|permissions?|errors?|exceptions?|logging|performance|concurrency|threads?|async|database"
    r"|migrations?|apis?|compatib\w+|deprecat\w+|dependenc\w+|comments?|quality|gotchas?|pitfalls?|caveats?|mistakes"
    r"|important|must|never|always|do not|don'?ts?|avoid|accessibility)\b",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"\b(?:install\w*|set[- ]?up|setting up|getting started|quick ?start|prerequisites?|commands?|how to build|building"
    r"|fork\w*|clon(?:e|ing)|releas(?:es?|ing)|publishing|changelog|roadmap|useful links)\b",
    re.IGNORECASE,
)


def rank(title: str) -> int | None:
    """`FIRST` or `NOT`; null where the heading tells neither."""
    title = title[:200]
    if _NEVER.search(title):
        return NOT
    if _REVIEW.search(title):
        return FIRST
    return NOT if _OTHERS.search(title) else None
