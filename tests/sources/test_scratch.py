from __future__ import annotations

import errno
import os
import tempfile
from typing import TYPE_CHECKING

import pytest
from processes import git, repository

from reviewer.errors import Misuse
from reviewer.sources import scratch
from reviewer.sources.attributes import BaseAttributes
from reviewer.sources.command import Git

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


def test_a_full_disk_is_no_name_that_no_file_can_have(tmp_path: Path) -> None:
    """Attributes that could not be written are not taken for none."""
    root = repository(tmp_path / "shop", {".gitattributes": "*.js linguist-generated\n"})
    attributes = BaseAttributes(Git(root), git(root, "rev-parse", "HEAD"))
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / ".gitattributes").symlink_to("/dev/full")
    with pytest.raises(Misuse, match="No space left on device; set TMPDIR to a folder with room"):
        attributes._write(tree)
    (tree / ".gitattributes").unlink()
    (tree / ".gitattributes").mkdir()
    attributes._write(tree)
