"""A large diff through everything that happens before a request: parse, select, chunk, render."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.corpus import Sample

HEAD = ("size", "changed lines", "chunks", "parse s", "all before a request s", "prompt/diff tokens", "peak MB")

PROBE = """
import json, re, sys, time
from reviewer import prompts
from reviewer.change import chunks, diff
from reviewer.change.pieces import Chunk
from reviewer.change.select import Selection, select
from reviewer.checks import catalogue
from reviewer.rules import packs
from reviewer.text.redact import Redactor
from reviewer.text.show import Show
from reviewer.text.tokens import estimate
data = open(sys.argv[1], "rb").read()
began = time.perf_counter()
parsed = diff.parse(data)
parse = time.perf_counter() - began
show = Show(Redactor(catalogue.secret_patterns(catalogue.load())))
chosen = select(parsed.files, Selection(max_file_kb=100000), attributes=None, read=lambda path, side: None)
count = tokens = lines = 0
for item in chunks.pack(chosen, budget=8000, show=show):
    if isinstance(item, Chunk):
        applying = packs.applying(packs.shipped(), [piece.file.path for piece in item.pieces])
        composed = prompts.compose(item, applying, language="English")
        count += 1
        tokens += sum(estimate(message.content) for message in composed.messages)
        lines += sum(piece.changed for piece in item.pieces)
whole = time.perf_counter() - began
peak = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024
print(json.dumps([lines, count, parse, whole, tokens / estimate(data.decode(errors="replace")), peak]))
"""


def rows(samples: Sequence[Sample]) -> Iterator[tuple[object, ...]]:
    """A row a size, each in a fresh process; the better of three, as the machine is shared."""
    with tempfile.TemporaryDirectory() as folder:
        for sample in samples:
            file = Path(folder) / "x.diff"
            file.write_bytes(sample.diff)
            found = [
                json.loads(subprocess.run([sys.executable, "-c", PROBE, file], check=True, capture_output=True).stdout)
                for _ in range(3)
            ]
            lines, count, parse, whole, ratio, peak = min(found, key=lambda row: float(row[3]))
            yield sample.name, lines, count, f"{parse:.2f}", f"{whole:.2f}", f"{ratio:.2f}", f"{peak:.0f}"
