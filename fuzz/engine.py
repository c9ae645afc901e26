"""One target under atheris, with libFuzzer's own options: `python -m fuzz.engine diffs -runs=1000 .fuzz/diffs`."""

from __future__ import annotations

import sys
import tempfile
from importlib import import_module
from pathlib import Path

try:
    import atheris
except ModuleNotFoundError:
    sys.exit("make fuzz: there is no atheris for this machine: it needs Linux on x86-64 and Python 3.11 to 3.13")


def main() -> None:
    program, target, *options = sys.argv
    with atheris.instrument_imports(include=["reviewer", "unidiff"]):
        module = import_module(f"fuzz.{target}")
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(module.seeds()):
            (Path(folder) / f"seed{number}").write_bytes(seed)
        # Regular expressions guide the search as branches do; the option of ours comes last, so that it wins.
        atheris.Setup([program, *options, folder, f"-max_len={module.LARGEST}"], module.check)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
