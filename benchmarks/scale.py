"""What a large repository costs: the time to the first request of a review, and that of looking things up."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import tree
from benchmarks.speed import RUNS, process, seen, server
from benchmarks.tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# A chunk's context in a fresh process, as the first chunk of a review meets it.
PROBE = """
import json, re, sys, time
began = time.perf_counter()
from pathlib import Path
from benchmarks.dataset import packed, show
from reviewer.context.definitions import remembered
from reviewer.context.outline import outline
from reviewer.sources.git import Git, revisions
root = Path(sys.argv[1])
with revisions(root, "main~1..main") as repository:
    chunks, _ = packed(Git(root).diff("main~1", "main"))
    snapshot = remembered(repository.snapshot())
    ready = time.perf_counter()
    items = [len(outline(chunk, snapshot, show()).items) for chunk in chunks]
    done = time.perf_counter()
peak = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024
print(json.dumps([len(chunks), sum(items), ready - began, done - ready, peak, len(snapshot.capped)]))
"""


def tables(files: int, latency: float) -> Iterator[Table]:
    """Makes the repository, measures in it, and forgets it."""
    with tempfile.TemporaryDirectory() as folder:
        root, checkout = Path(folder, "bare"), Path(folder, "checkout")
        tree.make(root, files)
        subprocess.run(["git", "clone", "--quiet", root, checkout], check=True)
        note = f"A change of {tree.CHANGED} files in a bare repository of {files} (Python's own library, renamed)."
        head = ("chunks", "items found", "before it s", "outline s", "peak MB", "bounds hit")
        yield Table(f"outline in {files} files, a fresh process", head, _outlines(root), note)
        head = ("review", "calls", "first call s: median", "slowest", "wall s", "peak MB")
        rows = (row for place in (checkout, root) for row in _reviews(place, latency))
        yield Table(f"reviews in {files} files, model latency {latency} s", head, rows)


def _outlines(root: Path) -> Iterator[Sequence[object]]:
    command = [sys.executable, "-c", PROBE, str(root)]
    found = [json.loads(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(3)]
    chunks, items, before, took, peak, capped = min(found, key=lambda row: float(row[3]))
    yield chunks, items, f"{before:.2f}", f"{took:.2f}", f"{peak:.0f}", capped


def _reviews(root: Path, latency: float) -> Iterator[Sequence[object]]:
    with server(latency) as url:
        model = {"REVIEWER_PROVIDER": "openai", "REVIEWER_BASE_URL": url + "/v1", "REVIEWER_API_KEY": "none"}
        for name, tokens in (("with context", "2000"), ("without context", "0")):
            runs, firsts, calls = [], [], 0
            for _ in range(RUNS):
                arguments = ("review", "HEAD~1..HEAD", "--quiet", "--no-cache", "--format", "json")
                run = process([*arguments, "--context-tokens", tokens], folder=root, **model)
                stats = seen(url)
                calls = stats["calls"]
                runs.append(run)
                firsts.append((stats["first"] or run.started) - run.started)
            wall = statistics.median(run.wall for run in runs)
            peak = max(run.peak_mb for run in runs)
            yield (
                f"{root.name}, {name}",
                calls,
                f"{statistics.median(firsts):.2f}",
                f"{max(firsts):.2f}",
                f"{wall:.2f}",
                f"{peak:.0f}",
            )
