"""What a definition looks like in each language: the kinds of nodes it is parsed into, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from reviewer.syntax.languages import listed

if TYPE_CHECKING:
    from collections.abc import Mapping


class Sort(StrEnum):
    """What is defined."""

    FUNCTION = "function"
    METHOD = "method"
    CLASS = "class"
    TYPE = "type"
    MODULE = "module"
    CONSTANT = "constant"
    """A variable or field too: whatever has a value and is not local."""
    SECTION = "section"
    """Of data: a key with keys below it, a block, a style rule, an element with an id."""


Kinds = dict[str, Sort]
Rule = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Grammar:
    """`anywhere`: kinds that are definitions wherever they stand. `members`: only at the top and in a class.

    `special`: ast-grep rules for definitions that no kind alone tells.
    """

    anywhere: Mapping[str, Sort] = field(default_factory=dict)
    members: Mapping[str, Sort] = field(default_factory=dict)
    special: tuple[tuple[Sort, Rule], ...] = ()


def _kinds(**kinds: str) -> Kinds:
    """`function="a b"`: nodes of both kinds are functions."""
    return {kind: Sort[sort.rstrip("_").upper()] for sort, names in kinds.items() for kind in names.split()}


def _holding(kind: str, name: str, values: str) -> Rule:
    return {"kind": kind, "has": {"field": name, "any": [{"kind": value} for value in values.split()]}}


_CLOSURES = "arrow_function function_expression generator_function"
_SCRIPT_SPECIAL = (
    (Sort.FUNCTION, _holding("variable_declarator", "value", _CLOSURES)),
    (Sort.FUNCTION, _holding("assignment_expression", "right", _CLOSURES)),
    (Sort.METHOD, _holding("pair", "value", _CLOSURES)),
)
_JAVASCRIPT = Grammar(
    _kinds(
        function="function_declaration generator_function_declaration",
        method="method_definition",
        class_="class_declaration",
    ),
    _kinds(constant="variable_declarator field_definition"),
    _SCRIPT_SPECIAL,
)
_TYPESCRIPT = Grammar(
    _kinds(
        function="function_declaration generator_function_declaration function_signature",
        method="method_definition abstract_method_signature method_signature",
        class_="class_declaration abstract_class_declaration",
        type="interface_declaration type_alias_declaration enum_declaration",
        module="internal_module module",
    ),
    _kinds(constant="variable_declarator public_field_definition property_signature"),
    _SCRIPT_SPECIAL,
)
_C = Grammar(
    _kinds(
        function="function_definition preproc_function_def",
        type="type_definition",
        constant="preproc_def",
    ),
    _kinds(constant="declaration field_declaration"),
    tuple(  # `struct cart *c` only mentions one
        (Sort.TYPE, _holding(f"{kind}_specifier", "body", "field_declaration_list enumerator_list"))
        for kind in ("struct", "enum", "union")
    ),
)
_CPP = Grammar(
    {**_C.anywhere, **_kinds(type="alias_declaration", module="namespace_definition")},
    _C.members,
    (*_C.special, (Sort.CLASS, _holding("class_specifier", "body", "field_declaration_list"))),
)

_DEFINES_MODULE = "^(defmodule|defprotocol|defimpl)$"
_DEFINES = "^(def|defp|defmacro|defmacrop|defguard|defdelegate)$"

GRAMMARS: Mapping[str, Grammar] = {
    "python": Grammar(
        _kinds(function="function_definition", class_="class_definition", type="type_alias_statement"),
        _kinds(constant="assignment"),
    ),
    "javascript": _JAVASCRIPT,
    "typescript": _TYPESCRIPT,
    "tsx": _TYPESCRIPT,
    "go": Grammar(
        _kinds(
            function="function_declaration",
            method="method_declaration method_elem",
            type="type_spec type_alias",
        ),
        _kinds(constant="const_spec var_spec"),
    ),
    "rust": Grammar(
        _kinds(
            function="function_item function_signature_item macro_definition",
            type="struct_item enum_item union_item trait_item type_item",
            class_="impl_item",
            module="mod_item",
            constant="const_item static_item",
        ),
    ),
    "java": Grammar(
        _kinds(
            method="method_declaration constructor_declaration compact_constructor_declaration",
            class_="class_declaration record_declaration",
            type="interface_declaration enum_declaration annotation_type_declaration",
        ),
        _kinds(constant="field_declaration enum_constant constant_declaration"),
    ),
    "c": _C,
    "cpp": _CPP,
    "csharp": Grammar(
        _kinds(
            method="method_declaration constructor_declaration delegate_declaration operator_declaration",
            function="local_function_statement",
            class_="class_declaration record_declaration struct_declaration",
            type="interface_declaration enum_declaration",
            module="namespace_declaration",
            constant="property_declaration indexer_declaration",
        ),
        _kinds(constant="field_declaration event_field_declaration"),
    ),
    "ruby": Grammar(
        _kinds(function="method singleton_method", class_="class", module="module"),
        special=((Sort.CONSTANT, {"kind": "assignment", "has": {"field": "left", "kind": "constant"}}),),
    ),
    "php": Grammar(
        _kinds(
            function="function_definition",
            method="method_declaration",
            class_="class_declaration trait_declaration",
            type="interface_declaration enum_declaration",
        ),
        _kinds(constant="const_element property_element"),
    ),
    "kotlin": Grammar(
        _kinds(
            function="function_declaration",
            class_="class_declaration object_declaration companion_object",
            type="type_alias",
        ),
        _kinds(constant="property_declaration"),
    ),
    "swift": Grammar(
        _kinds(
            function="function_declaration init_declaration protocol_function_declaration",
            class_="class_declaration",
            type="protocol_declaration typealias_declaration",
        ),
        _kinds(constant="property_declaration protocol_property_declaration"),
    ),
    "scala": Grammar(
        _kinds(
            function="function_definition function_declaration",
            class_="class_definition object_definition trait_definition",
            type="enum_definition type_definition",
        ),
        _kinds(constant="val_definition var_definition"),
    ),
    "bash": Grammar(_kinds(function="function_definition"), _kinds(constant="variable_assignment")),
    "lua": Grammar(
        _kinds(function="function_declaration"),
        _kinds(constant="assignment_statement"),
        (
            (
                Sort.FUNCTION,
                {"kind": "assignment_statement", "has": _holding("expression_list", "value", "function_definition")},
            ),
        ),
    ),
    "elixir": Grammar(
        special=(
            (Sort.FUNCTION, {"kind": "call", "has": {"field": "target", "kind": "identifier", "regex": _DEFINES}}),
            (Sort.MODULE, {"kind": "call", "has": {"field": "target", "kind": "identifier", "regex": _DEFINES_MODULE}}),
        ),
    ),
    "haskell": Grammar(
        _kinds(
            function="signature bind",
            type="data_type newtype type_synonym",
            class_="class instance",
        ),
        special=((Sort.FUNCTION, _holding("function", "name", "variable")),),
    ),
    "html": Grammar(
        special=(
            (
                Sort.SECTION,
                {
                    "kind": "element",
                    "has": {"kind": "start_tag", "has": {"kind": "attribute", "regex": "^(?i)id\\s*="}},
                },
            ),
        ),
    ),
    "css": Grammar(_kinds(section="rule_set keyframes_statement media_statement")),
    "json": Grammar(special=((Sort.SECTION, _holding("pair", "value", "object array")),)),
    "yaml": Grammar(
        special=(
            (
                Sort.SECTION,
                {
                    "kind": "block_mapping_pair",
                    "has": {
                        "field": "value",
                        "any": [{"has": {"kind": kind}} for kind in ("block_mapping", "block_sequence")],
                    },
                },
            ),
        ),
    ),
    "hcl": Grammar(_kinds(section="block"), _kinds(constant="attribute")),
    "nix": Grammar(_kinds(constant="binding")),
    "solidity": Grammar(
        _kinds(
            function="function_definition modifier_definition event_definition error_declaration",
            class_="contract_declaration library_declaration",
            type="interface_declaration struct_declaration enum_declaration",
            constant="state_variable_declaration constant_variable_declaration",
        ),
    ),
    "dart": Grammar(
        _kinds(
            function="function_declaration",
            method="method_declaration",
            class_="class_declaration mixin_declaration extension_declaration",
            type="enum_declaration type_alias",
        ),
        _kinds(constant="initialized_identifier static_final_declaration constructor_signature"),
    ),
}

THROUGH = listed(
    "expression_statement export_statement lexical_declaration variable_declaration const_declaration "
    "var_declaration var_spec_list class_member declaration field_declaration body_statement binding_set body "
    "variable_list declaration_command static_final_declaration_list initialized_identifier_list "
    "ambient_declaration statement top_level_variable_declaration property_declaration class_body "
    "declaration_list template_body block interface_body enum_body field_declaration_list protocol_body "
    "enum_class_body object_type linkage_specification preproc_ifdef preproc_if namespace_definition "
    "template_declaration declarations enum_body_declarations"
)
"""Kinds that a member may stand in without being local."""
