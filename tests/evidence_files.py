"""What other tools wrote, and chunks for it to be held against."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from changed import added

from reviewer.change import chunks, diff
from reviewer.change.pieces import Chunk
from reviewer.checks import catalogue
from reviewer.errors import Misuse
from reviewer.text.redact import Redactor
from reviewer.text.show import Show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from reviewer.change.change import FileChange

FOLDER = Path(__file__).parent / "evidence"


def show() -> Show:
    """As a review shows a change."""
    return Show(Redactor(catalogue.secret_patterns(catalogue.load())))


def shop() -> tuple[FileChange, ...]:
    """The change that the files in `evidence/` are about."""
    return diff.parse((FOLDER / "shop.diff").read_bytes()).files


def chunked(files: Iterable[FileChange], budget: int = 1_000_000) -> tuple[Chunk, ...]:
    return tuple(chunk for chunk in chunks.pack(files, budget=budget, show=show()) if isinstance(chunk, Chunk))


def chunk_of(path: str, text: str) -> Chunk:
    """A new file."""
    (chunk,) = chunked([added(path, text)])
    return chunk


def refusal(read: Callable[[], object]) -> str:
    """Why a reader does not take what it is given; empty where it does. Anything but `Misuse` is a bug."""
    try:
        read()
    except Misuse as error:
        return str(error)
    return ""


def log(*results: object, tool: str = "Tool", rules: object = (), **run: Any) -> bytes:
    """A SARIF file of one run."""
    driver = {"name": tool, "rules": list(rules) if isinstance(rules, tuple | list) else rules}
    return json.dumps({"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results, **run}]}).encode()


def result(text: str = "It is wrong.", uri: str = "src/a.py", line: int | None = 1, **more: Any) -> dict[str, Any]:
    """A result in one line of one file; `more` are its further properties, `region` those of its region."""
    region = {"region": {"startLine": line, **more.pop("region", {})}} if line else {}
    place = {"artifactLocation": {"uri": uri}, **region}
    return {"message": {"text": text}, "locations": [{"physicalLocation": place}], **more}
