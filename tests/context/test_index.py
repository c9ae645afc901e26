from __future__ import annotations

import hashlib
import sqlite3
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.context import index as indexes
from reviewer.context.facts import NAME, Facts, facts
from reviewer.context.index import Entry, Index, Known, build

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

FILES = {
    "shop/cart.py": "class Cart:\n    limit = 1\n\ndef add_item(cart):\n    local = 1\n",
    "shop/pay.py": "from shop.cart import Cart\nRATE = 2\n",
    "web/app.py": "import shop.pay\nadd_item(1)\n",
    "web/app.ts": "import { x } from './lib'\nclass Cart {}\n",
    "web/lib.ts": "export const x = 1\n",
    "logo.png": "",
    "notes.md": "Cart",
}


class Store:
    """Blobs by hash; counts what was asked for."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.texts = {_hash(text): text for text in files.values()}
        self.asked = 0

    def __call__(self, blobs: Sequence[str]) -> list[str | None]:
        self.asked += len(blobs)
        return [self.texts.get(blob) for blob in blobs]


def _hash(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def entries(files: Mapping[str, str]) -> list[Entry]:
    return [Entry(path, _hash(text), len(text)) for path, text in files.items()]


def indexed(files: Mapping[str, str], folder: Path | None = None) -> tuple[Index, int]:
    store = Store(files)
    return build(entries(files), store, folder=folder), store.asked


def test_all_definitions_by_name() -> None:
    index, _ = indexed(FILES)
    assert index.files == 5
    assert index.definitions["Cart"] == (
        Known("Cart", "class", "shop/cart.py", 1),
        Known("Cart", "class", "web/app.ts", 1 + 1),
    )
    assert index.definitions["RATE"] == (Known("RATE", "constant", "shop/pay.py", 2),)
    assert "local" not in index.definitions


def test_who_depends_on_a_file() -> None:
    index, _ = indexed(FILES)
    assert index.used_by == {
        "shop/cart.py": {"shop/pay.py", "web/app.py"},  # imported; a name that it alone defines
        "shop/pay.py": {"web/app.py"},
        "web/lib.ts": {"web/app.ts"},
    }
    assert index.weight("shop/cart.py") == 2
    assert index.weight("web/app.py") == 0


def test_an_unchanged_repository_is_not_read_again(tmp_path: Path) -> None:
    first, asked = indexed(FILES, tmp_path)
    assert asked == 5
    again, asked = indexed(FILES, tmp_path)
    assert asked == 0
    assert (again.files, dict(again.definitions), again.used_by) == (first.files, first.definitions, first.used_by)
    assert len(again.definitions) == len(first.definitions)


def test_only_what_changed_is_read_again(tmp_path: Path) -> None:
    indexed(FILES, tmp_path)
    files = {**FILES, "web/lib.ts": "export const y = 1\n", "moved.py": FILES["shop/pay.py"]}
    index, asked = indexed(files, tmp_path)
    assert asked == 1
    assert index == indexed(files)[0]


@pytest.mark.parametrize("content", [b"no database at all" * 100, b""])
def test_a_file_that_is_no_database_is_set_aside(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    index, _ = indexed(FILES, tmp_path)
    assert index == indexed(FILES)[0]
    assert indexed(FILES, tmp_path)[1] == 0
    assert (tmp_path / NAME).with_suffix(".broken").exists() == bool(content)


def test_a_database_of_somebody_else_is_set_aside(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / NAME) as database:
        database.execute("CREATE TABLE facts (something TEXT)")
    database.close()
    assert indexed(FILES, tmp_path)[0] == indexed(FILES)[0]
    assert indexed(FILES, tmp_path)[1] == 0


@pytest.mark.parametrize(
    "text", ["[", "null", "[1, 2, 3, 4]", '[1, ["a"], {"x": [["class", 9, 1]]}, []]', "[1, [], [], []]", "[" * 100_000]
)
def test_what_nobody_here_wrote_is_not_believed(tmp_path: Path, text: str) -> None:
    indexed(FILES, tmp_path)
    with sqlite3.connect(tmp_path / NAME) as database:
        database.execute("UPDATE whole SET content = ?", (text,))
        database.execute("UPDATE facts SET facts = ?", (text,))
    database.close()
    index, asked = indexed(FILES, tmp_path)
    assert index == indexed(FILES)[0]
    assert asked == 5


def test_where_nothing_can_be_kept_nothing_is(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("")
    assert indexed(FILES, place / "below")[0] == indexed(FILES)[0]


def test_blobs_that_cannot_be_read_and_large_files_are_left_out() -> None:
    gone = Entry("gone.py", "0" * 40, 5)
    large = Entry("large.py", _hash(FILES["shop/pay.py"]), indexes.MAX_SIZE + 1)
    assert build([gone, large], Store(FILES)).files == 0


def test_there_is_an_end_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexes, "MAX_FILES", 2)
    index, _ = indexed(FILES)
    assert (index.files, index.capped) == (2, ("the index is of 2 of 5 files",))


def test_many_files_are_read_in_other_processes() -> None:
    files = {f"m{n}.py": f"def f_{n}(): pass\n" for n in range(indexes.PARALLEL)}
    store = Store(files)
    index = build(entries(files), store, workers=2)
    assert index.files == len(files)
    assert index.definitions["f_7"] == (Known("f_7", "function", "m7.py", 1),)
    assert store.asked == 0  # this one's copy was not asked


@given(st.text(), st.sampled_from(["python", "typescript", "java", "script", "haskell"]))
def test_any_text_has_facts(source: str, dialect: str) -> None:
    found = facts(source, dialect)
    assert isinstance(found, Facts)
    assert all(1 <= line <= source.count("\n") + 1 for _, _, line in found.definitions)
