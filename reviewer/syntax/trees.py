"""Source code as a syntax tree, and where a rule matches. The only importer of ast-grep."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from reviewer.syntax.hazards import is_deadly, is_slow
from reviewer.syntax.languages import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ast_grep_py import SgNode

# What is over one of these limits is data rather than code, or hostile, and is not parsed. tree-sitter finds a node's
# parent by walking down from the root, and its column by counting: 220 KB of nested calls took one rule 100 s.
MAX_SOURCE = 1_000_000
MAX_LINE = 50_000
MAX_DEPTH = 250


# A token that tree-sitter made up (a missing bracket) is a node without text.
_UNSOUND: Mapping[str, Any] = {"any": [{"kind": "ERROR"}, {"all": [{"regex": "^$"}, {"inside": {"regex": ""}}]}]}


@dataclass(frozen=True, slots=True)
class Match:
    """Where a rule matched: lines `first`…`last` (1-based, inclusive; only `\\n` ends a line) and their code."""

    first: int
    last: int
    text: str


@dataclass(frozen=True, slots=True)
class Tree:
    """A parsed source, to be asked several times. It tolerates errors: what is sound around one still matches."""

    _root: SgNode

    def matches(self, rule: Mapping[str, Any]) -> Iterator[Match]:
        """Every match of an ast-grep rule, in source order; `constraints` and `utils` may stand beside the rule."""
        for node in self._root.find_all(_config(rule)):
            where = node.range()
            yield Match(where.start.line + 1, where.end.line + 1, node.text())

    def nodes(self, rule: Mapping[str, Any]) -> list[SgNode]:
        """The nodes a rule matches, in source order."""
        return self._root.find_all(_config(rule))

    def root(self) -> SgNode:
        """The node of the whole source."""
        return self._root

    def broken_lines(self) -> frozenset[int]:
        """The lines on which something begins or ends that makes no sense in this language."""
        ranges = [node.range() for node in self._root.find_all(_config({"kind": "ERROR"}))]
        return frozenset(line + 1 for where in ranges for line in (where.start.line, where.end.line))

    def is_sound(self) -> bool:
        """Whether nothing had to be skipped or made up to parse it."""
        return self._root.find(_config(_UNSOUND)) is None

    def faults(self) -> int:
        """How often something had to be skipped or made up."""
        return len(self._root.find_all(_config(_UNSOUND)))


def parse(source: str, language: str) -> Tree | None:
    """The tree of `source`; null for an unknown language, and for what is too large, wide, deep or deadly."""
    if language not in LANGUAGES or len(source) > MAX_SOURCE or max(map(len, source.split("\n"))) > MAX_LINE:
        return None
    if is_deadly(source, language) or is_slow(source, language):
        return None
    from ast_grep_py import SgRoot

    # A lone surrogate, what undecodable bytes become, cannot cross into Rust. One character stays one character.
    root = SgRoot(source.encode("utf-8", "replace").decode("utf-8"), language).root()
    return None if root.matches(**_deep()) else Tree(root)


def matches(source: str, language: str, rule: Mapping[str, Any]) -> Iterator[Match]:
    """Every match of one ast-grep rule in `source`; nothing where it cannot be parsed."""
    tree = parse(source, language)
    if tree is not None:
        yield from tree.matches(rule)


def parses(source: str, language: str) -> bool:
    """Whether `source` is well-formed in `language`; False too where that cannot be told."""
    tree = parse(source, language)
    return tree is not None and tree.is_sound()


def _config(rule: Mapping[str, Any]) -> Any:
    beside = {key: rule[key] for key in ("constraints", "utils") if key in rule}
    return {"rule": {key: value for key, value in rule.items() if key not in beside}, **beside}


@cache
def _deep() -> Any:
    """A rule for a node over a chain of `MAX_DEPTH` descendants: one walk over the tree, 3 ms for 100 KB of Python."""
    rule: dict[str, Any] = {"regex": ""}
    for _ in range(MAX_DEPTH):
        rule = {"has": rule}
    return rule
