"""How much of a pull request is asked about again after a further push."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from benchmarks.dataset import git
from benchmarks.tables import Table, percent
from reviewer.change import diff
from reviewer.change.identity import identities, unseen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from benchmarks.dataset import Pull

NOTE = (
    "Every pull request of several commits, as if all but the last commit had been reviewed before that was pushed."
    " A hunk is read again when anything in it changed."
)


def table(pulls: Sequence[Pull]) -> Table:
    """Lines asked about with and without remembering what was read."""
    head = ("pull requests of several commits", "changed lines", "asked without convergence", "with it", "share")
    return Table("convergence: the second push", head, _rows(pulls), NOTE)


def _rows(pulls: Sequence[Pull]) -> Iterator[Sequence[object]]:
    totals: Counter[str] = Counter()
    for pull in pulls:
        if pull.repository and (earlier := _before_last(pull.repository, pull)):
            totals += again(earlier, pull.diff)
            totals["pulls"] += 1
    if totals["pulls"]:
        lines, asked = totals["lines"], totals["asked"]
        yield totals["pulls"], lines, lines, asked, percent(asked, lines)
    else:
        yield "not available here", "", "", "", ""


def again(earlier: bytes, later: bytes) -> Counter[str]:
    """The changed lines of the later diff, and those in hunks that the earlier one has not."""
    seen = identities(diff.parse(earlier).files)
    files = diff.parse(later).files
    return Counter(
        lines=sum(file.changed_lines() for file in files),
        asked=sum(unseen(file, seen).changed_lines() for file in files),
    )


def _before_last(repository: Path, pull: Pull) -> bytes | None:
    """The diff as it was before the last commit; null where that was the only one."""
    parent = git(repository, "rev-parse", "--verify", "--quiet", f"{pull.head}^", check=False).strip()
    if not parent or git(repository, "merge-base", parent, pull.base).strip() == parent:
        return None
    base = git(repository, "merge-base", parent, pull.base).strip()
    return git(repository, "diff", "--no-ext-diff", "-M", base, parent).encode(errors="replace")
