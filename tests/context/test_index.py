"""Which files define a name, read once: the same as searching for it, and what is too common where it is near."""

from __future__ import annotations

import resource
import sqlite3
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from snapshots import Files, change, new, plainly

from reviewer.context import index as indexes
from reviewer.context.definitions import Remembered
from reviewer.context.index import COMMON, Index
from reviewer.context.outline import outline
from reviewer.context.symbols import parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reviewer.context.symbols import Part

FILES = {
    "shop/cart.py": "class Cart:\n    limit = 1\n\ndef add_item(cart):\n    local = 1\n",
    "shop/pay.py": "from shop.cart import Cart\nRATE = 2\n\ndef add_item(payment):\n    pass\n",
    "web/app.py": "import shop.pay\nadd_item(1)\n",
    "web/app.ts": "import { x } from './lib'\nclass Cart {}\n",
    "web/lib.ts": "export const x = 1\n",
    "web/old.js": "function Cart() {}\n",
    "logo.png": "",
    "notes.md": "class Cart",
    "data.yaml": "Cart: 1\n",
}


def part(files: Mapping[str, str], path: str) -> Part:
    (found,) = parts(new(path, files[path]), files.get)
    return found


def indexed(files: Mapping[str, str]) -> Index:
    return Index(sorted(files), files.get)


def asked(files: Mapping[str, str], path: str, *names: str) -> dict[str, Sequence[str]]:
    user = part(files, path)
    index = indexed(files)
    paths = index.defining([user], names)
    found = {name: paths(user, name) for name in names}
    index.close()
    return found


def test_the_files_that_define_a_name_in_languages_that_use_it() -> None:
    assert asked(FILES, "web/app.py", "Cart", "add_item", "RATE", "local", "nothing") == {
        "Cart": ["shop/cart.py"],
        "add_item": ["shop/cart.py", "shop/pay.py"],
        "RATE": ["shop/pay.py"],
        "local": (),
        "nothing": (),
    }
    assert asked(FILES, "web/app.ts", "Cart", "x", "RATE") == {
        "Cart": ["web/app.ts", "web/old.js"],
        "x": ["web/lib.ts"],
        "RATE": (),
    }


def test_a_common_name_is_looked_for_near_who_uses_it() -> None:
    many = {f"far/m{n}.py": "def name(): pass\n" for n in range(COMMON)}
    near = {
        "shop/user.py": "from lib.text import name\nfrom pack import thing\nname(1)\n",
        "shop/beside.py": "def name(): pass\n",
        "lib/text.py": "def name(): pass\n",
        "pack/inside.py": "def name(): pass\n",
        "shop/deep/below.py": "def name(): pass\n",
    }
    assert asked({**many, **near}, "shop/user.py", "name") == {
        "name": ["lib/text.py", "pack/inside.py", "shop/beside.py"]
    }
    few = dict(list(many.items())[: COMMON - 4])
    assert len(asked({**few, **near}, "shop/user.py", "name")["name"]) == COMMON
    assert asked(many, "far/m3.py", "name")["name"] == sorted(many)


def test_a_file_is_near_itself_however_many_are_beside_it() -> None:
    files = {f"far/m{n:04}.py": "def name(): pass\n" for n in range(indexes.MOST_NEAR + 9)}
    last = max(files)
    found = asked(files, last, "name")["name"]
    assert last in found
    assert len(found) == indexes.MOST_NEAR + 1


def test_an_outline_says_the_same_as_one_that_searches() -> None:
    chunk = new("web/app.py", FILES["web/app.py"])
    index = indexed(FILES)
    searched = Files(FILES)
    by_index = outline(chunk, Remembered(searched, index=index), plainly())
    assert searched.searches == []
    assert by_index == outline(chunk, Files(FILES), plainly())
    assert [item.where for item in by_index.items] == ["shop/pay.py:4"]


def test_callers_of_what_changed_are_still_searched_for() -> None:
    files = {"a.py": "def total(cart, rate):\n    return 1\n", "b.py": "from a import total\ntotal(1)\n"}
    chunk = change(files, "a.py", "-def total(cart):\n+def total(cart, rate):\n     return 1")
    told = outline(chunk, Remembered(Files(files), index=indexed(files)), plainly())
    assert [item.where for item in told.items] == ["b.py:2"]


def test_large_files_and_unreadable_ones_define_nothing() -> None:
    files = {"large.py": "def f(): pass\n" + "#" * indexes.MAX_SOURCE, "user.py": "f()\n"}
    assert asked(files, "user.py", "f") == {"f": ()}
    index = Index(["gone.py"], lambda _: None)
    assert index.defining([part(files, "user.py")], ["f"])(part(files, "user.py"), "f") == ()


def test_of_one_file_so_many_names_and_no_more() -> None:
    rows = "".join(f"def f{n}(): pass\n" for n in range(indexes.MAX_NAMES + 1))
    found = asked({"a.py": rows, "user.py": "f()\n"}, "user.py", "f0", f"f{indexes.MAX_NAMES}")
    assert found == {"f0": ["a.py"], f"f{indexes.MAX_NAMES}": ()}


def test_more_names_and_files_than_fit_into_one_question() -> None:
    files = {f"m{n}.py": f"def f{n}(): pass\n" for n in range(1200)} | {"user.py": "f()\n"}
    found = asked(files, "user.py", *(f"f{n}" for n in range(1200)))
    assert all(found[f"f{n}"] == [f"m{n}.py"] for n in range(1200))


def test_where_the_disk_is_full_it_knows_nothing_and_says_so() -> None:
    user = part(FILES, "web/app.py")
    index = indexed(FILES)
    index.close()
    assert index.defining([user], ["Cart"])(user, "Cart") == ()
    assert "could not be looked up" in index.trouble
    assert index.trouble in Remembered(Files(FILES), index=index).capped


def test_a_disk_that_is_full_while_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = sqlite3.connect

    def small(*given: object, **named: object) -> sqlite3.Connection:
        database: sqlite3.Connection = connect(*given, **named)  # type: ignore[call-overload]
        database.execute("PRAGMA max_page_count = 3")
        return database

    monkeypatch.setattr(sqlite3, "connect", small)
    index = indexed({f"m{n}.py": f"def f{n}_{'x' * 900}(): pass\n" for n in range(40)})
    user = part(FILES, "web/app.py")
    assert "full" in index.trouble
    assert index.defining([user], ["f1"])(user, "f1") == ()


@pytest.mark.slow
def test_memory_does_not_grow_with_the_repository() -> None:
    def paths() -> Iterable[str]:
        return (f"folder{n // 50}/m{n}.py" for n in range(20_000))

    def read(path: str) -> str:
        return "".join(f"def name_{at}_{path[-9:-3]}_of_a_file(): pass\n" for at in range(20))

    Index(list(paths())[:2000], read).close()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    Index(paths(), read).close()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32_000  # 400 000 names, in KiB


@given(st.dictionaries(st.sampled_from(["a.py", "b.ts", "c.go", "d.rb"]), st.text(), max_size=4), st.text())
def test_no_source_and_no_name_raises(files: dict[str, str], name: str) -> None:
    files["user.py"] = "f()\n"
    assert isinstance(asked(files, "user.py", name), dict)
