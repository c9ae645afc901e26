"""What a source defines: each definition with where it is, how it is called and what it is for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.syntax import lines, naming, signatures, trees
from reviewer.syntax.grammars import GRAMMARS, THROUGH, Sort
from reviewer.syntax.languages import dialect_of, language_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ast_grep_py import SgNode

    from reviewer.syntax.grammars import Grammar

MAX_SOURCE = 400_000
MAX_LINE = 2_000
"""Of a larger source, or one with a longer line, only the lines are read: a column is found by counting."""
MAX_DEFINITIONS = 5_000
WHOLE = 240
"""Characters up to which a type is its own signature: its fields are what a reader wants to know."""
MAX_VALUE = 120
_MEMBER_DEPTH = 5
_CONTAINERS = frozenset({Sort.CLASS, Sort.TYPE, Sort.MODULE})


@dataclass(frozen=True, slots=True)
class Definition:
    """Lines are 1-based; `first` is the signature's first, decorators aside, `body` the body's first (null: none)."""

    name: str
    sort: Sort
    first: int
    last: int
    body: int | None
    signature: str
    doc: str = ""
    container: str = ""
    """The class, or whatever else it is a member of."""

    @property
    def head(self) -> int:
        """The last line of the signature."""
        return self.first if self.body is None else max(self.first, self.body - 1)


@dataclass(frozen=True, slots=True)
class _Named:
    name: str
    sort: Sort
    node: SgNode
    container: str


def definitions(source: str, path: str, *, parsed: bool = True) -> tuple[Definition, ...]:
    """In source order, at most `MAX_DEFINITIONS`; what is not `parsed` is read by its lines. Never raises."""
    rows = source.split("\n")
    nodes = _nodes(source, rows, path) if parsed else None
    if nodes is None:
        return tuple(_by_lines(rows, path))
    is_python = language_of(path) == "python"
    return tuple(_definition(each, source, rows, is_python=is_python) for each in _named(nodes))


def enclosing(found: Iterable[Definition], line: int) -> tuple[Definition, ...]:
    """The definitions around a line, the outermost first; variables enclose nothing."""
    return tuple(each for each in found if each.first <= line <= each.last and each.sort is not Sort.CONSTANT)


def _by_lines(rows: Sequence[str], path: str) -> Iterator[Definition]:
    """Where a definition ends is not known: each is its one line."""
    for row in lines.defining(rows, dialect_of(path) or "", MAX_DEFINITIONS):
        limit = MAX_VALUE if row.sort is Sort.CONSTANT else signatures.MAX_SIGNATURE
        words = signatures.signature(row.text, limit)
        yield Definition(row.name, row.sort, row.line, row.line, None, words, signatures.comment_above(rows, row.line))


def _nodes(source: str, rows: Sequence[str], path: str) -> list[tuple[int, int, SgNode, Sort]] | None:
    """Each definition's first and last character, outer ones first; null where the file is not parsed."""
    language = language_of(path)
    if language is None or len(source) > MAX_SOURCE or max(map(len, rows)) > MAX_LINE:
        return None
    tree = trees.parse(source, language)
    return None if tree is None else _found(tree, GRAMMARS[language])


def _found(tree: trees.Tree, grammar: Grammar) -> list[tuple[int, int, SgNode, Sort]]:
    """What a special rule says of a node counts before what its kind says."""
    found: dict[tuple[int, int], tuple[SgNode, Sort]] = {}
    for sort, rule in grammar.special:
        for node in tree.nodes(rule):
            found.setdefault(_ends(node), (node, sort))
    if grammar.anywhere:
        for node in tree.nodes({"any": [{"kind": kind} for kind in grammar.anywhere]}):
            found.setdefault(_ends(node), (node, grammar.anywhere[node.kind()]))
    if grammar.members:
        for container in [tree.root(), *(node for node, sort in found.values() if sort in _CONTAINERS)]:
            for node in _members(container, grammar, 0):
                found.setdefault(_ends(node), (node, grammar.members[node.kind()]))
    ordered = sorted(((*ends, node, sort) for ends, (node, sort) in found.items()), key=lambda one: (one[0], -one[1]))
    return ordered[:MAX_DEFINITIONS]


def _ends(node: SgNode) -> tuple[int, int]:
    where = node.range()
    return where.start.index, where.end.index


def _members(node: SgNode, grammar: Grammar, depth: int) -> Iterator[SgNode]:
    """Variables and fields that are not local to a function."""
    for child in node.children():
        kind = child.kind()
        if kind in grammar.members:
            yield child
        elif kind in THROUGH and depth < _MEMBER_DEPTH and kind not in grammar.anywhere:
            yield from _members(child, grammar, depth + 1)


def _named(nodes: Sequence[tuple[int, int, SgNode, Sort]]) -> Iterator[_Named]:
    """Those that have a name and are not local variables, each with what it is a member of."""
    around: list[tuple[int, str, Sort]] = []
    for start, end, node, given in nodes:
        while around and around[-1][0] <= start:
            around.pop()
        name = naming.name_of(node)
        if not name:
            continue
        is_member = bool(around) and around[-1][2] in _CONTAINERS
        sort = _sort(node, given, is_member=is_member)
        if sort is not Sort.CONSTANT or is_member or not around:
            yield _Named(name, sort, node, around[-1][1] if is_member else "")
            around.append((end, name, sort))


def _sort(node: SgNode, given: Sort, *, is_member: bool) -> Sort:
    sort = Sort.FUNCTION if given is Sort.CONSTANT and naming.is_closure(node) else given
    return Sort.METHOD if sort is Sort.FUNCTION and is_member else sort


def _lines(node: SgNode) -> tuple[int, int]:
    """Its first and last line; some nodes take the line feed with them."""
    where = node.range()
    return where.start.line + 1, max(where.start.line + 1, where.end.line + (where.end.column > 0))


def _definition(named: _Named, source: str, rows: Sequence[str], *, is_python: bool) -> Definition:
    node, sort = named.node, named.sort
    where = node.range()
    begin = signatures.start_of(source, where.start.index)
    end, body_line = _body(node, sort, source)
    head = signatures.without_decorators(source[begin:end])
    first = where.start.line + 1 + source.count("\n", begin, end - len(head))
    doc = signatures.docstring(source[end : end + 2_000]) if is_python and body_line else ""
    return Definition(
        named.name,
        sort,
        first,
        max(first, _lines(node)[1]),
        body_line,
        _words(sort, head, source[begin : where.end.index], has_body=body_line is not None),
        doc or signatures.comment_above(rows, where.start.line + 1),
        named.container,
    )


def _body(node: SgNode, sort: Sort, source: str) -> tuple[int, int | None]:
    """The character at which the body begins (the node's end where it has none), and its line."""
    body = naming.body_of(node)
    where = node.range()
    if body is not None:
        place = body.range().start
        return place.index, place.line + 1
    brace = source.find("{", where.start.index, where.end.index) if sort in _CONTAINERS else -1
    if brace < 0:
        return where.end.index, None
    return brace, where.start.line + 1 + source.count("\n", where.start.index, brace)


def _words(sort: Sort, head: str, whole: str, *, has_body: bool) -> str:
    if sort is Sort.TYPE and len(whole) <= WHOLE:
        return signatures.signature(signatures.without_decorators(whole), WHOLE)
    if sort is Sort.SECTION and not has_body:
        return signatures.signature(whole.partition("\n")[0])
    return signatures.signature(head, MAX_VALUE if sort is Sort.CONSTANT else signatures.MAX_SIGNATURE)
