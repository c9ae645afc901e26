"""Calls, tokens, wall time above the ideal and memory of whole `reviewer review` processes."""

from __future__ import annotations

import json
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.corpus import Sample

RUNS = 5
CONCURRENCY = 16


@dataclass(frozen=True)
class Run:
    """One process: seconds from its start, peak resident megabytes."""

    wall: float
    peak_mb: float
    output: bytes
    started: float


def process(arguments: Sequence[str], folder: Path | None = None, **variables: str) -> Run:
    """Runs `reviewer` once, in `folder`, and waits for it, looking at its high-water mark now and then.

    (The kernel's own `ru_maxrss` starts at the size of the process that forked.)
    """
    # Without compiled modules every start would compile them again, which nobody's second review does.
    unwanted = ("REVIEWER_", "PYTHONDONTWRITEBYTECODE")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    peak = 0
    with tempfile.TemporaryFile() as output:
        started, began = time.time(), time.perf_counter()
        command = [sys.executable, "-m", "reviewer", *arguments]
        with subprocess.Popen(command, stdout=output, env={**environ, **variables}, cwd=folder) as child:
            while child.poll() is None:
                found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{child.pid}/status").read_text())
                peak = max(peak, int(found[1])) if found else peak
                time.sleep(0.002)
        wall = time.perf_counter() - began
        output.seek(0)
        return Run(wall, peak / 1024, output.read(), started)


@contextmanager
def server(latency: float) -> Iterator[str]:
    """The loopback model server's address."""
    command = [sys.executable, "-m", "benchmarks.server", str(latency)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            yield f"http://127.0.0.1:{child.stdout.readline().strip()}"
        finally:
            child.kill()


def seen(url: str) -> dict[str, Any]:
    """What the server has seen since it was last asked."""
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - the server above
        found: dict[str, Any] = json.load(answer)
    return found


def reviews(samples: Sequence[Sample], latency: float = 0.5) -> Iterator[tuple[object, ...]]:
    """A row a size: medians over RUNS processes, without a cache."""
    with server(latency) as url, tempfile.TemporaryDirectory() as folder:
        for sample in samples:
            file = Path(folder) / f"{sample.name}.diff"
            file.write_bytes(sample.diff)
            walls, firsts, peaks = [], [], []
            for _ in range(RUNS):
                run = process(
                    [
                        "review",
                        str(file),
                        "--quiet",
                        "--no-cache",
                        "--format",
                        "json",
                        "--concurrency",
                        str(CONCURRENCY),
                        "--max-file-kb",
                        "100000",
                    ],
                    REVIEWER_PROVIDER="openai",
                    REVIEWER_BASE_URL=url + "/v1",
                    REVIEWER_API_KEY="none",
                )
                stats = seen(url)
                walls.append(run.wall)
                firsts.append((stats["first"] or run.started) - run.started)
                peaks.append(run.peak_mb)
            report = json.loads(run.output)
            ideal = latency * math.ceil(stats["calls"] / CONCURRENCY)
            covered = report["coverage"]
            named = covered["changed_lines"] - covered["reviewed_lines"]
            yield (
                sample.name,
                sample.files,
                sample.changed,
                stats["calls"],
                f"{stats['prompt_bytes'] / len(sample.diff):.2f}",
                f"{statistics.median(walls):.2f}",
                f"{statistics.median(walls) - ideal:.2f}",
                f"{statistics.median(firsts):.2f}",
                f"{max(peaks):.0f}",
                covered["reviewed_lines"],
                named,
            )


REVIEW_HEAD = (
    "size",
    "files",
    "changed lines",
    "calls",
    "prompt/diff bytes",
    "wall s",
    "above ideal s",
    "first call s",
    "peak MB",
    "lines read",
    "lines named",
)


def commands() -> Iterator[tuple[object, ...]]:
    """How long a command takes that reads nothing."""
    for arguments in (["--version"], ["--help"], ["review", "--help"]):
        walls = [process(arguments).wall for _ in range(2 * RUNS)]
        yield "reviewer " + " ".join(arguments), f"{statistics.median(walls):.3f}", f"{min(walls):.3f}"


COMMAND_HEAD = ("command", "median s", "fastest s")
