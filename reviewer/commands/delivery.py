"""Where a report goes: standard output in one format, files in theirs."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.commands import files
from reviewer.errors import Misuse
from reviewer.findings import Note, NoteCode
from reviewer.judgement import verdict
from reviewer.outputs import registry
from reviewer.outputs.look import Look

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from reviewer.findings import Report
    from reviewer.outputs.registry import Render

_WAYS = {errno.ENOSPC: "make room", errno.EDQUOT: "make room", errno.EBADF: "leave it open"}
"""Out of what stopped us, where there is one."""


@dataclass(frozen=True, slots=True)
class Output:
    """A file and its format."""

    path: Path
    render: Render


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Where the report goes, and in which formats."""
    parser.add_argument(
        "--format",
        default="text",
        metavar="FORMAT",
        help=f"of standard output: {', '.join(registry.FORMATS)} (default: text)",
    )
    parser.add_argument(
        "--output",
        action="append",
        default=[],
        metavar="[FORMAT=]FILE",
        help=f"also write the report to FILE; its suffix names the format ({', '.join(registry.SUFFIXES)}). Repeatable",
    )


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


def inside(outputs: Sequence[Output], root: Path) -> list[str]:
    """The files among them that lie below `root`, as paths from there."""
    top = root.resolve()
    places = (output.path.resolve() for output in outputs)
    return [place.relative_to(top).as_posix() for place in places if top in place.parents]


def look() -> Look:
    """Colour on a terminal that wants it (NO_COLOR, FORCE_COLOR and TERM are honoured), as wide as it is."""
    forced = bool(os.environ.get("FORCE_COLOR"))
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    columns = shutil.get_terminal_size((100, 24)).columns
    return Look(width=min(columns, 120), colour=forced or (_is_terminal() and not plain))


def _is_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def deliver(report: Report, stdout: Render, outputs: list[Output]) -> None:
    """Files first, so that trouble with standard output loses nothing; raises `Undelivered`.

    A reader that goes away (`| head`) has read what it wanted: that is no failure, and the verdict stands.
    """
    failures = [(str(output.path), error) for output in outputs if (error := _write(report, output))]
    try:
        _print(stdout(report, look()))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter complains when it ends
    except OSError as error:
        failures.append(("standard output", error))
    if failures:
        lost = "; ".join(f"{place}: {error.strerror}" for place, error in failures)
        ways = {_WAYS[error.errno]: None for _, error in failures if error.errno in _WAYS}
        way = ", or ".join([*ways, "write it elsewhere with --output"])
        raise verdict.undelivered(report, f"the report could not be written to {lost}; {way}")


def cut_short(report: Report, interrupt: KeyboardInterrupt, place: str) -> Report:
    """With what is to be said where an interrupt came while it was posted to `place`; nobody knows how far it got."""
    why = f"the posting was cut short: what is missing on {place} is posted when it is run again, and nothing twice"
    notes = (Note(NoteCode.NOT_POSTED, why), verdict.interrupted(interrupt, " while it was posted"))
    return replace(report, notes=(*report.notes, *notes))


def _print(page: str) -> None:
    """What the encoding of standard output cannot show is shown escaped; raises `OSError`."""
    out = sys.stdout
    if out is None or out.closed:  # it was closed by whoever started us
        raise OSError(errno.EBADF, "it is closed")
    out.write(page.encode(out.encoding or "utf-8", "backslashreplace").decode(out.encoding or "utf-8"))
    out.flush()


def _write(report: Report, output: Output) -> OSError | None:
    """What went wrong, if anything did. A regular file is whole or as it was; a pipe or device is written to."""
    page = output.render(report, Look())
    try:
        if output.path.exists() and not output.path.is_file():
            output.path.write_text(page, encoding="utf-8")
        else:
            files.replace(output.path.resolve(), page)
    except OSError as error:
        return error
    return None
