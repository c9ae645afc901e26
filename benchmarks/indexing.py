"""The full index of a repository, in a process of its own: `python -m benchmarks.indexing REPOSITORY FOLDER`."""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path

from reviewer.context.index import build
from reviewer.sources.command import Git
from reviewer.sources.loader import Loader, entries


def main() -> None:
    """Prints how many names it knows, the seconds it took and the peak in MB of this process."""
    git, folder = Git(Path(sys.argv[1])), Path(sys.argv[2])
    began = time.perf_counter()
    index = build(entries(git, "main"), Loader(git), folder=folder, workers=2)
    took = time.perf_counter() - began
    peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    print(json.dumps([index.files, took, int(peak[1]) / 1024 if peak else 0, len(index.capped)]))


if __name__ == "__main__":
    main()
