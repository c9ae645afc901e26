from __future__ import annotations

import pytest

from reviewer.context.neighbourhood import Neighbourhood, distance, parts_of
from reviewer.context.ranking import is_test
from reviewer.context.symbols import Symbol
from reviewer.syntax.imports import imports
from reviewer.syntax.words import Use


def near(path: str, source: str, dialect: str, name: str, other: str, receiver: str = "") -> str:
    symbol = Symbol(name, 1, Use.CALL, 1, frozenset({receiver} - {""}))
    return Neighbourhood(path, imports(source, dialect, path)).nearness(symbol, other)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ("src/app/pay.py", "here"),
        ("src/shop/cart.py", "imported"),
        ("src/shop/__init__.py", "imported"),
        ("src/money/rates.py", "module"),
        ("src/app/other.py", "beside"),
        ("src/else/where.py", "elsewhere"),
    ],
)
def test_how_near_a_file_is(other: str, expected: str) -> None:
    source = "from shop.cart import Cart\nimport money.rates\nimport shop\n"
    assert near("src/app/pay.py", source, "python", "Cart", other) == expected


@pytest.mark.parametrize(
    ("path", "source", "dialect", "name", "receiver", "other"),
    [
        ("web/a.ts", "import { add } from '../lib/cart.js'", "typescript", "add", "", "lib/cart.ts"),
        ("web/a.ts", "import { add } from './cart'", "typescript", "add", "", "web/cart/index.tsx"),
        ("a/A.java", "import com.shop.Cart;", "java", "Cart", "", "src/com/shop/Cart.java"),
        ("src/a.rs", "use crate::shop::Cart;", "rust", "Cart", "", "src/shop.rs"),
        ("a.php", "use App\\Shop\\Cart;", "php", "open", "Cart", "app/Shop/Cart.php"),
        ("a.py", "from .cart import Cart", "python", "Cart", "", "cart.py"),
    ],
)  # fmt: skip
def test_a_name_comes_from_where_it_is_imported(
    path: str, source: str, dialect: str, name: str, receiver: str, other: str
) -> None:
    assert near(path, source, dialect, name, other, receiver) == "imported"


def test_a_folder_s_package_is_all_its_files() -> None:
    source = 'import "github.com/a/shop/pkg/money"'
    assert near("cmd/main.go", source, "go", "Add", "pkg/money/rates.go") == "module"


def test_the_words_of_a_path() -> None:
    assert parts_of("osu.Game/Mods/Mod.cs") == ("osu", "Game", "Mods", "Mod")
    assert parts_of("src/shop/__init__.py") == ("src", "shop")
    assert parts_of("index.ts") == ("index",)


def test_steps_from_folder_to_folder() -> None:
    assert distance("a/b/c.py", "a/b/d.py") == 0
    assert distance("a/b/c.py", "a/d.py") == 1
    assert distance("a/b/c.py", "x.py") == 2


@pytest.mark.parametrize(
    "path", ["tests/a.py", "src/a_test.go", "a.spec.ts", "src/CartTest.java", "web/__mocks__/a.ts"]
)
def test_a_test_is_known_by_its_name(path: str) -> None:
    assert is_test(path)


@pytest.mark.parametrize("path", ["src/latest.py", "src/contest/a.ts", "a/Request.php", "src/greatest.go"])
def test_what_only_sounds_like_one_is_none(path: str) -> None:
    assert not is_test(path)
