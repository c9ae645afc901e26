"""Which definitions a review comment talks about: a heuristic, made of plain `git grep` and independent of `context`.

A name counts where the comment writes it as code (with humps or underscores, or in backticks with a capital) and one to
three lines of the repository at the head, in files of the commented one's language, look like its definition; those in
tests and examples only for comments on such. What is defined in the very lines the reader sees does not count.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.dataset import git

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from benchmarks.dataset import Comment, Pull
    from reviewer.change.pieces import Chunk, Piece

MOST = 3
"""Places where a name may be defined: one that is defined everywhere tells a reader nothing."""

_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_TICKED = re.compile(r"`([^`\n]+)`")
_SHAPED = re.compile(r"\b(?:[A-Za-z]+_\w+|_\w{2,}|[a-z]+[A-Z]\w*|[A-Z][a-z0-9]+[A-Z]\w*)")  # a_b, _ab, aB, AbC
_CAPITAL = re.compile(r"\b[A-Z]\w{2,}")
_WORD = re.compile(r"[A-Za-z_]\w{2,}")
_ASIDE = re.compile(r"(^|[/._-])(tests?|specs?|mocks?|benche?s|examples?|samples?|scripts|__tests__)([/._-])")
_FAMILIES = (
    ("python", ("py", "pyi")),
    ("script", ("js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx", "svelte", "vue")),
    ("go", ("go",)),
    ("rust", ("rs",)),
    ("braces", ("java", "cs", "kt", "scala")),
    ("php", ("php",)),
)

# What a definition looks like, by what it is; NAME stands for it. POSIX, as `git grep -E` has it, and Python too.
_MODIFIED = r"^[[:space:]]*((public|protected|internal|static|final|override|virtual|abstract|async|sealed|"
_MODIFIED += r"readonly|const|synchronized|default|partial|required|new)[[:space:]]+)+"
_SHAPES = {
    "python": {
        "callable": (r"^[[:space:]]*(async[[:space:]]+)?def[[:space:]]+NAME[[:space:]]*[[(]",),
        "type": (
            r"^[[:space:]]*class[[:space:]]+NAME\b",
            r"^NAME[[:space:]]*=[[:space:]]*(TypedDict|NewType|namedtuple)\b",
        ),
        "value": (r"^NAME[[:space:]]*(:[^=]+)?=[^=]", r"^[[:space:]]+NAME[[:space:]]*:[[:space:]]*[A-Za-z'\"][^,]*$"),
    },
    "script": {
        "callable": (
            r"\bfunction[[:space:]]*[*]?[[:space:]]*NAME[[:space:]]*[<(]",
            r"^[[:space:]]*((public|private|protected|static|async|override|abstract|get|set)[[:space:]]+)*[*#]?NAME"
            r"[[:space:]]*(<[^>]*>)?\([^)]*\)[^;=]*\{[[:space:]]*$",
            r"\b(const|let|var)[[:space:]]+NAME[[:space:]]*(:[^=]+)?=[[:space:]]*(async[[:space:]]*)?(\(|function\b)",
        ),
        "type": (r"\b(class|interface|type|enum|namespace)[[:space:]]+NAME\b[^.]*[{=<]",),
        "value": (r"^export[[:space:]]+(const|let|var)[[:space:]]+NAME\b",),
    },
    "go": {
        "callable": (r"^func[[:space:]]+(\([^)]*\)[[:space:]]*)?NAME[[:space:]]*[[(]",),
        "type": (r"^type[[:space:]]+NAME\b", r"^[[:space:]]+NAME[[:space:]]+(struct|interface)\b"),
        "value": (r"^(var|const)[[:space:]]+NAME\b", r"^\tNAME([[:space:]]+[A-Za-z_.]+)?[[:space:]]+=[[:space:]]"),
    },
    "rust": {
        "callable": (r"\b(fn|macro_rules!)[[:space:]]+NAME\b",),
        "type": (r"\b(struct|enum|trait|type|union)[[:space:]]+NAME\b",),
        "value": (r"\b(const|static)[[:space:]]+NAME[[:space:]]*:",),
    },
    "braces": {
        "callable": (_MODIFIED + r"[][A-Za-z0-9_<>,.?[:space:]]*[[:space:]]NAME[[:space:]]*(<[^>]*>)?\(",),
        "type": (r"\b(class|interface|enum|record|struct|object|trait)[[:space:]]+NAME\b",),
        "value": (_MODIFIED + r"[][A-Za-z0-9_<>,.?[:space:]]*[[:space:]]NAME[[:space:]]*(=|;|\{)",),
    },
    "php": {
        "callable": (r"\bfunction[[:space:]]+&?NAME[[:space:]]*\(",),
        "type": (r"\b(class|interface|trait|enum)[[:space:]]+NAME\b",),
        "value": (r"\bconst[[:space:]]+NAME\b",),
    },
}


@dataclass(frozen=True, slots=True)
class Definition:
    """A line that looks like the definition of `name`; `start` is the line's text up to the end of the name."""

    name: str
    kind: str
    path: str
    line: int
    start: str


@dataclass(frozen=True)
class Label:
    """A name that stands in a comment, or else in the commented lines, and where it may be defined.

    `used`: it stands in an added line of the chunk.
    """

    pull: Pull
    chunk: Chunk
    name: str
    definitions: tuple[Definition, ...]
    said: bool
    used: bool

    @property
    def kind(self) -> str:
        """Of the first definition."""
        return self.definitions[0].kind


def names(text: str) -> frozenset[str]:
    """What a comment writes as code; what it proposes in a fence is not there yet."""
    prose = _FENCE.sub(" ", text)
    ticked = " ".join(_TICKED.findall(prose))
    return frozenset((*_CAPITAL.findall(ticked), *_SHAPED.findall(prose)))


def definitions(repository: Path, commit: str, family: str, wanted: Sequence[str]) -> dict[str, list[Definition]]:
    """What of `wanted` seems to be defined where, in the files of a family (the first of `_FAMILIES`' rows)."""
    found: dict[str, list[Definition]] = defaultdict(list)
    any_of = f"({'|'.join(sorted(wanted))})"
    files = [f"*.{suffix}" for suffix in dict(_FAMILIES)[family]]
    for kind, shapes in _SHAPES[family].items():
        patterns = [part for shape in shapes for part in ("-e", shape.replace("NAME", any_of))]
        said = git(repository, "grep", "-n", "-z", "-I", "-E", *patterns, commit, "--", *files, check=False)
        in_python = [re.compile(_in_python(shape).replace("NAME", f"(?P<name>{any_of})")) for shape in shapes]
        for row in said.split("\n"):
            path, _, rest = row.partition(":")[2].partition("\0")
            number, _, text = rest.partition("\0")
            match = next(filter(None, (pattern.search(text) for pattern in in_python)), None)
            if match:
                start = text[: match.end("name")].strip()
                found[match["name"]].append(Definition(match["name"], kind, path, int(number), start))
    return found


def labelled(pull: Pull) -> Iterator[Label]:
    """Of every comment on lines of the diff, the names that are defined somewhere its reader does not see."""
    if pull.repository is None:
        return
    by_family: dict[str, list[_Spoken]] = defaultdict(list)
    for comment in pull.comments:
        found, family = pull.piece(comment), family_of(comment.path)
        if found and family:
            by_family[family].append(_Spoken(comment, found[0], names(comment.text), _on_lines(comment, found[1])))
    for family, spoken in by_family.items():
        wanted = frozenset[str]().union(*(each.named | each.on_lines for each in spoken))
        known = definitions(pull.repository, pull.head, family, sorted(wanted)) if wanted else {}
        for each in spoken:
            yield from _of(pull, each, known)


@dataclass(frozen=True)
class _Spoken:
    comment: Comment
    chunk: Chunk
    named: frozenset[str]
    on_lines: frozenset[str]


def _of(pull: Pull, spoken: _Spoken, known: dict[str, list[Definition]]) -> Iterator[Label]:
    pieces = spoken.chunk.pieces
    seen = {(piece.file.path, line.new) for piece in pieces for line in piece.lines}
    texts = (line.text for piece in pieces for line in piece.lines if line.marker == "+")
    added = frozenset(word for text in texts for word in _WORD.findall(text))
    for name in sorted(spoken.named | spoken.on_lines):
        places = {(each.path, each.line): each for each in known.get(name, ()) if _apt(each, spoken.comment)}
        if 0 < len(places) <= MOST and seen.isdisjoint(places):
            yield Label(pull, spoken.chunk, name, tuple(places.values()), name in spoken.named, name in added)


def _on_lines(comment: Comment, piece: Piece) -> frozenset[str]:
    """Names as in `names`, of the commented lines as far as they are in the piece."""
    numbered = ((line.new or 0, line.text) for line in piece.lines)
    code = " ".join(text for number, text in numbered if comment.first <= number <= comment.last)
    return frozenset((*_CAPITAL.findall(code), *_SHAPED.findall(code)))


def _apt(definition: Definition, comment: Comment) -> bool:
    return not _ASIDE.search(definition.path) or bool(_ASIDE.search(comment.path))


def family_of(path: str) -> str | None:
    """The row of `_FAMILIES` that a file belongs to."""
    suffix = path.rpartition(".")[2]
    return next((family for family, suffixes in _FAMILIES if suffix in suffixes), None)


def _in_python(shape: str) -> str:
    """The same in Python's dialect."""
    for posix, python in (("[[:space:]]", r"\s"), ("[:space:]", r"\s"), ("[][", r"[\]\["), ("[[(]", r"[\[(]")):
        shape = shape.replace(posix, python)
    return shape
