"""A state that leaves room for words in the comment that carries it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reviewer.github.markers import MAX_BODY
from reviewer.github.state import MAX_MARKER, marker
from reviewer.judgement.recognition import MAX_TITLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from reviewer.github.state import State


def fitted(state: State) -> State:
    """What is fixed is left out first, then texts and titles are cut.

    What stands leaves it last. Without all of that, or of the lost paths, nobody knows what to read again: then the
    state is not complete, has no lost paths, and everything is read again.
    """
    for step in _STEPS:
        if len(marker(state)) <= MAX_MARKER:
            break
        state = step(state)
    return state


def _without_fixed(state: State) -> State:
    return replace(state, findings=tuple(each for each in state.findings if each.status != "fixed"))


def _words(most: int) -> Callable[[State], State]:
    return lambda state: replace(
        state, findings=tuple(replace(each, words=each.words[:most]) for each in state.findings)
    )


def _shorter(title: int, lines: int) -> Callable[[State], State]:
    """The first line of a finding is the one that tells where it stands."""
    return lambda state: replace(
        state,
        findings=tuple(replace(each, title=each.title[:title], lines=each.lines[:lines]) for each in state.findings),
    )


def _everything_again(state: State) -> State:
    return replace(state, complete=False, lost=())


def _only(most: int, path: int = MAX_BODY) -> Callable[[State], State]:
    """The worst findings, and none of those in a file with an endless name."""

    def step(state: State) -> State:
        worst = sorted(state.findings, key=lambda each: (each.status != "open", each.severity.rank))
        short = [each for each in worst if len(each.path) <= path]
        return _everything_again(replace(state, findings=tuple(short[:most])))

    return step


_STEPS: tuple[Callable[[State], State], ...] = (
    _without_fixed,
    _words(400),
    _words(0),
    _shorter(60, 3),
    _shorter(40, 1),
    lambda state: _everything_again(state) if state.lost else state,
    _shorter(20, 1),
    _only(400),
    _only(50),
    _only(50, path=MAX_TITLE),
    lambda state: _everything_again(replace(state, again=())),
)
