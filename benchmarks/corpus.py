"""Real diffs, cut from a git history to a size."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Sample:
    """A diff and what it is made of; `copies` > 1: the history was too short, so it stands there that many times."""

    name: str
    diff: bytes
    files: int
    changed: int
    copies: int


def cut(repo: Path, name: str, lines: int) -> Sample:
    """The newest stretch of the history with about `lines` changed lines; a short history is repeated in folders."""
    commits = _git(repo, "rev-list", "--first-parent", "HEAD").decode().split()
    low, high = 1, len(commits) - 1
    while low < high:  # the shortest stretch that is large enough; sizes grow well enough with its length
        middle = (low + high) // 2
        if _changed(_diff(repo, commits[middle])) < lines:
            low = middle + 1
        else:
            high = middle
    diff = _cut_to(_diff(repo, commits[low] if commits[1:] else None), lines)
    copies = max(1, -(-lines // max(1, _changed(diff)))) if _changed(diff) < 0.8 * lines else 1
    whole = b"".join(_elsewhere(diff, number) for number in range(copies)) if copies > 1 else diff
    whole = _cut_to(whole, lines)
    return Sample(name, whole, len(_files(whole)), _changed(whole), copies)


def _diff(repo: Path, since: str | None) -> bytes:
    base = since or _git(repo, "hash-object", "-t", "tree", "/dev/null").decode().strip()
    return _git(repo, "diff", "--no-ext-diff", "-M", base, "HEAD")


def _files(diff: bytes) -> list[bytes]:
    return [part for part in re.split(rb"(?m)^(?=diff --git )", diff) if part]


def _cut_to(diff: bytes, lines: int) -> bytes:
    """Whole files from the start until there are enough lines."""
    kept, total = [], 0
    for part in _files(diff):
        if total >= lines:
            break
        kept.append(part)
        total += _changed(part)
    return b"".join(kept)


def _changed(diff: bytes) -> int:
    return len(re.findall(rb"(?m)^(?:\+(?!\+\+ )|-(?!-- ))", diff))


def _elsewhere(diff: bytes, number: int) -> bytes:
    folder = b"copy%d/" % number
    diff = re.sub(rb"(?m)^diff --git a/(\S+) b/(\S+)$", rb"diff --git a/%s\1 b/%s\2" % (folder, folder), diff)
    diff = re.sub(rb"(?m)^(rename|copy) (from|to) ", rb"\1 \2 " + folder, diff)
    return re.sub(rb"(?m)^(--- a/|\+\+\+ b/)", rb"\1" + folder, diff)


def _git(repo: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", "-C", str(repo), *arguments], check=True, capture_output=True).stdout
