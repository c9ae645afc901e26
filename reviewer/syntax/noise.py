"""A source without what is no code in it: strings and comments."""

from __future__ import annotations

import re
from functools import cache

from reviewer.syntax.languages import listed

_HASH = frozenset(
    {"python", "ruby", "bash", "elixir", "hcl", "nix", "yaml", "r", "perl", "powershell", "graphql", "php"}
)
_SLASH = listed(
    "javascript typescript tsx script go rust java c cpp objc csharp php kotlin swift scala groovy solidity "
    "dart proto zig hcl css"
)
_DASH = frozenset({"lua", "haskell", "sql"})
_BLOCKS = {"haskell": r"\{-.*?(?:-\}|\Z)", "lua": r"--\[\[.*?(?:\]\]|\Z)", "ml": r"\(\*.*?(?:\*\)|\Z)"}
_QUOTES = r'"(?:\\.|[^"\\\n])*"' + r"|'(?:\\.|[^'\\\n])*'"
_CHARACTERS = r'"(?:\\.|[^"\\])*"' + r"|'(?:\\[^\n]{1,8}?|[^'\\\n])'"  # 'a is a lifetime, a prime or a symbol there
_TRIPLES = r'"""(?:\\.|[^\\]){0,20000}?"""' + r"|'''(?:\\.|[^\\]){0,20000}?'''"
_TRIPLED = frozenset({"python", "kotlin", "scala", "swift", "java", "dart", "elixir", "groovy", "csharp"})
_TICKED = frozenset({"javascript", "typescript", "tsx", "script", "go"})
_PRIMES = frozenset({"rust", "haskell", "scala", "ml", "clojure"})
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


def code(source: str, dialect: str) -> str:
    """The source with strings and comments blanked: as many characters and lines as before."""
    return _noise(dialect).sub(lambda found: _blank(found[0], dialect), source)


def _blank(noise: str, dialect: str) -> str:
    """White space of the same shape; what is computed within a string stays."""
    kept = _INTERPOLATING.get(dialect) if noise[:1] in "\"'`$" or noise[1:2] in "\"'" else None
    blank = re.sub(r"[^\n]", " ", noise) if "\n" in noise else " " * len(noise)
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
