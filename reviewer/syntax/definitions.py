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
_CALLABLE = frozenset({Sort.FUNCTION, Sort.METHOD})


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


def definitions(source: str, path: str) -> tuple[Definition, ...]:
    """In source order, at most `MAX_DEFINITIONS`; what is not parsed is read by its lines. Never raises."""
    language = language_of(path)
    rows = source.split("\n")
    tree = None
    if language is not None and len(source) <= MAX_SOURCE and max(map(len, rows)) <= MAX_LINE:
        tree = trees.parse(source, language)
    if tree is None or language is None:
        return _by_lines(rows, path)
    nodes = _nodes(tree, GRAMMARS[language])
    return tuple(_described(nodes, source, rows, is_python=language == "python"))


def enclosing(found: Iterable[Definition], line: int) -> tuple[Definition, ...]:
    """The definitions around a line, the outermost first; variables enclose nothing."""
    return tuple(each for each in found if each.first <= line <= each.last and each.sort is not Sort.CONSTANT)


def _by_lines(rows: Sequence[str], path: str) -> tuple[Definition, ...]:
    """Where a definition ends is not known: each is its one line."""
    dialect = dialect_of(path)
    if dialect is None:
        return ()
    return tuple(
        Definition(
            row.name,
            row.sort,
            row.line,
            row.line,
            None,
            signatures.signature(row.text, MAX_VALUE if row.sort is Sort.CONSTANT else signatures.MAX_SIGNATURE),
            signatures.comment_above(rows, row.line),
        )
        for row in lines.defining(rows, dialect, MAX_DEFINITIONS)
    )


def _nodes(tree: trees.Tree, grammar: Grammar) -> list[tuple[int, int, SgNode, Sort]]:
    """Each definition's first and last character, outer ones first; what a special rule says of a node counts."""
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
    ordered = sorted(
        ((*ends, node, sort) for ends, (node, sort) in found.items()), key=lambda each: (each[0], -each[1])
    )
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


def _described(
    nodes: Sequence[tuple[int, int, SgNode, Sort]], source: str, rows: Sequence[str], *, is_python: bool
) -> Iterator[Definition]:
    around: list[tuple[int, str, Sort]] = []
    for start, end, node, sort in nodes:
        while around and around[-1][0] <= start:
            around.pop()
        name = naming.name_of(node)
        if not name:
            continue
        container = around[-1] if around else None
        is_member = container is not None and container[2] in _CONTAINERS
        if sort is Sort.CONSTANT and naming.is_closure(node):
            sort = Sort.FUNCTION
        if sort is Sort.FUNCTION and is_member:
            sort = Sort.METHOD
        if sort is Sort.CONSTANT and container is not None and not is_member:
            continue  # local to a function
        holder = container[1] if container is not None and is_member else ""
        yield _definition(name, sort, node, source, rows, holder, is_python=is_python)
        around.append((end, name, sort))


def _definition(
    name: str, sort: Sort, node: SgNode, source: str, rows: Sequence[str], container: str, *, is_python: bool
) -> Definition:
    where = node.range()
    body = naming.body_of(node)
    begin = signatures.start_of(source, where.start.index)
    end, body_line = where.end.index, None
    if body is not None:
        place = body.range().start
        end, body_line = place.index, place.line + 1
    elif sort in _CONTAINERS and (brace := source.find("{", begin, end)) >= 0:
        body_line = where.start.line + 1 + source.count("\n", where.start.index, brace)
        end = brace
    whole = source[begin : where.end.index]
    head = signatures.without_decorators(source[begin:end])
    first = where.start.line + 1 + source.count("\n", begin, begin + len(source[begin:end]) - len(head))
    if sort is Sort.TYPE and len(whole) <= WHOLE:
        shown = signatures.signature(signatures.without_decorators(whole), WHOLE)
    elif sort is Sort.SECTION and body is None:
        shown = signatures.signature(whole.partition("\n")[0])
    elif sort is Sort.CONSTANT:
        shown = signatures.signature(head, MAX_VALUE)
    else:
        shown = signatures.signature(head)
    doc = signatures.docstring(source[end : end + 2_000]) if is_python and body_line else ""
    last = where.end.line + (where.end.column > 0)  # some nodes take the line feed with them
    return Definition(
        name,
        sort,
        first,
        max(first, last),
        body_line,
        shown,
        doc or signatures.comment_above(rows, where.start.line + 1),
        container,
    )
