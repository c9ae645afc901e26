"""Of a node that is a definition: what it is called, and where its body begins."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.syntax.languages import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ast_grep_py import SgNode

_FIELDS = ("name", "left", "key", "declarator", "pattern")
_WRAPPERS = listed(
    "variable_declaration variable_declarator variable_list method_signature function_signature "
    "getter_signature setter_signature constructor_signature factory_constructor_signature declaration "
    "parenthesized_declarator pointer_declarator reference_declarator event_variable_declaration"
)
_IN_ORDER = (
    "identifier type_identifier field_identifier property_identifier simple_identifier constant name word "
    "variable_name attrpath variable keyframes_name selectors"
)
_NAMES = _IN_ORDER.split()
_BODIES = listed(
    "function_body class_body enum_class_body statement_block block do_block compound_statement "
    "body_statement field_declaration_list accessor_list declaration_list class_declarations "
    "instance_declarations enum_variant_list block_start keyframe_block_list protocol_body contract_body "
    "match"
)
_DEEP = 10
_LAST_WORD = re.compile(r"(~?\w[\w$]*)[?!=]?\Z|(?<=\$)(\w+)\Z")
MAX_NAME = 80


def name_of(node: SgNode) -> str:
    """The last word of its name: `m` of `A::m` and `M.m`; empty where it has none."""
    special = _SPECIAL.get(node.kind())
    if special is not None:
        return special(node)[:MAX_NAME]
    at = node
    for _ in range(_DEEP):
        inner = _inner(at, is_whole=at is node)
        if inner is None:
            break
        at = inner
    found = _LAST_WORD.search(at.text().strip()) if at is not node else None
    return (found[1] or found[2])[:MAX_NAME] if found else ""


def body_of(node: SgNode) -> SgNode | None:
    """Where what it does begins; null where it only says what it is."""
    holder = node
    for field in ("value", "right"):
        value = node.field(field)
        if value is not None and value.kind() in _CLOSURES:
            holder = value
    return holder.field("body") or next((child for child in node.children() if child.kind() in _BODIES), None)


def is_closure(node: SgNode) -> bool:
    """Whether it is a variable that holds a function, or declares one that is defined elsewhere."""
    value = node.field("value") or node.field("right")
    if value is not None:
        return value.kind() in _CLOSURES
    at = node.field("declarator")
    for _ in range(_DEEP):
        if at is None or at.kind() == "function_declarator":
            break
        at = at.field("declarator")
    return at is not None


_CLOSURES = frozenset(("arrow_function", "function_expression", "generator_function", "lambda"))


def _inner(node: SgNode, *, is_whole: bool) -> SgNode | None:
    """One step towards the name."""
    for field in _FIELDS:
        found = node.field(field)
        if found is not None:
            return found
    if not is_whole and node.kind() not in _WRAPPERS:
        return None
    children = node.children()
    declarator = next((child for child in children if child.kind().endswith("_declarator")), None)
    if declarator is not None:
        return declarator
    for kind in _NAMES:
        found = next((child for child in children if child.kind() == kind), None)
        if found is not None:
            return found
    return next((child for child in children if child.kind() in _WRAPPERS or child.kind().endswith("_list")), None)


def _implementing(node: SgNode) -> str:
    """`impl Trait for Type<T>`: methods are the type's."""
    at = node.field("type")
    while at is not None and at.field("type") is not None:
        at = at.field("type")
    return at.text().rpartition("::")[2] if at is not None else ""


def _elixir(node: SgNode) -> str:
    """`def f(a) when …`: the first argument, without its own arguments."""
    arguments = next((child for child in node.children() if child.kind() == "arguments"), None)
    at = arguments.child(0) if arguments is not None else None
    for _ in range(_DEEP):
        inner = (at.field("left") or at.field("target")) if at is not None else None
        if inner is None:
            break
        at = inner
    return at.text() if at is not None else ""


def _block(node: SgNode) -> str:
    """`resource "aws_x" "name"`; of a block of statements elsewhere nothing."""
    words = [child.text().strip('"') for child in node.children() if child.kind() in ("identifier", "string_lit")]
    return " ".join(words)


def _element(node: SgNode) -> str:
    found = re.search(r"""\bid\s*=\s*["']?([^"'\s>]+)""", node.text()[:2_000], re.IGNORECASE)
    return found[1] if found else ""


def _selector(node: SgNode) -> str:
    return " ".join(node.text().partition("{")[0].split())


def _key(node: SgNode) -> str:
    key = node.field("key")
    return key.text().strip("\"'` ") if key is not None else ""


_SPECIAL: Mapping[str, Callable[[SgNode], str]] = {
    "impl_item": _implementing,
    "call": _elixir,
    "block": _block,
    "element": _element,
    "rule_set": _selector,
    "media_statement": _selector,
    "block_mapping_pair": _key,
    "pair": _key,
}
