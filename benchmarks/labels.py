"""Which definitions a review comment talks about: a heuristic, made of plain `git grep` and independent of `context`.

A name counts where the comment writes it as code (with humps or underscores, or in backticks with a capital) and one to
three lines of the repository at the head, in files of the commented one's language, look like its definition; those in
tests and examples only for comments on such. What is defined in the very lines the reader sees does not count.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.dataset import git

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.dataset import Comment, Pull
    from reviewer.change.pieces import Chunk, Piece

MOST = 3
"""Places where a name may be defined: one that is defined everywhere tells a reader nothing."""

_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_TICKED = re.compile(r"`([^`\n]+)`")
_SHAPED = re.compile(r"\b(?:[A-Za-z]+_\w+|_\w{2,}|[a-z]+[A-Z]\w*|[A-Z][a-z0-9]+[A-Z]\w*)")  # a_b, _ab, aB, AbC
_CAPITAL = re.compile(r"\b[A-Z]\w{2,}")
_CALL = re.compile(r"(?<![\w.] )(?<![\w.])([A-Za-z_]\w{2,})\(")  # after `func ` and the like it is a definition
_WORD = re.compile(r"[A-Za-z_]\w{2,}")
_ASIDE = re.compile(r"(^|[/._-])(tests?|specs?|mocks?|benche?s|examples?|samples?|scripts|__tests__)([/._-])")
_REMARK = re.compile(r"\s*(?://|#(?!\[)|\*|/\*|<!--)")
_ASIDES = re.compile(r"""(['"`])(?:\\.|(?!\1).)*\1|\s//.*|\s# .*""")
_KINDS = ("callable", "type", "value")
_SHAPES: dict[str, dict[str, list[str]]] = tomllib.loads(Path(__file__).with_name("definitions.toml").read_text())


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
    """What of `wanted` seems to be defined where, in the files of a family of languages."""
    found: dict[str, list[Definition]] = defaultdict(list)
    any_of = f"({'|'.join(sorted(wanted))})"
    files = [f"*.{suffix}" for suffix in _SHAPES[family]["suffixes"]]
    for kind in _KINDS:
        shapes = _SHAPES[family][kind]
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
    texts = (code(line.text) for piece in pieces for line in piece.lines if line.marker == "+")
    added = frozenset(word for text in texts for word in _WORD.findall(text))
    for name in sorted(spoken.named | spoken.on_lines):
        places = {(each.path, each.line): each for each in known.get(name, ()) if _apt(each, spoken.comment)}
        if 0 < len(places) <= MOST and seen.isdisjoint(places):
            yield Label(pull, spoken.chunk, name, tuple(places.values()), name in spoken.named, name in added)


def _on_lines(comment: Comment, piece: Piece) -> frozenset[str]:
    """Names as in `names`, of the commented lines as far as they are in the piece."""
    numbered = ((line.new or 0, code(line.text)) for line in piece.lines)
    said = " ".join(text for number, text in numbered if comment.first <= number <= comment.last)
    return frozenset((*_CAPITAL.findall(said), *_SHAPED.findall(said)))


def _apt(definition: Definition, comment: Comment) -> bool:
    return not _ASIDE.search(definition.path) or bool(_ASIDE.search(comment.path))


def code(line: str) -> str:
    """Without strings and comments, as far as one line tells."""
    return "" if _REMARK.match(line) else _ASIDES.sub(" ", line)


def family_of(path: str) -> str | None:
    """The family of languages that a file belongs to."""
    suffix = path.rpartition(".")[2]
    return next((family for family, shapes in _SHAPES.items() if suffix in shapes["suffixes"]), None)


def _in_python(shape: str) -> str:
    """The same in Python's dialect."""
    for posix, python in (("[[:space:]]", r"\s"), ("[:space:]", r"\s"), ("[][", r"[\]\["), ("[[(]", r"[\[(]")):
        shape = shape.replace(posix, python)
    return shape


def called(pull: Pull) -> Iterator[tuple[Chunk, str, int, str]]:
    """(chunk, path, line, name) of what added lines of code call, each name once a file."""
    seen = set()
    for chunk in pull.chunks:
        for piece in chunk.pieces:
            for line in piece.lines if family_of(piece.file.path) else ():
                for name in _CALL.findall(code(line.text)) if line.marker == "+" else ():
                    if (piece.file.path, name) not in seen:
                        seen.add((piece.file.path, name))
                        yield chunk, piece.file.path, line.new or 0, name
