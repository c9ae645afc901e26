"""Where a result is, and what would mend it: URIs, regions, fixes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from reviewer.context import places
from reviewer.context.sarif.values import at, inside, rows, table, text, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewer.context.places import Names

MAX_PLACES, MAX_EDITS, MAX_BASES, MAX_SNIPPET = 5, 50, 10, 2_000

_FILE = re.compile(r"\Afile:(?://[^/\\]*)?", re.IGNORECASE)
_SCHEME = re.compile(r"\A[A-Za-z][A-Za-z0-9+.-]+:")  # a single letter is a drive


@dataclass(frozen=True, slots=True)
class Place:
    """Lines `first`…`last` of a file, or the file as a whole (nulls); `snippet` is what the tool read there."""

    names: Names
    first: int | None = None
    last: int | None = None
    snippet: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """From a line and column to a line and column (1-based, the end is the first that stays): `text` instead."""

    first: int
    column: int
    last: int
    end: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """The edits of one file that would mend it."""

    names: Names
    edits: tuple[Edit, ...]


class Locations:
    """Knows the artifacts and the base folders of one run."""

    def __init__(self, run: Mapping[str, object]) -> None:
        self._artifacts = rows(run.get("artifacts"))
        self._bases = table(run.get("originalUriBaseIds"))

    def places(self, result: Mapping[str, object]) -> tuple[Place, ...]:
        """Where the result is; nothing where no file is named."""
        found = []
        for location in rows(result.get("locations"))[:MAX_PLACES]:
            physical = inside(location, "physicalLocation")
            names = self._names(physical)
            if names:
                found.append(Place(names, *_lines(table(physical.get("region")))))
        return tuple(found)

    def fix(self, result: Mapping[str, object]) -> Fix | None:
        """The first fix that changes one file alone; null where there is none."""
        for fix in rows(result.get("fixes"))[:MAX_PLACES]:
            changes = rows(table(fix).get("artifactChanges"))
            if len(changes) == 1:
                edits = tuple(_edits(table(changes[0])))
                if edits and None not in edits:
                    return Fix(self._names(table(changes[0])), tuple(edit for edit in edits if edit))
        return None

    def _names(self, holder: Mapping[str, object]) -> Names:
        """What the file may be called: by its URI and base, by the URI alone, and both as they are written."""
        location = table(holder.get("artifactLocation"))
        if not location.get("uri"):
            location = inside(at(self._artifacts, location.get("index")), "location")
        uri = text(location.get("uri"), places.MAX_NAME + 1)
        if not uri:
            return ()
        written = [self._based(uri, text(location.get("uriBaseId"))), uri]
        local = [_FILE.sub("", name) for name in written if _FILE.match(name) or not _SCHEME.match(name)]
        spelled = [spelling for name in local for spelling in (unquote(name, errors="backslashreplace"), name)]
        return tuple(dict.fromkeys(name for spelling in spelled if (name := places.normal(spelling))))

    def _based(self, uri: str, base: str) -> str:
        """The URI below its base, which may stand below another one."""
        for _ in range(MAX_BASES):
            if not base or _SCHEME.match(uri) or uri.startswith("/") or len(uri) > places.MAX_NAME:
                break
            entry = table(self._bases.get(base))
            uri = f"{text(entry.get('uri'), places.MAX_NAME).rstrip('/')}/{uri}" if entry.get("uri") else uri
            base = text(entry.get("uriBaseId"))
        return uri


def _lines(region: Mapping[str, object]) -> tuple[int | None, int | None, str]:
    """A region that ends before the first character of a line does not hold that line."""
    first = whole(region.get("startLine"))
    if not first:
        return None, None, ""
    last = max(whole(region.get("endLine")) or first, first)
    if last > first and region.get("endColumn") == 1:
        last -= 1
    return first, last, text(inside(region, "snippet").get("text"), MAX_SNIPPET)


def _edits(change: Mapping[str, object]) -> Iterator[Edit | None]:
    """Null for one that is not told by lines and columns, and for those that are too many."""
    replacements = rows(change.get("replacements"))
    if len(replacements) > MAX_EDITS:
        yield None
    for replacement in replacements[:MAX_EDITS]:
        region = inside(replacement, "deletedRegion")
        inserted = inside(replacement, "insertedContent").get("text", "")
        first = whole(region.get("startLine"))
        complete = isinstance(inserted, str) and text(inserted) == inserted
        if not first or not complete:
            yield None
            continue
        last = whole(region.get("endLine")) or first
        yield Edit(first, whole(region.get("startColumn")) or 1, last, whole(region.get("endColumn")), text(inserted))
