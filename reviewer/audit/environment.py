"""What the processes that read a tree are told of ours: what Python and git need; no key and no token."""

from __future__ import annotations

import os
from itertools import count, takewhile
from pathlib import Path
from typing import TYPE_CHECKING

import reviewer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NEEDED = frozenset(
    {
        "HOME",
        "LANG",
        "LANGUAGE",
        "PATH",
        "SUDO_UID",  # whose repositories root may read, says git
        "TEMP",
        "TMP",
        "TMPDIR",
        # Where git finds a repository, and what it takes for part of it. None of its names but these: a user's own
        # begin so, too, and GIT_CONFIG_PARAMETERS may hold a header with a token.
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_ATTR_NOSYSTEM",
        "GIT_CEILING_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_CONFIG_SYSTEM",
        "GIT_DIR",
        "GIT_DISCOVERY_ACROSS_FILESYSTEM",
        "GIT_EXEC_PATH",
        "GIT_GRAFT_FILE",
        "GIT_INDEX_FILE",
        "GIT_NAMESPACE",
        "GIT_NO_LAZY_FETCH",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_OBJECT_DIRECTORY",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)
_FAMILIES = ("COVERAGE_", "DYLD_", "LC_", "LD_", "PYTHON", "XDG_")
_SETTINGS = frozenset({"safe.directory", "safe.barerepository", "core.excludesfile", "core.attributesfile"})
"""Of git's settings that come as variables: who may read, and which files are ignored. Others may hold a token."""


def passed(ours: Mapping[str, str]) -> dict[str, str]:
    """The variables of such a process. The package is found where this one was."""
    kept = {name: value for name, value in ours.items() if name in _NEEDED or name.startswith(_FAMILIES)}
    paths = [os.fspath(Path(reviewer.__file__).parents[1]), *filter(None, [kept.get("PYTHONPATH")])]
    return {**kept, **_settings(ours), "PYTHONPATH": os.pathsep.join(paths)}


def _settings(ours: Mapping[str, str]) -> dict[str, str]:
    """Those of GIT_CONFIG_COUNT that are needed, counted anew."""
    given = [pair for pair in _given(ours) if pair[0].lower() in _SETTINGS]
    found = {"GIT_CONFIG_COUNT": str(len(given))} if given else {}
    for number, (key, value) in enumerate(given):
        found |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return found


def _given(ours: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Git reads as many as it is told of, and stops with an error where one is missing."""
    told = ours.get("GIT_CONFIG_COUNT", "").strip()
    most = int(told) if told.isascii() and told.isdigit() and len(told) < len("1000000") else 0
    for number in takewhile(lambda number: number < most and f"GIT_CONFIG_KEY_{number}" in ours, count()):
        yield ours[f"GIT_CONFIG_KEY_{number}"], ours.get(f"GIT_CONFIG_VALUE_{number}", "")
