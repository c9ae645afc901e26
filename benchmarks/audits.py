"""Whole audits of a large repository: calls, wall time above the ideal, CPU and memory, again, and in parts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import town
from benchmarks.speed import seen, server
from benchmarks.tables import Table, percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

LATENCY, CONCURRENCY, SHARDS = 1.0, 32, 8
HEAD = (
    "audit",
    "calls",
    "ideal s",
    "wall s",
    "above ideal",
    "first call s",
    "CPU s: audit",
    "its helpers",
    "peak MB: audit",
    "its helpers",
)
SHARD_HEAD = ("shards", "files: least", "most", "calls: least", "most", "wall s: mean", "slowest", "above the mean")
_TICKS, _PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")


@dataclass
class Audit:
    """One process and those it started, as they were last seen; seconds and megabytes."""

    wall: float = 0.0
    first: float | None = None
    calls: int = 0
    cpu: float = 0.0
    helpers_cpu: float = 0.0
    peak: float = 0.0
    helpers_peak: float = 0.0
    report: Any = None

    @property
    def ideal(self) -> float:
        """Seconds that the calls alone take."""
        return self.calls / CONCURRENCY * LATENCY


def tables(files: int) -> Iterator[Table]:
    """Makes the repository, audits it, and forgets it."""
    with tempfile.TemporaryDirectory() as folder, server(LATENCY) as url:
        root = Path(folder, "town")
        town.make(root, files)
        lines = sum(file.read_bytes().count(b"\n") for file in root.rglob("*.*") if ".git" not in file.parts)
        title = f"audits of {files} files, {lines:,} lines: model latency {LATENCY:g} s, {CONCURRENCY} requests at once"
        note = (
            "Python, TypeScript and Go that call each other (benchmarks/town.py); settings as they are by default."
            " Ideal: the latency of all calls, so many of them at once. Helpers look definitions up: the sum over all."
            " CPU seconds do not depend on what else the machine does, wall seconds do."
        )
        yield Table(title, HEAD, _audits(root, url, Path(folder, "cache")), note)
        yield Table(f"the same in {SHARDS} shards", SHARD_HEAD, _shards(root, url, Path(folder, "parts")))


def _audits(root: Path, url: str, cache: Path) -> Iterator[Sequence[object]]:
    yield _row("the first", run(root, url, cache))
    yield _row("again, nothing changed", run(root, url, cache))
    town.change(root, 4)
    changed = run(root, url, cache)
    yield _row(f"after a change of one file ({len(changed.report['findings'])} findings)", changed)
    yield _row("the built-in checks alone", run(root, url, cache, "--no-model", "--no-cache"))


def _shards(root: Path, url: str, cache: Path) -> Iterator[Sequence[object]]:
    parts = [run(root, url, cache, "--shard", f"{number}/{SHARDS}") for number in range(1, SHARDS + 1)]
    walls = [part.wall for part in parts]
    mean = sum(walls) / len(walls)
    files, calls = [part.report["coverage"]["files"] for part in parts], [part.calls for part in parts]
    above = percent(max(walls) - mean, mean)
    yield SHARDS, min(files), max(files), min(calls), max(calls), f"{mean:.2f}", f"{max(walls):.2f}", above


def _row(name: str, audit: Audit) -> Sequence[object]:
    above = f"{100 * (audit.wall / audit.ideal - 1):.1f} %" if audit.calls > CONCURRENCY else "-"
    first = "-" if audit.first is None else f"{audit.first:.2f}"
    cpu, memory = (audit.cpu, audit.helpers_cpu), (audit.peak, audit.helpers_peak)
    seconds = (f"{audit.ideal:.1f}", f"{audit.wall:.1f}", above, first)
    return name, audit.calls, *seconds, *(f"{each:.1f}" for each in cpu), *(f"{each:.0f}" for each in memory)


def run(root: Path, url: str, cache: Path, *flags: str) -> Audit:
    """`reviewer audit` as a user runs it, looked at ten times a second."""
    unwanted = ("REVIEWER_", "PYTHONDONTWRITEBYTECODE")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    model = {"REVIEWER_PROVIDER": "openai", "REVIEWER_BASE_URL": url + "/v1", "REVIEWER_API_KEY": "none"}
    words = ("--quiet", "--format", "json", "--concurrency", str(CONCURRENCY), *flags)
    command = [sys.executable, "-m", "reviewer", "audit", os.fspath(root), *words]
    seen(url)
    audit = Audit()
    helpers: dict[int, float] = {}
    with tempfile.TemporaryFile() as output:
        started, began = time.time(), time.perf_counter()
        variables = {**environ, **model, "REVIEWER_CACHE_DIR": os.fspath(cache)}
        with subprocess.Popen(command, stdout=output, env=variables) as child:
            while child.poll() is None:
                _look(child.pid, audit, helpers)
                time.sleep(0.1)
        audit.wall = time.perf_counter() - began
        output.seek(0)
        audit.report = json.loads(output.read())
    stats = seen(url)
    audit.calls, audit.helpers_cpu = stats["calls"], sum(helpers.values())
    audit.first = None if stats["first"] is None else stats["first"] - started
    return audit


def _look(process: int, audit: Audit, helpers: dict[int, float]) -> None:
    found = _processes()
    if process not in found:
        return
    _, audit.cpu, memory = found[process]
    audit.peak = max(audit.peak, memory)
    theirs = {number: each for number, each in found.items() if each[0] == process}
    audit.helpers_peak = max(audit.helpers_peak, sum(memory for _, _, memory in theirs.values()))
    helpers.update({number: cpu for number, (_, cpu, _) in theirs.items()})


def _processes() -> Mapping[int, tuple[int, float, float]]:
    """Parent, CPU seconds so far and resident megabytes of every process there is."""
    found = {}
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                facts = (place / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it has ended
                continue
            cpu = (int(facts[11]) + int(facts[12])) / _TICKS
            found[int(place.name)] = int(facts[1]), cpu, int(facts[21]) * _PAGE / 2**20
    return found
