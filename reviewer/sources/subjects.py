"""What the commits of a range say they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reviewer.sources.git import Repository

MOST = 20
_COLUMNS = 320
"""Git cuts a longer subject: one can be as large as a file."""


def subjects(repository: Repository) -> tuple[str, ...]:
    """Subjects of the newest commits under review, the oldest of them first; none of a work tree or an index."""
    if repository.head is None or not repository.is_commit:
        return ()
    git = repository.git
    # A base that is no commit is the empty tree: the head is a root, and all there is.
    range_ = f"{repository.base}..{repository.head}" if git.commit(repository.base) else repository.head
    form = f"--format=tformat:%<({_COLUMNS},trunc)%s"
    asked = git.attempt(
        "rev-list", "--no-merges", f"--max-count={MOST}", "--encoding=UTF-8", form, "--end-of-options", range_, "--"
    )
    # Two lines a commit: `commit` with its hash, and the subject.
    lines = asked.stdout.split(b"\n")[1::2] if asked.returncode == 0 else []
    return tuple(line.decode("utf-8", "replace").strip()[:_COLUMNS] for line in reversed(lines))
