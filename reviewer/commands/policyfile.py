"""The team's settings in the working copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer import settings
from reviewer.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any


def read(root: Path | None) -> Mapping[str, Any] | None:
    """Its values; null where there is no such file, or no work tree. `Misuse` where it cannot be read."""
    name = settings.REPOSITORY_FILE
    path = root / name if root else None
    if path is None or not path.is_file():
        return None
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Misuse(f"{name} cannot be read: {error}") from error
    return settings.parse_repository_file(text, name)
