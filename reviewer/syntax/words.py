"""Which words of a source are code: identifiers used in some lines, without strings, comments and keywords."""

from __future__ import annotations

import builtins
import keyword
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

MAX_LINE = 2_000
"""A longer line is data; it is not looked at."""


_LOOK_BACK = 120
"""Characters before a name in which what it is used on is looked for."""


class Use(StrEnum):
    """How an identifier is used."""

    CALL = "call"
    TYPE = "type"
    ATTRIBUTE = "attribute"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Word:
    """An identifier on line `line` (1-based). `receiver` is the identifier before the dot; empty where there is none."""

    name: str
    line: int
    use: Use
    receiver: str = ""


_HASH = frozenset(
    {"python", "ruby", "bash", "elixir", "hcl", "nix", "yaml", "r", "perl", "powershell", "graphql", "php"}
)
_SLASH = frozenset(
    [
        "javascript",
        "typescript",
        "tsx",
        "script",
        "go",
        "rust",
        "java",
        "c",
        "cpp",
        "objc",
        "csharp",
        "php",
        "kotlin",
        "swift",
        "scala",
        "groovy",
        "solidity",
        "dart",
        "proto",
        "zig",
        "hcl",
        "css",
    ]
)
_DASH = frozenset({"lua", "haskell", "sql"})
_BLOCKS = {"haskell": r"\{-.*?(?:-\}|\Z)", "lua": r"--\[\[.*?(?:\]\]|\Z)", "ml": r"\(\*.*?(?:\*\)|\Z)"}
_QUOTES = r'"(?:\\.|[^"\\\n])*"' + r"|'(?:\\.|[^'\\\n])*'"
_CHARACTERS = r'"(?:\\.|[^"\\])*"' + r"|'(?:\\[^\n]{1,8}?|[^'\\\n])'"  # 'a is a lifetime, a prime or a symbol there
_TRIPLES = r'"""(?:\\.|[^\\]){0,20000}?"""' + r"|'''(?:\\.|[^\\])*?'''"
_TRIPLED = frozenset({"python", "kotlin", "scala", "swift", "java", "dart", "elixir", "groovy", "csharp"})
_TICKED = frozenset({"javascript", "typescript", "tsx", "script", "go"})
_PRIMES = frozenset({"rust", "haskell", "scala", "ml", "clojure"})
_INTERPOLATED = re.compile(r"[$#\\]?[{(]([^{}()\n\"']*(?:\([^{}()\n\"']*\))?[^{}()\n\"']*)[})]")
_INTERPOLATING = {
    "python": re.compile(r"\{([^{}\n]*)\}"),
    **dict.fromkeys(
        ("javascript", "typescript", "tsx", "script", "kotlin", "dart", "groovy", "scala", "php"),
        re.compile(r"\$\{([^{}]*)\}"),
    ),
    **dict.fromkeys(("ruby", "elixir"), re.compile(r"#\{([^{}\n]*)\}")),
    "csharp": re.compile(r"\{([^{}\n:]*)\}"),
    "swift": re.compile(r"\\\(([^()\n]*(?:\([^()\n]*\))?[^()\n]*)\)"),
}
_TOKEN = re.compile(r"(?<![\w$])([^\W\d][\w$]*)([?!]?\s*(?:::<[^<>()]*>|<[\w\s,.<>\[\]?]*>)?!?\()?")
_DOT = re.compile(r"([^\W\d][\w$]*)(?:\([^()]*\)|\[[^\[\]]*\])?[?!]?\s*(?:\.|->|::|\\)\s*\Z")
_KEYWORDS = frozenset(
    [
        "abstract",
        "alias",
        "alignas",
        "alignof",
        "and",
        "as",
        "assert",
        "async",
        "atomic",
        "auto",
        "await",
        "base",
        "begin",
        "bool",
        "boolean",
        "break",
        "byte",
        "case",
        "catch",
        "chan",
        "char",
        "checked",
        "class",
        "const",
        "constexpr",
        "continue",
        "crate",
        "debugger",
        "declare",
        "decltype",
        "def",
        "default",
        "defer",
        "del",
        "delegate",
        "delete",
        "do",
        "double",
        "dyn",
        "elif",
        "else",
        "elsif",
        "elseif",
        "end",
        "ensure",
        "enum",
        "event",
        "except",
        "exec",
        "explicit",
        "export",
        "extends",
        "extern",
        "external",
        "fallthrough",
        "false",
        "False",
        "final",
        "finally",
        "fixed",
        "float",
        "fn",
        "for",
        "foreach",
        "friend",
        "from",
        "func",
        "function",
        "global",
        "go",
        "goto",
        "guard",
        "if",
        "impl",
        "implements",
        "implicit",
        "import",
        "in",
        "include",
        "init",
        "inline",
        "instanceof",
        "int",
        "int8",
        "int16",
        "int32",
        "int64",
        "interface",
        "internal",
        "is",
        "it",
        "lambda",
        "let",
        "lock",
        "long",
        "loop",
        "match",
        "mod",
        "module",
        "move",
        "mut",
        "mutable",
        "namespace",
        "native",
        "never",
        "new",
        "nil",
        "nonlocal",
        "noexcept",
        "None",
        "not",
        "null",
        "NULL",
        "nullptr",
        "number",
        "object",
        "operator",
        "or",
        "out",
        "override",
        "package",
        "params",
        "part",
        "pass",
        "private",
        "proc",
        "protected",
        "protocol",
        "pub",
        "public",
        "raise",
        "range",
        "readonly",
        "rec",
        "ref",
        "register",
        "require",
        "rescue",
        "restrict",
        "return",
        "sealed",
        "self",
        "Self",
        "short",
        "signed",
        "sizeof",
        "static",
        "str",
        "string",
        "String",
        "struct",
        "super",
        "switch",
        "synchronized",
        "template",
        "then",
        "this",
        "throw",
        "throws",
        "trait",
        "true",
        "True",
        "try",
        "type",
        "typealias",
        "typedef",
        "typeof",
        "typename",
        "u8",
        "u16",
        "u32",
        "u64",
        "i8",
        "i16",
        "i32",
        "i64",
        "f32",
        "f64",
        "uint",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "undefined",
        "union",
        "unless",
        "unsafe",
        "unsigned",
        "until",
        "use",
        "using",
        "val",
        "var",
        "virtual",
        "void",
        "volatile",
        "when",
        "where",
        "while",
        "with",
        "yield",
        "any",
        "unknown",
        "symbol",
        "bigint",
        "echo",
        "print",
        "fun",
        "open",
        "data",
        "companion",
        "inner",
        "lateinit",
        "suspend",
        "foreach",
        "usize",
        "isize",
        "char",
        "error",
        "byte",
        "rune",
        "uintptr",
        "iota",
    ]
)
_BUILTINS = {
    "python": frozenset(dir(builtins))
    | frozenset(keyword.kwlist)
    | frozenset({"cls", "append", "extend", "items", "join", "split", "strip"}),
    "go": frozenset(
        [
            "make",
            "len",
            "cap",
            "append",
            "copy",
            "close",
            "panic",
            "recover",
            "println",
            "new",
            "delete",
            "complex",
            "real",
            "imag",
            "min",
            "max",
            "clear",
        ]
    ),
    "rust": frozenset(
        [
            "Some",
            "None",
            "Ok",
            "Err",
            "Option",
            "Result",
            "Vec",
            "Box",
            "String",
            "println",
            "format",
            "vec",
            "clone",
            "unwrap",
            "into",
            "iter",
        ]
    ),
    **dict.fromkeys(
        ("javascript", "typescript", "tsx", "script"),
        frozenset(
            [
                "Array",
                "Object",
                "Promise",
                "Map",
                "Set",
                "Error",
                "JSON",
                "Math",
                "Date",
                "RegExp",
                "Number",
                "Boolean",
                "Symbol",
                "console",
                "window",
                "document",
                "process",
                "exports",
                "Record",
                "Partial",
                "Readonly",
                "Pick",
                "Omit",
                "push",
                "then",
                "length",
                "forEach",
                "toString",
                "constructor",
            ]
        ),
    ),
    **dict.fromkeys(
        ("java", "kotlin", "scala", "groovy", "csharp"),
        frozenset(
            [
                "Override",
                "List",
                "Map",
                "Set",
                "Integer",
                "Boolean",
                "Long",
                "Object",
                "Optional",
                "toString",
                "equals",
                "hashCode",
                "length",
            ]
        ),
    ),
}


def code(source: str, dialect: str) -> str:
    """The source with strings and comments blanked: as many characters and lines as before."""
    return _noise(dialect).sub(lambda found: _blank(found[0], dialect), source)


def used(rows: Sequence[str], numbers: Collection[int], dialect: str) -> Iterator[Word]:
    """The identifiers on lines `numbers` (1-based) of what `code` returned, as often as they stand there."""
    ignored = _KEYWORDS | _BUILTINS.get(dialect, frozenset())
    for number in sorted(numbers):
        row = rows[number - 1] if 0 < number <= len(rows) else ""
        if len(row) > MAX_LINE:
            continue
        for found in _TOKEN.finditer(row):
            name = found[1]
            if len(name) > 1 and name not in ignored:
                before = _DOT.search(row, max(0, found.start() - _LOOK_BACK), found.start())
                receiver = before[1] if before else ""
                yield Word(name, number, _use(name, receiver, found[2]), receiver)


def _use(name: str, receiver: str, call: str | None) -> Use:
    if call:
        return Use.CALL
    if name[:1].isupper() and not name.isupper():
        return Use.TYPE
    return Use.ATTRIBUTE if receiver else Use.NAME


def _blank(noise: str, dialect: str) -> str:
    """White space of the same shape; what is computed within a string stays."""
    kept = _INTERPOLATING.get(dialect) if noise[:1] in "\"'`$" or noise[1:2] in "\"'" else None
    blank = re.sub(r"[^\n]", " ", noise)
    if kept is None or (dialect == "python" and noise[:1] not in "fF"):
        return blank
    for found in kept.finditer(noise):
        blank = blank[: found.start(1)] + found[1] + blank[found.end(1) :]
    return blank


@cache
def _noise(dialect: str) -> re.Pattern[str]:
    parts = []
    if dialect in _BLOCKS:
        parts.append(_BLOCKS[dialect])
    if dialect in _SLASH:
        parts += [r"/\*.*?(?:\*/|\Z)", r"//[^\n]*"] if dialect != "css" else [r"/\*.*?(?:\*/|\Z)"]
    if dialect in _TRIPLED:
        parts.append(rf"(?:\b[fFrRbBuU]{{1,2}})?(?:{_TRIPLES})" if dialect == "python" else _TRIPLES)
    if dialect in _HASH:
        parts.append(r"(?<![$&\\])#(?![{\[])[^\n]*" if dialect in ("bash", "php", "ruby") else r"#[^\n]*")
    if dialect in _DASH:
        parts.append(r"--[^\n]*")
    if dialect in _TICKED:
        parts.append(r"`(?:\\.|[^`\\]){0,8000}`")
    quotes = _CHARACTERS if dialect in _PRIMES else _QUOTES
    parts.append(rf"(?:\b[fFrRbBuU]{{1,2}})?(?:{quotes})" if dialect == "python" else quotes)
    return re.compile("|".join(parts), re.DOTALL)
