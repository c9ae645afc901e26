"""Golden files: what is pinned, compared or (GOLDENS=rewrite) written anew and then read by a person."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def same(path: Path, text: str) -> None:
    """Asserts that the golden file holds exactly `text`."""
    if os.environ.get("GOLDENS") == "rewrite":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    assert path.exists(), f"{path.name} is missing: run `make goldens`, then read it"
    assert text == path.read_bytes().decode(), f"{path.name} differs: run `make goldens`, then read the difference"
