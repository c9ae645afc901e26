"""What a source imports at its top, and every place where a name stands in its code: strings and comments are none.

For the languages in `LANGUAGES`, and for sources that parse without a fault: whatever is told here is sure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from reviewer.syntax import trees
from reviewer.syntax.definitions import MAX_LINE, MAX_SOURCE
from reviewer.syntax.languages import language_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ast_grep_py import SgNode

SCRIPTS = frozenset({"javascript", "typescript", "tsx"})
LANGUAGES = frozenset({"python", "go", "java"}) | SCRIPTS
MAX_PLACES = 200
"""Places of one name in one source: finding a node's parent costs a walk."""


class Role(StrEnum):
    """What a name does where it stands; of most in Java that is not told."""

    CALL = "call"
    READ = "read"
    MEMBER = "member"
    """After a dot: another thing of that name, unless what stands before it is known."""
    DEFINITION = "definition"
    IMPORT = "import"
    LABEL = "label"
    """The name of an argument or a key."""
    OTHER = "other"
    """Most likely the name is bound anew: a parameter, a target."""


@dataclass(frozen=True, slots=True)
class Import:
    """Where a name is imported (1-based), and from which module, as it is written."""

    line: int
    module: str


@dataclass(frozen=True, slots=True)
class Spot:
    """A name on line `line` (1-based); `receiver`: the plain name before the dot of a member that is called."""

    line: int
    role: Role
    receiver: str = ""


_IMPORTS = {
    "python": ("import_statement", "import_from_statement"),
    **dict.fromkeys(("go", "java"), ("import_declaration",)),
    **dict.fromkeys(SCRIPTS, ("import_statement",)),
}
_CALLS = frozenset({"call", "call_expression", "new_expression"})
_READS = frozenset(
    """argument_list arguments array assert_statement await await_expression binary_expression binary_operator
    boolean_operator comparison_operator conditional_expression decorator dictionary_splat elif_clause
    expression_statement extends_clause generic_type if_statement implements_clause interpolation jsx_expression
    jsx_opening_element jsx_self_closing_element list list_splat not_operator parenthesized_expression qualified_type
    raise_statement return_statement set spread_element subscript subscript_expression template_substitution
    ternary_expression tuple type type_annotation unary_expression unary_operator union_type
    while_statement""".split()  # noqa: SIM905
)
_MEMBERS = frozenset({"attribute", "member_expression", "selector_expression"})
_VALUES = frozenset({"assignment", "default_parameter", "keyword_argument", "pair", "variable_declarator"})
"""What is on the right side of these is read; the left side is a label or a target."""
_LABELS = frozenset({"keyword_argument", "pair"})
_DEFINITIONS = frozenset(
    """class_declaration class_definition function_declaration function_definition function_signature
    generator_function_declaration interface_declaration type_alias_declaration type_spec""".split()  # noqa: SIM905
)
_IMPORTING = frozenset({"import_statement", "import_from_statement", "import_spec"})
_IN_AN_IMPORT = frozenset(
    {"aliased_import", "dotted_name", "import_clause", "import_specifier", "named_imports", "namespace_import"}
)
_KINDS = frozenset(
    {"identifier", "type_identifier", "package_identifier", "property_identifier", "field_identifier"}
    | {"shorthand_property_identifier", "shorthand_property_identifier_pattern"}
)


class Source:
    """A source that was parsed without a fault."""

    def __init__(self, tree: trees.Tree, language: str) -> None:
        self._tree = tree
        self.language = language

    def imports(self) -> Mapping[str, Import]:
        """The names that are imported whenever the file is; not those of types alone, which are gone at run time."""
        names: dict[str, Import] = {}
        for node in self._tree.root().children():
            if node.kind() in _IMPORTS[self.language]:
                names.update(_BOUND[self.language](node))
        return names

    def spots(self, name: str) -> tuple[Spot, ...] | None:
        """Where the name stands, in order; null where that is too often."""
        rule = {"regex": f"^{re.escape(name)}$", "not": {"has": {"regex": ""}}}
        nodes = [node for node in self._tree.nodes(rule) if node.kind() in _KINDS]
        return tuple(map(_spot, nodes)) if len(nodes) <= MAX_PLACES else None


def parsed(text: str, path: str) -> Source | None:
    """Null for another language, for what is large, and for what does not parse soundly."""
    language = language_of(path)
    if language not in LANGUAGES or len(text) > MAX_SOURCE or max(map(len, text.split("\n"))) > MAX_LINE:
        return None
    tree = trees.parse(text, language)
    return Source(tree, language) if tree is not None and tree.is_sound() else None


def _spot(node: SgNode) -> Spot:
    line, parent = node.range().start.line + 1, node.parent()
    if parent is None:
        return Spot(line, Role.OTHER)
    kind = parent.kind()
    if kind in _MEMBERS and not _is(node, parent.children()[0]):
        receiver, above = parent.children()[0], parent.parent()
        called = above is not None and above.kind() in _CALLS and _is(parent, above.children()[0])
        is_plain = called and receiver.kind() == "identifier"
        return Spot(line, Role.MEMBER, receiver.text() if is_plain else "")
    return Spot(line, _role(node, parent, kind))


def _role(node: SgNode, parent: SgNode, kind: str) -> Role:
    if node.kind() == "shorthand_property_identifier" or kind in _READS or kind in _MEMBERS:
        return Role.READ
    if kind in _CALLS:
        return Role.CALL
    if kind in _DEFINITIONS:
        name = parent.field("name")
        return Role.DEFINITION if name is not None and _is(node, name) else Role.OTHER
    if kind in _VALUES and _is(node, parent.children()[-1]) and len(parent.children()) > 1:
        return Role.READ
    if kind in _LABELS:
        return Role.LABEL
    above: SgNode | None = parent
    while above is not None and above.kind() in _IN_AN_IMPORT:
        above = above.parent()
    return Role.IMPORT if above is not None and above.kind() in _IMPORTING else Role.OTHER


def _is(one: SgNode, other: SgNode) -> bool:
    first, second = one.range(), other.range()
    return (first.start.index, first.end.index) == (second.start.index, second.end.index)


_Bound = tuple[str, Import]


def _of_python(node: SgNode) -> Iterator[_Bound]:
    """`import a.b` binds `a`; `from . import b` may bind the module `.b`."""
    children = node.children()
    is_from = node.kind() == "import_from_statement"
    module = children[1].text() if is_from else ""
    for child in children[3:] if is_from else children[1:]:
        if child.kind() == "aliased_import":
            yield _named(child.children()[-1], module or child.children()[0].text())
        elif child.kind() == "dotted_name":
            first = child if is_from else child.children()[0]
            yield _named(first, module or first.text())


def _of_scripts(node: SgNode) -> Iterator[_Bound]:
    clauses = [child for child in node.children() if child.kind() == "import_clause"]
    source = node.field("source")
    if source is None or any(child.kind() == "type" for child in node.children()):
        return
    module = source.text().strip("'\"")
    for part in (part for clause in clauses for part in clause.children()):
        if part.kind() == "identifier":
            yield _named(part, module)
        elif part.kind() == "namespace_import":
            yield _named(part.children()[-1], module)
        for each in part.children() if part.kind() == "named_imports" else ():
            if each.kind() == "import_specifier" and each.children()[0].kind() != "type":
                yield _named(each.children()[-1], module)


def _of_go(node: SgNode) -> Iterator[_Bound]:
    """A package that is given no name here most often has the last word of its path."""
    parts = [each for part in node.children() for each in (part, *part.children())]
    for spec in (part for part in parts if part.kind() == "import_spec"):
        module = spec.children()[-1].text().strip('"`')
        first = spec.children()[0]
        if first.kind() == "package_identifier":
            yield _named(first, module)
        elif len(spec.children()) == 1:
            yield module.rpartition("/")[2], Import(spec.range().start.line + 1, module)


def _of_java(node: SgNode) -> Iterator[_Bound]:
    """Classes alone: whether a static member of that name is what is meant, nobody knows."""
    named = node.children()[1]
    is_one = all(child.kind() not in ("static", "asterisk") for child in node.children())
    if is_one and named.kind() == "scoped_identifier":
        yield _named(named.children()[-1], named.text())


def _named(node: SgNode, module: str) -> _Bound:
    return node.text(), Import(node.range().start.line + 1, module)


_BOUND = {"python": _of_python, "go": _of_go, "java": _of_java, **dict.fromkeys(SCRIPTS, _of_scripts)}
