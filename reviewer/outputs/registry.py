"""The formats, by name: adding one is adding a module with `render` and a line here."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, cast

from reviewer.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Callable

    from reviewer.findings import Report
    from reviewer.outputs.look import Look

    Render = Callable[[Report, Look], str]

# Modules by name, imported when they are asked for: rich alone costs more than a short review.
FORMATS = {
    "text": "reviewer.outputs.text",
    "json": "reviewer.outputs.json",
    "summary": "reviewer.outputs.summary",
    "annotations": "reviewer.outputs.annotations",
    "markdown": "reviewer.outputs.markdown",
    "sarif": "reviewer.outputs.sarif",
    "html": "reviewer.outputs.html",
    "rdjson": "reviewer.outputs.rdjson",
    "rdjsonl": "reviewer.outputs.rdjsonl",
    "gitlab": "reviewer.outputs.gitlab",
}

SUFFIXES = {
    ".txt": "text",
    ".json": "json",
    ".md": "markdown",
    ".sarif": "sarif",
    ".rdjson": "rdjson",
    ".rdjsonl": "rdjsonl",
    ".html": "html",
}


def renderer(name: str) -> Render:
    """The `render` of a format; `Misuse` names the formats there are."""
    if name not in FORMATS:
        raise Misuse(f"there is no output format {name!r} in this version: choose {' or '.join(FORMATS)}")
    return cast("Render", importlib.import_module(FORMATS[name]).render)
