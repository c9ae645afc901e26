"""Sources that a grammar cannot be given: it would crash the process, or be at it for minutes."""

from __future__ import annotations

import re

# Bash's scanner looks the character after a `{` up with isalnum(), whose table ends at U+00FF: beyond it reads whatever
# is there, or crashes the process. No other grammar here looks into that table.
_WIDE = re.compile("[^\\x00-\\xff]")
# What a scanner has open it writes into 1 024 bytes, and aborts the process where they do not suffice: the levels of
# YAML, the names of Ruby's heredocs.
_LEVELS = re.compile(r"[\s\-?:]{200,}")
_HEREDOC = re.compile(r"<<[~-]?[\"'`]?(\w+)")
_NAMES, _OPEN = 500, 40

SLOW = frozenset({"elixir", "bash", "dart", "haskell"})
"""Languages whose grammars are: `x = a + a + …` with 4 000 terms took Elixir's 200 s, 250 KB of calls bash's 15 s."""
SHORT = {"lua": 60_000}
"""Characters beyond which a grammar is too slow at recovering from errors: 240 KB of another language took 25 s."""
MOST = 100
"""Operators in one statement, or brackets around one place."""

_TOKEN = re.compile(r"[\[({]|[\])}]|[,;]|\n\s*(?=[\w@#\"':])|[-+*/%&|^<>=!?.~$]+")
_CONTINUES = re.compile(r"[-+*/%&|^<>=?.,(\[{\\]\s*\Z")


def is_deadly(source: str, language: str) -> bool:
    """Whether the grammar's scanner could end the process."""
    if language == "bash":
        return _WIDE.search(source) is not None
    if language == "yaml":
        return any(_LEVELS.match(row) for row in source.split("\n"))
    if language == "ruby":
        names = set(_HEREDOC.findall(source))
        return sum(map(len, names)) > _NAMES or any(row.count("<<") > _OPEN for row in source.split("\n"))
    return False


def is_slow(source: str, language: str) -> bool:
    """Whether the grammar could be at it for many seconds."""
    return len(source) > SHORT.get(language, len(source)) or (language in SLOW and is_tangled(source))


def is_tangled(source: str) -> bool:
    """Counts operators since the last comma, semicolon or new statement, for each open bracket apart."""
    counts = [0]
    for found in _TOKEN.finditer(source):
        part = found[0]
        if part in "[({":
            counts.append(0)
        elif part in "])}":
            if len(counts) > 1:
                counts.pop()
            counts[-1] += 1  # a call, or whatever else goes on after it
        elif part in ",;":
            counts[-1] = 0
        elif part[0] == "\n":
            if not _CONTINUES.search(source, max(0, found.start() - 80), found.start()):
                counts[-1] = 0
        else:
            counts[-1] += 1
        if counts[-1] > MOST or len(counts) > MOST:
            return True
    return False
