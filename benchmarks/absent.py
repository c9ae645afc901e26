"""Claims that something is missing: how many false ones are dropped, how many true ones stay."""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from benchmarks.dataset import git
from benchmarks.labels import called
from benchmarks.tables import Table, percent
from reviewer.context.definitions import Lookup
from reviewer.findings import Claim, Side, Span
from reviewer.judgement import anchor
from reviewer.judgement.absence import contradicted
from reviewer.sources.git import revisions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.dataset import Pull
    from reviewer.change.pieces import Chunk
    from reviewer.findings import Finding

MOST = 15
"""Names tried of one pull request."""
_IMPORTED = (
    r"^\s*(?:import|use|using|from)\b[^\n;]*\bNAME\b",
    r"^\s*import\s+(?:type\s+)?(?:\w+,\s*)?\{[^}]*\bNAME\b[^}]*\}",
    r"^\s*from\s+\S+\s+import\s+\([^)]*\bNAME\b[^)]*\)",
)
_DEFINED = (
    r"^(?:export\s+|pub\s+|async\s+|default\s+)*"
    r"(?:def|class|function|func|fn|struct|enum|trait|type|interface|const|let|var)\s+NAME\b"
)
NOTE = (
    "Names that added lines call. “`name` is not defined” is false where a regular expression of the benchmark's own"
    " finds its import or a definition at the left margin of the same file, and true of a name made up."
)


@dataclass(frozen=True)
class Called:
    """A name on an added line, and whether its file seems to define or import it."""

    chunk: Chunk
    path: str
    line: int
    name: str
    is_there: bool


def table(pulls: Sequence[Pull]) -> Table:
    """False and true claims."""
    return Table("claims about absence", ("claims", "number", "dropped", "kept"), _rows(pulls), NOTE)


def _rows(pulls: Sequence[Pull]) -> Iterator[Sequence[object]]:
    counts: Counter[tuple[str, bool]] = Counter()
    for pull in pulls:
        if pull.repository:
            with revisions(pull.repository, f"{pull.merge_base}..{pull.head}") as repository:
                lookup = Lookup(repository.snapshot())
                for each in _names(pull):
                    kind = "false: it is there" if each.is_there else "true: it was made up"
                    counts[kind, contradicted(_finding(each), lookup) is not None] += 1
    for kind in ("false: it is there", "true: it was made up"):
        dropped, kept = counts[kind, True], counts[kind, False]
        whole = dropped + kept
        yield kind, whole or "not available here", percent(dropped, whole), percent(kept, whole)


def _names(pull: Pull) -> Iterator[Called]:
    """As many made-up ones as there are others."""
    found: list[Called] = []
    texts: dict[str, str] = {}
    for chunk, path, line, name in called(pull):
        if path not in texts and pull.repository:
            texts[path] = git(pull.repository, "show", f"{pull.head}:{path}", check=False)
        shapes = (shape.replace("NAME", re.escape(name)) for shape in (*_IMPORTED, _DEFINED))
        if any(re.search(shape, texts.get(path, ""), re.MULTILINE) for shape in shapes):
            found.append(Called(chunk, path, line, name, is_there=True))
    rng = random.Random(pull.name)  # noqa: S311 - the same names in every run
    for each in rng.sample(found, min(MOST, len(found))):
        yield each
        yield replace(each, name=f"{each.name}_{rng.randrange(1000, 9999)}", is_there=False)


def _finding(about: Called) -> Finding:
    title = f"`{about.name}` is not defined"
    claim = Claim(about.path, "", title, title, span=Span(about.path, about.line, about.line, Side.NEW))
    return anchor.locate([claim], about.chunk.pieces).findings[0]
