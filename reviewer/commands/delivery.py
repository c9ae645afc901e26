"""Where a report goes: standard output in one format, files in theirs."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.errors import Misuse, Undelivered
from reviewer.outputs import registry
from reviewer.outputs.look import Look

if TYPE_CHECKING:
    from reviewer.findings import Report
    from reviewer.outputs.registry import Render


@dataclass(frozen=True, slots=True)
class Output:
    """A file and its format."""

    path: Path
    render: Render


def parse(written: str) -> Output:
    """`FILE` with a telling suffix, or `FORMAT=FILE`; what cannot be written later is `Misuse` now."""
    name, equals, rest = written.partition("=")
    if equals and name.isalnum():
        path, render = Path(rest), registry.renderer(name)
    else:
        path = Path(written)
        if path.suffix not in registry.SUFFIXES:
            raise Misuse(f"--output {written}: its suffix names no format; write FORMAT=FILE, such as json={written}")
        render = registry.renderer(registry.SUFFIXES[path.suffix])
    if not path.name or path.is_dir() or not path.parent.is_dir():
        raise Misuse(f"--output {written}: {path} is no file in an existing folder")
    return Output(path, render)


def look() -> Look:
    """Colour on a terminal that wants it (NO_COLOR, FORCE_COLOR and TERM are honoured), as wide as it is."""
    forced = bool(os.environ.get("FORCE_COLOR"))
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    columns = shutil.get_terminal_size((100, 24)).columns
    return Look(width=min(columns, 120), colour=forced or (sys.stdout.isatty() and not plain))


def deliver(report: Report, stdout: Render, outputs: list[Output]) -> None:
    """Files first, so that a reader of standard output that goes away loses nothing; raises `Undelivered`."""
    failures = [failure for output in outputs if (failure := _write(report, output))]
    sys.stdout.write(stdout(report, look()))
    sys.stdout.flush()
    if failures:
        raise Undelivered("; ".join(failures))


def _write(report: Report, output: Output) -> str | None:
    """What went wrong, if anything did; the file is whole or as it was."""
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=output.path.parent, delete=False) as file:
            file.write(output.render(report, Look()))
        Path(file.name).chmod(0o644)
        Path(file.name).replace(output.path)
    except OSError as error:
        return f"{output.path} could not be written: {error.strerror}"
    return None
