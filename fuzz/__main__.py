"""`make fuzz SECONDS=60 [TARGET=diffs]`: each target for so long, from the tests' files and what was found before.

An input that breaks a promise is kept in .fuzz/: it becomes a file of tests/diffs or tests/replies, with its test.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

TARGETS = ("diffs", "answers", "bodies")
KEPT = Path(".fuzz")
SLOWEST = 60
"""Seconds for one input before it counts as hung; `bounds` is stricter, and does not count what others' work takes."""
MEGABYTES = 2_048


def main() -> int:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("targets", nargs="*", metavar="target", help=f"among {', '.join(TARGETS)} (default: all)")
    options = parser.parse_args()
    if unknown := [name for name in options.targets if name not in TARGETS]:
        parser.error(f"there is no target {unknown[0]!r}: take one of {', '.join(TARGETS)}")
    failed = [name for name in options.targets or TARGETS if _run(name, options.seconds)]
    print(f"an input that breaks a promise of {', '.join(failed)} is in {KEPT}/" if failed else "every promise held")
    return bool(failed)


def _run(target: str, seconds: int) -> int:
    """A process of its own for each: the fuzzer ends the one that it runs in."""
    corpus = KEPT / target
    corpus.mkdir(parents=True, exist_ok=True)
    print(f"\n{target}: {seconds} s", flush=True)
    limits = [f"-max_total_time={seconds}", "-len_control=0", f"-timeout={SLOWEST}", f"-rss_limit_mb={MEGABYTES}"]
    where = [f"-artifact_prefix={KEPT}/{target}-", str(corpus)]
    return subprocess.call([sys.executable, "-m", "fuzz.engine", target, *limits, "-print_final_stats=1", *where])


if __name__ == "__main__":
    sys.exit(main())
