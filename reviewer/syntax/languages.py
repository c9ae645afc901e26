"""Which language a file is in, and which languages use each other's definitions."""

from __future__ import annotations

_SUFFIXES = {
    **dict.fromkeys((".py", ".pyi", ".pyw"), "python"),
    **dict.fromkeys((".js", ".mjs", ".cjs", ".jsx"), "javascript"),
    **dict.fromkeys((".ts", ".mts", ".cts"), "typescript"),
    ".tsx": "tsx",
    ".go": "go",
    ".rs": "rust",
    ".java": "java",
    **dict.fromkeys((".c", ".h"), "c"),
    **dict.fromkeys((".cc", ".cpp", ".cxx", ".hh", ".hpp", ".hxx"), "cpp"),
    ".cs": "csharp",
    **dict.fromkeys((".rb", ".rake", ".gemspec"), "ruby"),
    ".php": "php",
    **dict.fromkeys((".kt", ".kts"), "kotlin"),
    ".swift": "swift",
    **dict.fromkeys((".scala", ".sc", ".sbt"), "scala"),
    **dict.fromkeys((".sh", ".bash", ".bats"), "bash"),
    ".lua": "lua",
    **dict.fromkeys((".ex", ".exs"), "elixir"),
    ".hs": "haskell",
    **dict.fromkeys((".html", ".htm"), "html"),
    ".css": "css",
    ".json": "json",
    **dict.fromkeys((".yml", ".yaml"), "yaml"),
    **dict.fromkeys((".hcl", ".tf", ".tfvars"), "hcl"),
    ".nix": "nix",
    ".sol": "solidity",
    ".dart": "dart",
}
_NAMES = {"Rakefile": "ruby", "Gemfile": "ruby", ".bashrc": "bash", ".bash_profile": "bash", "SConstruct": "python"}

# Read by their lines alone: there is no parser for them here.
_UNPARSED = {
    **dict.fromkeys((".vue", ".svelte", ".astro"), "script"),
    **dict.fromkeys((".m", ".mm"), "objc"),
    ".groovy": "groovy",
    ".gradle": "groovy",
    **dict.fromkeys((".pl", ".pm"), "perl"),
    **dict.fromkeys((".r", ".jl"), "r"),
    ".proto": "proto",
    **dict.fromkeys((".graphql", ".gql"), "graphql"),
    ".sql": "sql",
    ".zig": "zig",
    **dict.fromkeys((".erl", ".hrl"), "erlang"),
    **dict.fromkeys((".ml", ".mli", ".fs"), "ml"),
    ".ps1": "powershell",
    **dict.fromkeys((".clj", ".cljs", ".cljc"), "clojure"),
}

_FAMILIES = (
    ("javascript", "typescript", "tsx", "script"),
    ("c", "cpp", "objc"),
    ("java", "kotlin", "scala", "groovy"),
)
_DATA = frozenset({"html", "css", "json", "yaml"})

LANGUAGES = frozenset(_SUFFIXES.values())
"""Every language that can be parsed. ast-grep panics, with a BaseException, when it is given another one."""


def language_of(path: str) -> str | None:
    """The language of a file by its name, one of `LANGUAGES`; null where there is no parser for it."""
    name = path.rpartition("/")[2]
    return _NAMES.get(name) or _SUFFIXES.get(_suffix(name))


def dialect_of(path: str) -> str | None:
    """The language of a file by its name, also where only its lines can be read; null for what is no source code."""
    return language_of(path) or _UNPARSED.get(_suffix(path.rpartition("/")[2]))


def family(dialect: str) -> tuple[str, ...]:
    """The languages that use each other's definitions, this one among them; none for a language of data."""
    if dialect in _DATA:
        return ()
    return next((members for members in _FAMILIES if dialect in members), (dialect,))


def suffixes(dialects: tuple[str, ...]) -> tuple[str, ...]:
    """How the names of their files end, in order."""
    return tuple(sorted(end for end, dialect in (_SUFFIXES | _UNPARSED).items() if dialect in dialects))


def listed(words: str) -> frozenset[str]:
    """The words of a long list."""
    return frozenset(words.split())


def _suffix(name: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    return dot + suffix.lower() if stem else ""
