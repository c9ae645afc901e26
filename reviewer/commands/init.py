"""`reviewer init`: the workflow and the team's settings, written into a repository."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.commands import flags
from reviewer.errors import Misuse, Undelivered
from reviewer.settings import REPOSITORY_FILE
from reviewer.sources import git

if TYPE_CHECKING:
    from collections.abc import Sequence

DATA = Path(__file__).with_name("data")
FILES = {".github/workflows/reviewer.yml": DATA / "reviewer.yml", REPOSITORY_FILE: DATA / "reviewer.toml"}
NEXT = """\
next:
  1. put the repository you got reviewer from in the place of OWNER/reviewer in .github/workflows/reviewer.yml
  2. store your key as the secret SEGMIND_API_KEY (`gh secret set SEGMIND_API_KEY`), or write `provider: none` for it
  3. commit both files and open a pull request
"""


def run(arguments: Sequence[str]) -> int:
    """Writes what is missing and leaves what is there as it is; `Misuse` outside of a git repository."""
    parser().parse_args(arguments)
    root = git.toplevel(Path.cwd())
    if root is None:
        raise Misuse("there is no git repository here: change into yours, or make one with git init")
    written = [_write(root, name, source) for name, source in FILES.items()]
    if any(written):
        sys.stdout.write(NEXT)
    return 0


def parser() -> flags.Parser:
    """It has no flags: what it writes is there to be edited."""
    return flags.Parser(
        prog="reviewer init",
        usage="reviewer init",
        description=f"Writes {' and '.join(FILES)} into the repository around you. Never overwrites a file.",
        allow_abbrev=False,
    )


def _write(root: Path, name: str, source: Path) -> bool:
    """Whether the file was written; one that is there stays, whatever it is."""
    path = root / name
    if path.exists() or path.is_symlink():
        sys.stdout.write(f"{name} is there already: left as it is\n")
        return False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(source.read_bytes())
    except OSError as error:
        raise Undelivered(f"{name} could not be written: {error.strerror}") from error
    sys.stdout.write(f"{name} written\n")
    return True
