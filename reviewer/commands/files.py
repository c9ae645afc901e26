"""Files that are written as a whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def replace(path: Path, page: str) -> None:
    """The file is whole or as it was, with the permissions it has, or those a new file gets; raises `OSError`."""
    try:
        mode = path.stat().st_mode & 0o7777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        mode = 0o666 & ~mask
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
        half = Path(file.name)
        try:
            file.write(page)
            file.flush()
            half.chmod(mode)
            half.replace(path)
        except OSError:
            half.unlink(missing_ok=True)
            raise
