"""The draft once it is known how the posting went: what has no comment after all is said in the summary."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reviewer.github import bodies, conclusion, state, summary
from reviewer.github.fitting import fitted
from reviewer.github.summary import Aftermath

if TYPE_CHECKING:
    from collections.abc import Collection

    from reviewer.github.draft import Draft
    from reviewer.github.state import State


def amended(draft: Draft, head: str, *, stale: Collection[str], refused: Collection[str]) -> Draft:
    """Its summary, the state in that, and its check. `stale` and `refused`: ids of findings, by why they have no
    comment; `head` is what the pull request has by now.
    """
    moved = None if head == draft.commit else head
    remembered = state.parse(draft.summary)
    if remembered is None or not (stale or refused or moved):
        return draft
    current = _with_words(remembered, draft, {*stale, *refused})
    marker = state.marker(current)
    room = bodies.MAX - len(marker) - 2
    words = summary.text(draft.report, draft.commented, room, Aftermath(moved, stale, refused))
    check = replace(draft.check, summary=words)
    return replace(
        draft,
        summary=f"{words}\n\n{marker}",
        summary_changed=True,
        check=conclusion.identified(check, current, draft.number),
    )


def _with_words(current: State, draft: Draft, silent: Collection[str]) -> State:
    """No comment will remember what these findings say."""
    said = {each.fingerprint: state.words(each) for each in draft.report.findings if each.fingerprint in silent}
    return fitted(replace(current, findings=tuple(
        replace(each, words=said.get(each.id, each.words)) for each in current.findings
    )))  # fmt: skip
