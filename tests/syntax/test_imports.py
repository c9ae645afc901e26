from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.syntax.imports import MAX_IMPORTS, imports
from reviewer.syntax.languages import LANGUAGES

HERE = "src/shop/cart.x"


@pytest.mark.parametrize(
    ("dialect", "source", "modules"),
    [
        ("python", "import os.path as p, shop.cart\n", {("os", "path"), ("shop", "cart")}),
        ("python", "from .items import Item\nfrom ..money import (\n  Money,\n  Rate as R,\n)\n",
         {("src", "shop", "items"), ("src", "money")}),
        ("typescript", 'import type { Item } from "./items.js";\nimport "../setup"\nexport * from "@org/money"',
         {("src", "shop", "items"), ("src", "setup"), ("org", "money")}),
        ("javascript", "const { add } = require('../lib/add')\nawait import('./late')",
         {("src", "lib", "add"), ("src", "shop", "late")}),
        ("java", "import com.shop.Cart;\nimport static com.shop.Rates.*;\n",
         {("com", "shop", "Cart"), ("com", "shop", "Rates")}),
        ("rust", "use crate::shop::{Cart,\n  Item};\n", {("shop", "Cart", "Item")}),
        ("php", "use App\\Shop\\Cart;\n", {("App", "Shop", "Cart")}),
        ("csharp", "using Shop.Carts;\n", {("Shop", "Carts")}),
        ("go", 'import (\n\tfmt "github.com/a/money"\n\t"os"\n)\n', {("github", "com", "a", "money"), ("os",)}),
        ("c", '#include "shop/cart.h"\n#include <stdio.h>\n', {("shop", "cart"), ("stdio",)}),
        ("ruby", "require_relative 'items'\n", {("items",)}),
        ("dart", "import 'package:shop/cart.dart';\n", {("package", "shop", "cart")}),
    ],
)  # fmt: skip
def test_what_is_imported(dialect: str, source: str, modules: set[tuple[str, ...]]) -> None:
    assert set(imports(source, dialect, HERE).modules) == modules


def test_each_name_comes_from_its_module() -> None:
    found = imports("from shop.money import Money, Rate as R\nimport numpy as np\n", "python", HERE)
    assert found.names == {
        "Money": ("shop", "money"), "Rate": ("shop", "money"), "R": ("shop", "money"), "np": ("numpy",)
    }  # fmt: skip
    assert imports('import Cart, { add as plus } from "./cart";', "typescript", HERE).names.keys() == {
        "Cart",
        "add",
        "plus",
    }
    assert imports("const { add } = require('./add')", "javascript", HERE).names == {"add": ("src", "shop", "add")}
    assert imports("import com.shop.Cart;", "java", HERE).names.keys() == {"Cart"}


def test_a_path_does_not_lead_out_of_the_repository() -> None:
    assert imports("import x from '../../../../a'", "typescript", HERE).modules == (("a",),)


def test_there_is_an_end_to_imports() -> None:
    source = "".join(f"import m{n}\n" for n in range(MAX_IMPORTS + 50))
    assert len(imports(source, "python", HERE).modules) == MAX_IMPORTS


@given(st.text(), st.sampled_from(sorted(LANGUAGES)))
def test_any_text_is_read(source: str, dialect: str) -> None:
    imports(source, dialect, HERE)


@pytest.mark.parametrize(
    "unit", [" ", "a", "import ", "import\n", "x=require('", "from x import (", "a.", "use a::{", '"']
)
def test_nothing_takes_long(unit: str) -> None:
    source = unit * (100_000 // len(unit))
    start = time.process_time()
    for dialect in sorted(LANGUAGES):
        imports(source, dialect, HERE)
    assert time.process_time() - start < 20  # quadratic: minutes
