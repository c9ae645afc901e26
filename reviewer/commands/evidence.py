"""`--evidence FILE`: what other tools found, read from files that are told apart by what is in them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.errors import Misuse

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from reviewer.context.coverage import Measured
    from reviewer.context.evidence import Documents
    from reviewer.context.sarif.document import Run

MAX_FILES, MAX_BYTES = 50, 32 * 1024 * 1024

_KINDS = (
    "give SARIF 2.1.0 (`ruff check --output-format sarif`), Cobertura XML (`coverage xml`) or lcov (`coverage lcov`)"
)
_MARKS = b"\xef\xbb\xbf\xff\xfe \t\r\n\0"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_LCOV = re.compile(rb"^(?:TN|SF):", re.MULTILINE)


def add_flag(parser: argparse.ArgumentParser) -> None:
    """The flag, as every command that reviews has it."""
    parser.add_argument(
        "--evidence",
        action="append",
        default=[],
        metavar="FILE",
        help="what another tool found: SARIF, or coverage as Cobertura XML or lcov. May be repeated",
    )


def read(names: Sequence[str], root: Path | None = None) -> Documents:
    """The files, parsed; one that cannot be used raises `Misuse`. `root` is where the repository is checked out."""
    from reviewer.context import coverage
    from reviewer.context.evidence import Documents
    from reviewer.context.places import normal
    from reviewer.context.sarif import document

    distinct = tuple(dict.fromkeys(names))
    if len(distinct) > MAX_FILES:
        raise Misuse(f"{len(distinct)} evidence files: at most {MAX_FILES} are read; merge some of them")
    runs: list[Run] = []
    measured: list[Measured] = []
    for name in distinct:
        data = _bytes(name)
        start = data[:4096].replace(b"\0", b"").lstrip(_MARKS)
        if not start:
            raise Misuse(f"{name} is empty: {_KINDS}")
        if start.startswith((b"{", b"[")):
            runs += document.read(data, name)
        elif start.startswith(b"<"):
            measured.append(coverage.cobertura(data, name))
        elif _LCOV.search(start):
            measured.append(coverage.lcov(_plain(data), name))
        else:
            raise Misuse(f"{name} is no evidence that can be read: {_KINDS}")
    return Documents(tuple(runs), tuple(measured), () if root is None else (normal(str(root.resolve())),))


def _bytes(name: str) -> bytes:
    if not name:
        raise Misuse("--evidence names no file")
    try:
        with Path(name).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # the latter: a name with a NUL
        raise Misuse(f"{name} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if len(data) > MAX_BYTES:
        raise Misuse(f"{name} is larger than {MAX_BYTES >> 20} MiB: give it in parts, or only what is about the change")
    return data


def _plain(data: bytes) -> bytes:
    """PowerShell's `>` writes UTF-16."""
    return data.decode("utf-16", "replace").encode() if data.startswith(_UTF16) else data
