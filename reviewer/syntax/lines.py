"""What a line looks like that defines something: for `git grep`, and for sources that no parser reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from reviewer.syntax.grammars import Sort

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

NAME = "NAME"
"""Stands for the names in a shape."""
ANY = r"[A-Za-z_$][\w$]*+[?!]?"
MAX_ROW = 1_000
"""Characters of a line that are looked at."""

# Read by Python and by PCRE alike; each alternative is anchored or begins with a word, so that it fails early.
_STATEMENTS = (
    r"(?!\s*(?:return|throw|await|else|new|yield|case|assert|if|while|for|switch|using|import|package|delete|goto)\b)"
)
_TYPED = rf"^{_STATEMENTS}\s*(?:[\w@<>\[\],.?&*:~$]+\s+)+[&*]*(?:\w+(?:<[^<>()]*>)?::)?~?NAME\s*(?:<[^<>()]*>)?\("
_KEYWORDS = (
    "class|interface|enum|record|struct|union|trait|protocol|extension|object|actor|mixin|namespace|module|type|typealias"
    "|typedef|fn|func|fun|function|def|sub|proc|message|service|rpc|input|contract|library|event|modifier|error"
)
_MODIFIERS = (
    "public|private|protected|internal|static|final|const|constexpr|readonly|extern|volatile|override|virtual|required"
    "|abstract|sealed|lateinit|open|lazy|implicit|export|declare"
)
_CLOSURE = r"(?:async\b\s*)?(?:function\b|\(|<|\w+\s*=>)"
_SCRIPT = (
    r"\b(?:function\*?|class|interface|type|enum|namespace)\s+NAME(?![\w$])"
    r"|^(?:export\s+)?(?:default\s+)?(?:declare\s+)?(?:const|let|var)\s+NAME(?![\w$])"
    rf"|\b(?:const|let|var)\s+NAME\s*(?::[^=]+)?=\s*{_CLOSURE}"
    r"|^\s*(?:(?:public|private|protected|static|async|get|set|readonly|override|abstract|declare|\*)\s*)*#?NAME[?!]?"
    rf"\s*(?:<[^()]*>)?(?:\([^;]*(?:\{{|,|\(|:.*)\s*$|[:=]\s*{_CLOSURE}|[?!]?:\s*[\w<{{\[(].*;$)"
    rf"|(?:\.|\bexports\.)NAME\s*=\s*{_CLOSURE}"
)
_TYPED_SHAPE = (
    rf"\b(?:{_KEYWORDS})\s+(?:class\s+|struct\s+)?NAME\b|{_TYPED}|^\s*#\s*define\s+NAME\b"
    rf"|^\s*(?:(?:{_MODIFIERS})\s+)+(?:[\w<>\[\],.?&*:]+\s+)*[&*]*NAME\s*(?:\[[^\]]*\])?\s*(?:=|;|\{{|$)"
    rf"|^{_STATEMENTS}(?:[A-Za-z_][\w<>\[\],.?&*:]*\s+)+[&*]*NAME\s*(?:\[[^\]]*\])?\s*(?:=[^=>]|;)"
    r"|^\}\s*NAME\s*;"
)
_GENERIC = (
    rf"\b(?:{_KEYWORDS})\s+(?:[\w.]+[.:])?NAME(?![\w$])|^\s*NAME\s*(?:::|:?=)(?!=)"
    r"|^\s*(?:local|my|our|let|val|var)\s+NAME\b"
)

_FIELD = rf"^(?: {{0,4}}|\t)(?:(?:{_MODIFIERS})\s+)*(?:val|var|let)\s+NAME\b"
"""Deeper it is local."""

_SHAPES: Mapping[str, str] = {
    "python": (
        r"^\s*(?:async\s+)?(?:def|class)\s+NAME\b|^(?:type\s+)?NAME\s*(?::[^=]*)?=(?!=)"
        r"|^\s+NAME\s*:\s*[A-Za-z'\"][^,]*$|^\s+(?=[A-Z][A-Z\d_]+\s*=)NAME\s*=(?!=)"
    ),
    **dict.fromkeys(("javascript", "typescript", "tsx", "script"), _SCRIPT),
    "go": (
        r"^func\s+(?:\([^()]*\)\s*)?NAME\b|^\s*(?:type|var|const)\s+NAME\b|^\s+NAME(?:\s+[\w.*\[\]{}]+)?\s*(?:=(?!=)|$)"
        r"|^\s+NAME\s+(?:struct|interface|func|map|\[|\*|[\w.]+\s*(?:$|`|//))|^\s+NAME\("
    ),
    "rust": r"\b(?:fn|struct|enum|trait|type|const|static|mod|union|macro_rules!)\s+(?:mut\s+)?NAME\b",
    **dict.fromkeys(("c", "cpp", "objc", "java", "csharp", "dart", "groovy"), _TYPED_SHAPE),
    "kotlin": rf"\b(?:fun|class|interface|object|typealias)\s+(?:<[^<>]*>\s+)?(?:[\w<>?]+\.)?NAME\b|{_FIELD}",
    "swift": rf"\b(?:func|class|struct|enum|protocol|extension|actor|typealias|case)\s+NAME\b|{_FIELD}",
    "scala": rf"\b(?:def|class|trait|object|type|enum|given)\s+NAME\b|{_FIELD}",
    "ruby": (
        r"\b(?:def|class|module)\s+(?:self\.|\w+::)?NAME(?!\w)|^\s*(?=[A-Z])NAME\s*=(?!=)"
        r"|^\s*(?:scope|attr_\w+|has_many|has_one|belongs_to|delegate)\s[^#]*:NAME\b"
    ),
    "php": (
        r"\b(?:function|class|interface|trait|enum|const)\s+&?NAME\b|\bdefine\(\s*.NAME\b"
        r"|\b(?:public|private|protected|static|var|readonly)\s[^=(]*\$NAME\b"
    ),
    "bash": (
        r"^\s*(?:function\s+)?NAME\s*\(\s*\)|^\s*function\s+NAME\b"
        r"|^(?:export\s+|readonly\s+|declare\s+(?:-\w+\s+)*)?NAME="
    ),
    "lua": r"\bfunction\s+(?:\w+[.:])*NAME\b|^(?:local\s+)?(?:\w+\.)*NAME\s*=(?!=)",
    "elixir": r"\b(?:def\w*)\s+(?:[\w.]+\.)?NAME(?!\w)|^\s*@NAME\s",
    "haskell": r"^\s*NAME\s*::|^(?:data|newtype|type|class|instance)\b.*\bNAME\b",
    "solidity": (
        r"\b(?:function|contract|library|interface|struct|enum|event|modifier|error)\s+NAME\b"
        r"|^\s*\w[\w\[\]() =>]*\s+NAME\s*(?:=|;)"
    ),
    "hcl": r"^\s*\w+\s+(?:\"[\w-]+\"\s+)?\"NAME\"|^\s*NAME\s*=(?!=)",
    "nix": r"^\s*(?:[\w.-]+\.)?NAME\s*=(?!=)",
    "sql": r"(?i)\bcreate\s+(?:or\s+replace\s+)?(?:\w+\s+){1,3}(?:if\s+not\s+exists\s+)?[\"`\[]?(?:\w+\.)?NAME\b",
    "erlang": r"^NAME\(|-(?:define|record|type)\(NAME\b",
    "ml": r"^\s*(?:let|and|type|module|val|member)\s+(?:rec\s+|inline\s+|private\s+|\w+\.)*NAME\b",
    "r": r"^\s*NAME\s*(?:<-|=)\s*function\b|\b(?:function|struct|macro|type)\s+NAME\b",
    "clojure": r"\(def[\w-]*\s+(?:\^\S+\s+)*NAME(?![\w-])",
}
_SORTS = (
    (re.compile(r"\b(?:class|object|actor|mixin|contract|library|defmodule|impl)\s"), Sort.CLASS),
    (
        re.compile(r"\b(?:interface|enum|record|struct|union|trait|protocol|type|typealias|typedef|message|data)\s"),
        Sort.TYPE,
    ),
    (re.compile(r"\b(?:module|namespace|mod)\s"), Sort.MODULE),
    (re.compile(r"\(|\b(?:def|fn|func|fun|function|sub|rpc)\b"), Sort.FUNCTION),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A line (1-based) that defines `name`; `text` is the line without what surrounds it."""

    name: str
    line: int
    sort: Sort
    text: str


def shape(dialect: str) -> str:
    """A regular expression for a line that defines NAME, read alike by Python and PCRE."""
    return _SHAPES.get(dialect, _GENERIC)


def filled(shape: str, names: Iterable[str]) -> str:
    """The shape for these names; what is special in them is escaped."""
    return shape.replace(NAME, f"(?:{'|'.join(sorted(map(escaped, names)))})")


def escaped(name: str) -> str:
    """A name as both dialects of regular expressions read it."""
    return re.sub(r"([^\w])", r"\\\1", name, flags=re.ASCII) if name.isascii() else re.escape(name)


def defining(rows: Sequence[str], dialect: str, most: int) -> Iterator[Row]:
    """The lines that look like definitions, in order, at most `most` of them; none for what is no source code."""
    if not dialect:
        return
    pattern = _compiled(dialect)
    for number, row in enumerate(rows, 1):
        found = pattern.search(row[:MAX_ROW])
        if found:
            name = next((each for each in found.groups() if each), "").rstrip("?!")
            yield Row(name, number, sort_of(row[:MAX_ROW]), row.strip()[:MAX_ROW])
            most -= 1
            if most <= 0:
                return


def sort_of(row: str) -> Sort:
    """What a line that defines something seems to define."""
    return next((sort for pattern, sort in _SORTS if pattern.search(row)), Sort.CONSTANT)


@cache
def _compiled(dialect: str) -> re.Pattern[str]:
    """Every alternative has its own group for the name."""
    return re.compile(shape(dialect).replace(NAME, f"({ANY})"))
