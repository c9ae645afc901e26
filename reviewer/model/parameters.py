"""The parameters a run sends, and which of them it had to give up."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Any

from reviewer.findings import Note, NoteCode
from reviewer.model.dialects import Parameter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reviewer.model.dialects import Target

TOOLS = Parameter(
    "tools",
    None,  # each request's own
    optional=True,
    # vLLM: `"auto" tool choice requires --enable-auto-tool-choice`; OpenRouter: `support tool use`
    named_by=("tool_choice", "tool choice", "tool use", "tool calls", "tool calling", "function calling"),
    tools="with",
)
"""Stands for the tools of a request: a server that refuses them is not offered any again in this run."""


class Parameters:
    """Shared by all threads of a run: what one of them learns, the others need not."""

    def __init__(self, parameters: Iterable[Parameter]) -> None:
        self._lock = threading.Lock()
        self._current = tuple(parameters)
        self._guessed: list[Parameter] = []
        self._may_guess = True
        self._given_up: list[str] = []

    def current(self) -> tuple[Parameter, ...]:
        """What the next request may send."""
        with self._lock:
            return self._current

    def dropped(self) -> tuple[str, ...]:
        """The names of those given up, in that order."""
        with self._lock:
            return tuple(self._given_up)

    def accepted(self) -> None:
        """A request succeeded: a later error that names no parameter is about something else."""
        with self._lock:
            self._may_guess = False

    def give_up(self, sent: tuple[Parameter, ...], text: str, named: str | None, *, guess: bool) -> bool:
        """Whether to ask again after an error that answered `sent`: something was dropped, here or by another thread.

        `named` is the parameter the error names outright, `text` what it says; with `guess` one is dropped even where
        the error names none, as long as no request of the run has succeeded.
        """
        with self._lock:
            if any(parameter not in self._current for parameter in sent):
                return True
            optional = [p for p in sent if p.optional]
            guilty = next((p for p in optional if p.name == named), None) or next(
                (p for p in optional if _mentions(text, p)), None
            )
            if guilty is not None:
                self._drop(guilty)
                return True
            return guess and self._may_guess and self._guess(optional)

    def _guess(self, optional: list[Parameter]) -> bool:
        if optional:
            self._guessed.append(optional[0])
            self._drop(optional[0])
            return True
        # None of them was guilty: they go back, and nobody guesses again in this run.
        self._may_guess = False
        self._current = (*self._guessed, *self._current)
        self._given_up = [name for name in self._given_up if name not in {p.name for p in self._guessed}]
        return False

    def _drop(self, parameter: Parameter) -> None:
        self._current = tuple(p for p in self._current if p is not parameter)
        self._given_up.append(parameter.name)


def as_body(parameters: Iterable[Parameter]) -> Mapping[str, Any]:
    """Parameters as keys of a request."""
    return {p.name: p.value for p in parameters}


def notes(names: Iterable[str], target: Target) -> tuple[Note, ...]:
    """What the report says about parameters that were dropped."""
    return tuple(_note(name, target) for name in names)


def _note(name: str, target: Target) -> Note:
    data = {"parameter": name, "provider": target.dialect.name, "model": target.model}
    said = f"{target.title} refuses {name} for {target.model}"
    if name == "temperature":
        return Note(NoteCode.TEMPERATURE_DROPPED, f"{said}: the same question may get another answer next time", data)
    return Note(NoteCode.PARAMETER_DROPPED, f"{said}: it was left out", data)


def _mentions(text: str, parameter: Parameter) -> bool:
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) for name in (parameter.name, *parameter.named_by))
