from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.errors import Misuse
from reviewer.findings import Reason, Side
from reviewer.sources.patch import Patch

DIFFS = Path(__file__).parents[1] / "diffs"


def test_a_patch_is_its_files_and_what_is_broken_of_them() -> None:
    with Patch((DIFFS / "broken_short.diff").read_bytes(), "my.diff") as source:
        change = source.change()

    assert [file.path for file in change.files] == ["ok.py"]
    assert [(entry.path, entry.reason) for entry in change.broken] == [("bad.py", Reason.UNPARSABLE)]
    assert (change.head, change.base) == (None, None)
    assert source.read("ok.py", Side.NEW) is None


def test_a_patch_that_is_none_is_misuse_by_its_name() -> None:
    with pytest.raises(Misuse, match=r"^my\.diff is no diff"):
        Patch(b"hello", "my.diff").change()


def test_the_bytes_are_in_no_repr() -> None:
    assert repr(Patch(b"secret", "my.diff")) == "Patch(name='my.diff')"
