from __future__ import annotations

from changed import added

from reviewer.change.change import FileChange, Kind
from reviewer.context.likely import MAX_SIZE, likely

CHANGE = [
    added("src/app/pay.py", "from shop.cart import Cart\n\ndef pay():\n    return PriceList(Cart()).open()"),
    added("README.md", "text"),
    FileChange("src/gone.py", Kind.DELETED),
]


def chosen(*paths: str, most: int = 10, most_bytes: int = 10_000, size: int = 100) -> list[str]:
    return likely(dict.fromkeys(paths, size), CHANGE, most=most, most_bytes=most_bytes)


def test_imported_files_come_first_then_those_called_like_what_is_used_then_near_ones() -> None:
    assert chosen("src/app/near.py", "lib/price_list.py", "src/shop/cart.py", "far/away.py", "src/b.py") == [
        "src/shop/cart.py",
        "lib/price_list.py",
        "src/app/near.py",
        "src/b.py",
    ]


def test_other_languages_changed_files_and_large_ones_are_not_fetched() -> None:
    assert chosen("src/shop/cart.ts", "src/app/pay.py", "src/app/README.md") == []
    assert chosen("src/shop/cart.py", size=MAX_SIZE + 1, most_bytes=MAX_SIZE * 2) == []


def test_tests_come_last() -> None:
    assert chosen("src/app/a.py", "tests/shop/cart.py") == ["src/app/a.py", "tests/shop/cart.py"]


def test_there_is_an_end_to_it() -> None:
    near = [f"src/app/m{n}.py" for n in range(9)]
    assert len(chosen(*near, most=4)) == 4
    assert len(chosen(*near, most_bytes=250)) == 2
