from __future__ import annotations

from typing import TYPE_CHECKING

from snapshots import Files

from reviewer.context.definitions import MAX_CHARACTERS, MAX_KEPT, Lookup, Place, Remembered, remembered
from reviewer.context.snapshot import WORD
from reviewer.syntax.definitions import MAX_DEFINITIONS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from reviewer.context.snapshot import Hit

FILES = {
    "shop/cart.py": "class Cart:\n    pass\n\ndef total(cart):\n    return cart\n",
    "app.py": "from shop.cart import total\ntotal(1)\n# total of it\n",
    "README.md": "def total(x)\n",
}


def test_where_a_name_is_defined_and_used() -> None:
    lookup = Lookup(Files(FILES))
    assert lookup.definitions("total") == (Place("shop/cart.py", 4, "def total(cart):"),)
    assert [(place.path, place.line) for place in lookup.uses("total")] == [
        ("README.md", 1),  # no source code: it defines nothing
        ("app.py", 1),
        ("app.py", 2),
        ("app.py", 3),
    ]
    assert lookup.definitions("nothing") == lookup.uses("nothing") == ()
    assert not lookup.capped


def test_what_only_looks_like_a_definition_is_none() -> None:
    lookup = Lookup(Files({"a.py": "'''\ndef total(): pass\n'''\n"}))
    assert lookup.definitions("total") == ()


def test_a_bound_that_was_hit_is_told() -> None:
    assert Lookup(Files(FILES, capped=["too much"])).capped


def test_a_search_is_made_once() -> None:
    files = Files(FILES)
    lookup = Lookup(files)
    lookup.definitions("total")
    lookup.uses("total")
    assert len(files.searches) == 1


def test_only_what_is_new_is_looked_for() -> None:
    files = Files(FILES)
    memory = remembered(files)
    assert remembered(memory) is memory
    first = memory.sightings(("python",), ["total"], [])
    memory.sightings(("python",), ["total", "Cart"], ["total"])
    assert [hit.line for hit in first.defining["total"]] == [4]
    assert files.searches == [frozenset({"total"}), frozenset({"total", "Cart"})]
    assert [hit.path for hit in memory.sightings(("python",), [], ["total"]).calling["total"]] == [
        "app.py",
        "shop/cart.py",
    ]
    assert len(files.searches) == 2


def test_files_are_read_once_and_not_at_all_where_they_are_not() -> None:
    memory = Remembered(Files(FILES))
    assert [each.name for each in memory.definitions("shop/cart.py")] == ["Cart", "total"]
    assert memory.definitions("shop/cart.py") is memory.definitions("shop/cart.py")
    assert memory.definitions("nowhere.py") == ()
    assert list(memory.paths()) == sorted(FILES)


def test_as_much_is_remembered_as_fits() -> None:
    class Counted(Files):
        def __init__(self, texts: dict[str, str]) -> None:
            super().__init__(texts)
            self.reads: list[str] = []

        def read(self, path: str) -> str | None:
            self.reads.append(path)
            return super().read(path)

    large = "x" * (MAX_CHARACTERS // 8)
    few, many = ([f"{name}{number}.txt" for number in range(count)] for name, count in (("f", 8), ("m", MAX_KEPT)))
    files = Counted({**dict.fromkeys(few, large), **dict.fromkeys(many, ""), "one.txt": "1", "all.txt": large * 9})
    memory = Remembered(files)
    for path in (*few, *few):
        memory.read(path)
    assert files.reads == few
    for path in ("one.txt", few[1], few[0]):  # the one pushes the oldest out
        memory.read(path)
    assert files.reads == [*few, "one.txt", few[0]]
    files.reads.clear()
    for path in (*many, *many):
        memory.read(path)
    assert files.reads == many
    for path in ("all.txt", "all.txt", *many[:1]):  # what fits nowhere costs the rest its place, and no more
        assert memory.read(path) == files.texts[path]
    assert files.reads == [*many, "all.txt", "all.txt", many[0]]


def test_of_definitions_too() -> None:
    many = "\n".join(f"def f{number}(): pass" for number in range(MAX_DEFINITIONS))
    paths = [f"d{number}.py" for number in range(40)]
    memory = Remembered(Files(dict.fromkeys(paths, many)), seconds=0)
    first = memory.definitions(paths[0])
    assert memory.definitions(paths[0]) is first
    for path in paths[1:]:
        memory.definitions(path)
    assert memory.definitions(paths[0]) is not first


def test_when_parsing_took_too_long_lines_have_to_do() -> None:
    ticks = iter(range(0, 1000, 20))
    memory = Remembered(
        Files({"a.py": "def f():\n    pass\n", "b.py": "def g():\n    pass\n"}), clock=lambda: next(ticks)
    )
    assert [memory.definitions(path)[0].last for path in ("a.py", "b.py")] == [2, 2]
    assert memory.capped == ("the repository's sources take too long to parse: some were only read line by line",)
    memory = Remembered(Files({"a.py": "def f():\n    pass\n"}), seconds=0)
    assert [each.last for each in memory.definitions("a.py")] == [1]


def test_a_search_that_breaks_off_keeps_nobody_waiting() -> None:
    class Broken(Files):
        def grep(self, words: Collection[str], shape: str = WORD, suffixes: Collection[str] = ()) -> Sequence[Hit]:
            raise KeyboardInterrupt(f"{words} {shape} {suffixes}")

    memory = Remembered(Broken(FILES))
    for _ in range(2):
        try:
            found = memory.sightings(("python",), ["total"], [])
        except KeyboardInterrupt:
            continue
        assert found.defining["total"] == ()
