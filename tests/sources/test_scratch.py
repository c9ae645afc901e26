from __future__ import annotations

import errno
import os
import tempfile
from typing import TYPE_CHECKING

import pytest

from reviewer.errors import Misuse
from reviewer.sources import scratch

if TYPE_CHECKING:
    from pathlib import Path


def test_it_is_gone_afterwards() -> None:
    with scratch.folder() as place:
        (place / "index").write_text("x")
    assert not place.exists()


def test_no_place_for_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(Misuse, match="git needs a temporary folder: No such file or directory; set TMPDIR"):
        scratch.made()


def test_no_room_in_it() -> None:
    with pytest.raises(Misuse, match="No space left on device; set TMPDIR to a folder with room"), scratch.folder():
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_what_else_goes_wrong_while_it_is_there_is_not_its_fault() -> None:
    with pytest.raises(FileNotFoundError), scratch.folder() as place:
        (place / "gone").read_text()
    assert not place.exists()
