"""Whether what our summary remembers is borne out.

Every workflow of a repository may speak with our name, and one that repeats text of a pull request can be made to post
a state. It cannot be made to give a check run the id that goes with that state.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reviewer.github import checkrun
from reviewer.github.conclusion import bears_out

if TYPE_CHECKING:
    from reviewer.github.client import Client
    from reviewer.github.pull import PullRequest
    from reviewer.github.threads import Existing

MOST = 5
"""Comments that are tried; each may take a request."""


def corroborated(client: Client, pull: PullRequest, existing: Existing) -> Existing:
    """With the first summary that a check run of ours bears out; where none is, with the oldest, as it is."""
    if existing.summary is None or not is_app(existing.viewer):
        return existing
    asked: dict[str, list[checkrun.Run]] = {}
    there = (existing.summary, *existing.others)
    for at, summary in enumerate(there[:MOST]):
        commit = summary.state.head
        if commit not in asked:
            made = checkrun.runs(client, pull.repository, commit, existing.viewer or "")
            if made is None:
                return existing
            asked[commit] = made
        # The newest of this state: another pull request may have the same head, and checks of its own on it.
        ids = (run.external_id for run in asked[commit])
        check = next((name for name in ids if bears_out(name, summary.state, pull.number)), None)
        if check is not None:
            others = (*there[:at], *there[at + 1 :])
            return replace(existing, summary=replace(summary, borne_out=True), others=others, check=check)
    return replace(existing, check="")


def is_app(viewer: str | None) -> bool:
    """Only apps, of which the token of a workflow is one, make check runs."""
    return viewer is not None and viewer.endswith("[bot]")
