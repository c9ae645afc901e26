"""Trees to audit, and a model that finds the same defects however it is asked."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from model_server import Answer, reply
from processes import repository

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_ROW = re.compile(r"^## (?P<path>\S+)|^(?P<line>\d+)\+(?P<text>.*boom.*)$", re.MULTILINE)
SMALL = ("--quiet", "--chunk-tokens", "500", "--context-tokens", "0", "--guide-tokens", "0")
"""Many requests about little."""


def shop(root: Path, files: int, defects: int = 9) -> Path:
    """A repository of sources, tests and a few things nobody reads; every `defects`th source has one."""
    written = {"README.md": "# Shop\n", "package-lock.json": "{}\n", "docs/empty.txt": ""}
    for n in range(files):
        body = "".join(f"    total = total + price_{n}_{line} * quantity\n" for line in range(6))
        boom = f"    boom(total, {n})\n" if n % defects == 0 else ""
        written[f"shop/part{n % 7}/module{n}.py"] = f"def total_{n}(total, quantity):\n{body}{boom}    return total\n"
        if n % 3 == 0:
            written[f"tests/test_module{n}.py"] = f"def test_total_{n}():\n    assert total_{n}(0, 1) == {n}\n"
    return repository(root, written)


def defects(body: Any) -> Answer:
    """A finding for every line with a `boom` in it."""
    found, path = [], ""
    for row in _ROW.finditer(body["messages"][-1]["content"]):
        path = row["path"] or path
        if row["line"]:
            said = {"path": path, "line": int(row["line"]), "quote": row["text"], "severity": "high", "category": "bug"}
            found.append({**said, "title": f"It goes boom in {path}", "body": "It does."})
    return reply(json.dumps({"findings": found}))


@dataclass
class Stalling:
    """Answers like `defects` until it has answered `limit` more; the others hang until `cut`, never answered."""

    limit: int | None = None
    answered: list[str] = field(default_factory=list)
    hanging: int = 0
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _gate: threading.Event = field(default_factory=threading.Event)

    def __call__(self, body: Any, _headers: Mapping[str, str]) -> Answer:
        with self._turn:
            if self.limit is None or self.limit > 0:
                self.limit = None if self.limit is None else self.limit - 1
                self.answered.append(json.dumps(body["messages"]))
                return defects(body)
            self.hanging += 1
            gate = self._gate
        gate.wait(30)
        return Answer(drop="before")

    def cut(self, limit: int | None) -> None:
        """Hangs up on those who wait, and answers `limit` more."""
        with self._turn:
            self._gate.set()
            self._gate, self.hanging, self.limit = threading.Event(), 0, limit
