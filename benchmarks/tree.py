"""A git repository of any number of files, made of real ones, each with names of its own, and a change to some."""

from __future__ import annotations

import re
import subprocess
import sysconfig
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CHANGED = 10
"""Files that the second commit changes."""
CALLS = 20
"""What each of them calls."""
_NAMED = re.compile(rb"(?m)^(\s*(?:async )?(?:def|class) )(\w+)")
_WHO = b"committer bench <bench@localhost> 1700000000 +0000\n"


def make(root: Path, files: int) -> None:
    """Two commits on `main`: everything, and a further function in `CHANGED` files that calls what others define."""
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", root], check=True)
    with subprocess.Popen(["git", "-C", root, "fast-import", "--quiet"], stdin=subprocess.PIPE) as child:
        assert child.stdin is not None
        child.stdin.write(b"commit refs/heads/main\n" + _WHO + _data(b"all"))
        texts = dict(islice(_sources(), max(files, CHANGED)))
        for path, text in texts.items():
            child.stdin.write(b"M 100644 inline %s\n" % path.encode() + _data(text))
        child.stdin.write(b"\ncommit refs/heads/main\n" + _WHO + _data(b"change"))
        for path, text in _changes(texts):
            child.stdin.write(b"M 100644 inline %s\n" % path.encode() + _data(text))
        child.stdin.write(b"\ndone\n")
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, "git fast-import")


def _sources() -> Iterator[tuple[str, bytes]]:
    """The standard library's modules, again and again, their definitions renamed each time."""
    library = Path(sysconfig.get_path("stdlib"))
    found = [path for path in sorted(library.rglob("*.py")) if 0 < path.stat().st_size < 200_000]
    copy = 0
    while True:
        for path in found:
            text = path.read_bytes()
            yield f"part{copy}/{path.relative_to(library)}", _NAMED.sub(rb"\1\2_%d" % copy, text) if copy else text
        copy += 1


def _changes(texts: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Each calls up to 20 functions and classes of the files from halfway to the next one on."""
    paths = list(texts)
    step = max(1, len(paths) // CHANGED)
    for at in range(0, step * CHANGED, step):
        others = paths[at + step // 2 : at + step]
        names = (name for path in others for indent, name in _NAMED.findall(texts[path]) if not indent[:1].isspace())
        calls = "".join(f"    {name.decode()}(1, 2)\n" for name in islice(names, CALLS))
        yield paths[at], texts[paths[at]] + f"\n\ndef added():\n    pass\n{calls}".encode()


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)
