"""`make bench`: prints tables that are measured here and now, and keeps them where it is told to."""

from __future__ import annotations

import argparse
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import audits, pulls, rendering, scale, speed
from benchmarks.corpus import cut
from benchmarks.tables import Pages, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.corpus import Sample

SIZES = {"small": 100, "medium": 1_500, "large": 10_000, "huge": 100_000}


def main() -> None:
    options = _options()
    pages = Pages()
    pages.say(f"{datetime.now(UTC):%Y-%m-%d}, {_machine()}.")
    if options.audits:
        for table in audits.tables(options.files):
            pages.show(table)
        return
    samples = [cut(options.repo, name, lines) for name, lines in SIZES.items()]
    for sample in samples:
        if sample.copies > 1:
            pages.say(f"{sample.name}: the history is too short; its diff stands there {sample.copies} times.")
    if options.data:
        for table in _of_data(options, samples):
            pages.show(table)
    else:
        pages.say("No data: what is measured on real pull requests is left out (make bench DATA=folder).")
    for table in _of_speed(options, samples):
        pages.show(table)
    if options.write:
        pages.keep(options.write)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument(
        "--repo", type=Path, default=Path(), help="whose history the diffs are cut from (default: this one)"
    )
    parser.add_argument("--latency", type=float, default=0.5, help="seconds the model server takes")
    parser.add_argument("--data", type=Path, help="the pull requests with comments: index.json and diffs/")
    parser.add_argument("--repositories", type=Path, help="their bare repositories, each as owner+name")
    parser.add_argument("--files", type=int, default=10_000, help="files of the large repository")
    parser.add_argument("--audits", action="store_true", help="the tables about audits alone; nothing is kept")
    parser.add_argument("--write", type=Path, help="keep the tables in this file")
    options = parser.parse_args()
    if options.data and not (options.data / "index.json").is_file():
        parser.error(f"{options.data} holds no index.json: name the folder of the data")
    return options


def _of_data(options: argparse.Namespace, samples: Sequence[Sample]) -> Iterator[Table]:
    """What needs no calm machine: the same numbers every time."""
    from benchmarks import absent, convergence, dataset, integrity, placing, prompting, recall, suggesting

    known = dataset.load(options.data, options.repositories)
    yield from placing.tables(known)
    yield from recall.tables(known)
    yield prompting.table(known, next(each for each in samples if each.name == "medium"), options.repo)
    yield integrity.table(known)
    yield absent.table(known)
    yield suggesting.table(known)
    yield convergence.table(known)


def _of_speed(options: argparse.Namespace, samples: Sequence[Sample]) -> Iterator[Table]:
    yield from scale.tables(options.files, options.latency)
    yield Table("start", speed.COMMAND_HEAD, speed.commands())
    yield Table("before the first request", rendering.HEAD, rendering.rows(samples))
    title = f"reviews, model latency {options.latency} s, {speed.CONCURRENCY} requests at once, no cache"
    yield Table(title, speed.REVIEW_HEAD, speed.reviews(samples[:3], options.latency))
    yield Table("pull requests", pulls.HEAD, pulls.rows())
    yield from audits.tables(options.files)


def _machine() -> str:
    import os

    cores = len(os.sched_getaffinity(0))
    return f"{cores} shared cores, {platform.system()} on {platform.machine()}, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
