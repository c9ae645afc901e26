"""What counts as proof, file by file: a repository of a few lines for each case."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from reviewer.findings import Span
from reviewer.judgement import proofs

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEFINES = re.compile(r"\s*(?:export )?(?:def|class|func|function|const) (\w+)")


@dataclass(frozen=True)
class At:
    path: str
    line: int


@dataclass(frozen=True)
class Repository:
    """All of it in memory, every word looked up as it stands there."""

    files: Mapping[str, str]
    capped: bool = False

    def definitions(self, name: str) -> list[At]:
        return [at for at, row in self._rows() if (found := _DEFINES.match(row)) and found[1] == name]

    def uses(self, name: str) -> list[At]:
        return [at for at, row in self._rows() if re.search(rf"\b{name}\b", row)]

    def read(self, path: str) -> str | None:
        return self.files.get(path)

    def _rows(self) -> list[tuple[At, str]]:
        rows = (
            (path, number, row) for path, text in self.files.items() for number, row in enumerate(text.split("\n"), 1)
        )
        return [(At(path, number), row) for path, number, row in rows]


def at(path: str, first: int | None = None, last: int | None = None) -> Span:
    return Span(path, first, last or first)


@pytest.mark.parametrize(
    ("path", "text", "line", "proof"),
    [
        ("a.py", "x = 1\ndef total(): ...\ntotal()\n", 3, "`total` is defined at a.py:2"),
        ("a.py", "def total(): ...\ntotal()\n", 2, "`total` is defined at a.py:1"),
        ("a.py", "def total(): ...\n", 1, None),
        ("a.py", "total()\ndef total(): ...\n", 1, None),
        ("a.py", "def run():\n    total()\ndef total(): ...\n", 2, "`total` is defined at a.py:3"),
        ("a.py", "if x:\n    def total(): ...\ntotal()\n", 3, None),
        ("a.py", "if x:\n def total(): ...\ntotal()\n", 3, None),
        ("a.py", "def f():\n    def total(): ...\ntotal()\n", 3, None),
        ("a.py", "def run():\n    total()\n    total = 1\ndef total(): ...\n", 2, None),
        ("a.py", "def run(a=total()): pass\ndef total(): ...\n", 1, None),
        ("web/a.ts", "export function total() {}\ntotal()\n", 2, "`total` is defined at web/a.ts:1"),
        ("web/a.ts", "export declare function total(): void\ntotal()\n", 2, None),
        ("web/a.ts", "declare function total(): void\ntotal()\n", 2, None),
        ("go/a.go", "package a\n\nfunc run() { total() }\n\nfunc total() {}\n", 3, "`total` is defined at go/a.go:5"),
    ],
)
def test_defined_in_the_file(path: str, text: str, line: int, proof: str | None) -> None:
    assert proofs.that_it_is_defined("total", at(path, line), Repository({path: text})) == proof


def test_a_definition_within_the_lines_in_question_proves_nothing() -> None:
    files = Repository({"a.py": "def run():\n    total()\n\n\ndef total(): ...\n"})
    for first, last, proven in ((2, 2, True), (2, 4, True), (2, 5, False), (5, 5, False), (5, 9, False), (1, 4, False)):
        assert (proofs.that_it_is_defined("total", Span("a.py", first, last), files) is not None) is proven
    assert proofs.that_it_is_defined("total", Span("a.py"), files) is None


RUN = "package shop\n\nfunc run() { total() }\n"
TOTAL = "package shop\n\nfunc total() {}\n"


@pytest.mark.parametrize(
    ("home", "text", "path", "proven"),
    [
        ("pkg/shop/total.go", TOTAL, "pkg/shop/run.go", True),
        ("total.go", TOTAL, "run.go", True),
        ("pkg/shop/total_test.go", TOTAL, "pkg/shop/run.go", False),
        ("pkg/shop/total_test.go", TOTAL, "pkg/shop/run_test.go", True),
        ("pkg/other/total.go", TOTAL, "pkg/shop/run.go", False),
        ("lib/shop/total.go", TOTAL, "pkg/shop/run.go", False),
        ("pkg/shop/total.go", TOTAL.replace("shop", "other"), "pkg/shop/run.go", False),
        ("pkg/shop/total.go", f"//go:build linux\n{TOTAL}", "pkg/shop/run.go", False),
        ("pkg/shop/total.go", f"// +build linux\n{TOTAL}", "pkg/shop/run.go", False),
        ("pkg/shop/total.go", f"// Package shop sells.\n{TOTAL}", "pkg/shop/run.go", True),
        ("pkg/shop/total.go", "// no package\n\nfunc total() {}\n", "pkg/shop/run.go", False),
    ],
)
def test_defined_in_the_package(home: str, text: str, path: str, proven: bool) -> None:
    files = Repository({home: text, path: RUN, "far/away/total.go": TOTAL})
    proof = proofs.that_it_is_defined("total", at(path, 3), files)
    line = text.split("\n").index("func total() {}") + 1
    assert proof == (f"`total` is defined at {home}:{line}" if proven else None)


DEFINED = "def total(items):\n    return sum(items)\n"


@pytest.mark.parametrize(
    ("home", "user", "text", "line"),
    [
        ("shop/cart.py", "app.py", "from shop.cart import total\ntotal([])\n", 2),
        ("shop/cart.py", "app.py", "from cart import total\ntotal([])\n", 2),
        ("cart.py", "app.py", "from cart import total\ntotal([])\n", 2),
        ("shop/cart.py", "shop/app.py", "from .cart import total\ntotal([])\n", 2),
        ("shop/cart.py", "app.py", "from other.cart import total\ntotal([])\n", None),
        ("a/shop/cart.py", "app.py", "from b.shop.cart import total\ntotal([])\n", 2),
        ("shop/cart.py", "app.py", "import shop.cart\nshop.cart.total([])\n", None),
        ("shop/cart.py", "app.py", "from shop import cart\ncart.total([])\n", 2),
        ("shop/cart.py", "app.py", "from other import cart\ncart.total([])\n", None),
        ("shop/__init__.py", "app.py", "from shop import total\ntotal([])\n", 2),
        ("shop/__init__.py", "app.py", "import shop\nshop.total([])\n", 2),
        ("shop/cart.py", "app.py", "def cart(): ...\ncart.total([])\n", None),
        ("shop/cart.py", "test_app.py", "from shop.cart import total\ntotal([])\n", None),
        ("shop/cart.py", "app.py", "total([])\n", None),
    ],
)
def test_used_elsewhere(home: str, user: str, text: str, line: int | None) -> None:
    files = Repository({home: DEFINED, user: text})
    for prove, how in ((proofs.that_it_is_used, "used"), (proofs.that_it_is_called, "called")):
        proof = prove("total", at(home, 1), files)
        assert proof == (None if line is None else f"`total` is {how} at {user}:{line}")


@pytest.mark.parametrize("suffix", ["", ".js", ".mjs", ".ts", ".tsx", ".jsx"])
def test_a_module_is_known_with_its_suffix_and_without(suffix: str) -> None:
    user = f"import {{ total }} from '../shop/cart{suffix}'\ntotal([])\n"
    files = Repository({"web/shop/cart.ts": "export function total(items) {}\n", "web/app/view.ts": user})
    assert proofs.that_it_is_used("total", at("web/shop/cart.ts", 1), files) == "`total` is used at web/app/view.ts:2"


def test_an_index_is_its_folder() -> None:
    user = "import { total } from '../shop'\ntotal([])\n"
    files = Repository({"web/shop/index.ts": "export function total(items) {}\n", "web/app/view.ts": user})
    assert proofs.that_it_is_used("total", at("web/shop/index.ts", 1), files) == "`total` is used at web/app/view.ts:2"


def test_only_in_its_own_lines_it_is_not_used() -> None:
    recursive = "def total(n):\n    return total(n - 1)\n"
    assert proofs.that_it_is_used("total", at("a.py", 1), Repository({"a.py": recursive})) is None
    used = f"{recursive}\n\nprint(total(3))\n"
    assert proofs.that_it_is_used("total", at("a.py", 1), Repository({"a.py": used})) == "`total` is used at a.py:5"
    assert proofs.that_it_is_used("total", Span("a.py", 1, 5), Repository({"a.py": used})) is None
    elsewhere = Repository({"a.py": used, "b.py": "x = 1\n" * 9})
    assert proofs.that_it_is_used("total", Span("b.py", 1, 5), elsewhere) == "`total` is used at a.py:5"
    assert proofs.that_it_is_used("total", Span("a.py"), Repository({"a.py": used})) == "`total` is used at a.py:5"


def test_an_import_is_used_beside_the_lines_in_question() -> None:
    files = Repository({"a.py": "import json\n\njson.dumps(1)\njson.loads('')\n"})
    for first, last, line in ((1, 1, 3), (1, 3, 4), (1, 4, None)):
        proof = proofs.that_it_is_used("json", Span("a.py", first, last), files)
        assert proof == (None if line is None else f"`json` is used at a.py:{line}")


def test_tested_is_called_in_a_test() -> None:
    test = "from shop.cart import total\n\n\ndef test_total():\n    assert total([]) == 0\n"
    span = at("shop/cart.py", 1)
    files = {"shop/cart.py": DEFINED, "tests/test_cart.py": test}
    assert (
        proofs.that_it_is_tested("total", span, Repository(files))
        == "`total` is called in a test at tests/test_cart.py:5"
    )
    assert proofs.that_it_is_tested("total", span, Repository(files, capped=True)) is None
    named = {**files, "tests/test_cart.py": "from shop.cart import total\n\nx = total\n"}
    assert proofs.that_it_is_tested("total", span, Repository(named)) is None
    twice = {**files, "shop/other.py": DEFINED}
    assert proofs.that_it_is_tested("total", span, Repository(twice)) is None


def test_a_file_is_there_or_not() -> None:
    files = Repository({"a/b.py": ""})
    assert proofs.that_it_is_a_file("a/b.py", at("x"), files) == "`a/b.py` is in the repository"
    assert proofs.that_it_is_a_file("a/c.py", at("x"), files) is None
