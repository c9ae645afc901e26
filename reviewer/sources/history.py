"""How often and how lately files were changed."""

from __future__ import annotations

import subprocess
from collections import defaultdict
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewer.sources.command import Git

MAX_COMMITS = 5_000
MAX_OUTPUT = 32_000_000
HALF_LIFE = 90 * 24 * 3600.0
"""Seconds after which a change counts half."""
MAX_FILES = 500
"""A commit of more files moved or formatted them: it says nothing of any."""
_COMMIT = b"\x01"


@dataclass(frozen=True, slots=True)
class History:
    """`heat`: the changes of each path, each counted by its age. `capped`: there is more than was looked at."""

    heat: Mapping[str, float] = field(default_factory=dict)
    capped: bool = False


def history(git: Git, commit: str) -> History:
    """Of the newest commits up to this one. Ages are counted from it: the same commit, the same heat."""
    data, capped = _log(git, commit)
    heat: dict[str, float] = defaultdict(float)
    newest = None
    count = 0
    for when, names in _commits(data):
        count += 1
        newest = when if newest is None else newest
        if len(names) <= MAX_FILES:
            weight = 0.5 ** (max(0, newest - when) / HALF_LIFE)
            for name in names:
                heat[name.decode("utf-8", "backslashreplace")] += weight
    return History(heat, capped or count >= MAX_COMMITS)


def _commits(data: bytes) -> Iterator[tuple[int, list[bytes]]]:
    for part in data.split(_COMMIT)[1:]:
        when, _, names = part.partition(b"\0")
        if when.isdigit():
            yield int(when), [name for name in names.lstrip(b"\n").split(b"\0") if name]


def _log(git: Git, commit: str) -> tuple[bytes, bool]:
    """What git prints, and whether it had more to say; nothing where it fails."""
    asked = ("log", f"--max-count={MAX_COMMITS}", "--no-renames", "--name-only", "-z", "--format=%x01%ct")
    try:
        process = subprocess.Popen(  # noqa: S603 - no shell, and a commit's hash is no option
            git.command(*asked, commit, "--"),
            cwd=git.root,
            env=git.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            process_group=0,
        )
    except OSError:
        return b"", False
    with process:
        data = cast("IO[bytes]", process.stdout).read(MAX_OUTPUT + 1)
        capped = len(data) > MAX_OUTPUT
        if capped:
            process.kill()
            data = data[: data.rfind(_COMMIT)]
    return data, capped
