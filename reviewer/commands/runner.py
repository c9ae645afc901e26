"""How a step speaks to the GitHub Actions runner: commands in the log, and the files it names in the environment."""

from __future__ import annotations

import os
import secrets
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.errors import Undelivered
from reviewer.text import sanitise

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_SUMMARY_BYTES = 1024 * 1024
"""Of one step: GitHub shows nothing at all of a larger one."""
_CUT = "\n\n(cut here: a job summary holds 1 MiB; the report that the step's output `report` names is whole)\n"


def say(text: str) -> None:
    """One line for people, whatever is in it."""
    _write(sanitise.log(text))


def notice(text: str) -> None:
    """A line that also stands on the run's page."""
    _write(f"::notice title=reviewer::{_message(text)}")


def error(text: str) -> None:
    """A line in red, on the run's page too."""
    _write(f"::error title=reviewer::{_message(text)}")


@contextmanager
def group(title: str) -> Iterator[None]:
    """What is printed meanwhile is folded away under `title`."""
    _write(f"::group::{_message(title)}")
    yield
    _write("::endgroup::")


@contextmanager
def deaf() -> Iterator[None]:
    """The runner obeys nothing that is printed meanwhile. It stays so after a bug: a traceback may quote anybody."""
    token = secrets.token_hex(16)
    _write(f"::stop-commands::{token}")
    yield
    _write(f"::{token}::")


def output(name: str, value: object) -> None:
    """An output of the step; the last value of a name counts. No value can end its own heredoc."""
    end = f"end_{secrets.token_hex(16)}"
    _append("GITHUB_OUTPUT", f"{name}<<{end}\n{value}\n{end}\n".encode())


def summary(markdown: str) -> None:
    """Adds to the job summary what still fits."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    data = markdown.encode()
    room = MAX_SUMMARY_BYTES - (Path(path).stat().st_size if Path(path).exists() else 0)
    if len(data) > room:
        data = data[: max(0, room - len(_CUT.encode()))]
        data = data[: data.rfind(b"\n") + 1] + _CUT.encode() if data else b""
    _append("GITHUB_STEP_SUMMARY", data)


def _message(text: str) -> str:
    """Escaped as https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts does it."""
    return sanitise.log(text).replace("%", "%25")


def _append(variable: str, data: bytes) -> None:
    """Nowhere, where the runner names no file: on a person's own machine."""
    if path := os.environ.get(variable):
        try:
            with Path(path).open("ab") as file:
                file.write(data)
        except OSError as error:
            said = f"the file {path} of {variable} cannot be written to: {error.strerror}"
            raise Undelivered(f"{said}; make room on the runner") from error


def _write(line: str) -> None:
    """At once: what is written to standard error next must not overtake it."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
