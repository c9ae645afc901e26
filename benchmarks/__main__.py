"""`make bench`: prints tables that are measured here and now."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import pulls, rendering, speed
from benchmarks.corpus import cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SIZES = {"small": 100, "medium": 1_500, "large": 10_000, "huge": 100_000}


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    print(f"\n### {title}\n\n| {' | '.join(head)} |\n|{'---|' * len(head)}", flush=True)
    for row in rows:
        print(f"| {' | '.join(map(str, row))} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument(
        "--repo", type=Path, default=Path(), help="whose history the diffs are cut from (default: this one)"
    )
    parser.add_argument("--latency", type=float, default=0.5, help="seconds the model server takes")
    options = parser.parse_args()
    samples = [cut(options.repo, name, lines) for name, lines in SIZES.items()]
    for sample in samples:
        if sample.copies > 1:
            print(f"{sample.name}: the history is too short; its diff stands there {sample.copies} times")
    table("start", speed.COMMAND_HEAD, speed.commands())
    table("before the first request", rendering.HEAD, rendering.rows(samples))
    title = f"reviews, model latency {options.latency} s, {speed.CONCURRENCY} requests at once, no cache"
    table(title, speed.REVIEW_HEAD, speed.reviews(samples[:3], options.latency))
    table("pull requests", pulls.HEAD, pulls.rows())


if __name__ == "__main__":
    main()
