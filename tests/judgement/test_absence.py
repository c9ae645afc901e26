"""Claims about absence, held against a real repository."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from processes import repository
from reports import SQL

from reviewer.context.definitions import Lookup
from reviewer.findings import Span
from reviewer.judgement.absence import contradicted
from reviewer.sources import git

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Said = Callable[..., str | None]

CART = """\
import json
from typing import TYPE_CHECKING
from money import rounded, exact as precise, spare
from . import prices

if TYPE_CHECKING:
    from decimal import Decimal

RATE = 3
print(late())


def total(items):
    \"\"\"total(items) is what Cart.clear() leaves.\"\"\"
    return rounded(sum(items)) * RATE


class Cart:
    def clear(self):
        return json.dumps(missing)


def lonely(items):
    \"\"\"Called as lonely(items).\"\"\"
    return lonely(items[1:])  # lonely([])


def late():
    from fractions import Fraction

    return total([late, Decimal, Fraction, exact, prices, clear])


def rebound(total):
    return total(rounded=1)


def twice(): ...


def named(): ...


print(named)
"""
SHOP = """\
import subprocess
from src.cart import late
from src import cart


def elsewhere():
    late()
    subprocess.run(["ls"])
    return cart.lonely2(1)


def twice(): ...


def run(): ...


def shadowed(): ...


def lonely2(): ...
"""
TESTS = """\
import subprocess

from src import cart
from src.cart import late, rebound
from src.shop import run as execute


def test_total():
    \"\"\"Cart(1) and rebound(1) are not called.\"\"\"
    assert cart.total([1]) == 3
    assert late()
    subprocess.run(["x"])
    assert rebound
"""
WEB = """\
import Shop, { load as fetchAll, type Kind } from "./shop";
import * as ns from "ns";
import type { Money } from "./money";

export const limit = 3;
declare const AMBIENT: number;
interface Row { id: number }
export function render(row: Row) {
  return <Shop a={fetchAll(limit)} b={ns.x} kind={Kind} money={Money} load={load} />;
}
"""
GO = """\
package shop

import (
\t"net/http"
\tyaml "gopkg.in/yaml.v3"
)

func Total() int { return helper() + special() + fake() + other() }

func Fetch() { http.Get(yaml.Name) }
"""
JAVA = """\
import static a.b.Money.rounded;
import a.b.Shown;
class Shop {
  @Shown int total(Shown x) { return rounded(x); }
}
"""
FILES = {
    "java/Shop.java": JAVA,
    "src/cart.py": CART,
    "src/shop.py": SHOP,
    "src/broken.py": "import json\ndef broken(:\n    return json.dumps(1)\n",
    "src/view.rb": "def total(items)\nend\n",
    "web/view.tsx": WEB,
    "go/shop.go": GO,
    "go/helper.go": "package shop\n\nfunc helper() int { return 1 }\n",
    "go/special.go": "//go:build linux\n\npackage shop\n\nfunc special() int { return 1 }\n",
    "go/fake_test.go": "package shop\n\nfunc fake() int { return Total() }\n",
    "go/main.go": "package main\n\nfunc other() int { return 1 }\n",
    "tests/test_cart.py": TESTS,
}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Said]:
    root = tmp_path_factory.mktemp("shop") / "repository"
    root.mkdir()
    repository(root, FILES)
    with git.revisions(root, "HEAD") as source:
        lookup = Lookup(source.snapshot())

        def say(title: str, where: str = "src/cart.py:31", body: str = "It fails.") -> str | None:
            path, _, line = where.partition(":")
            span = Span(path, int(line), int(line)) if line else Span(path)
            return contradicted(replace(SQL, span=span, title=title, body=body), lookup)

        yield say


@pytest.mark.parametrize(
    ("title", "where", "proof"),
    [
        ("`total` is not defined", "src/cart.py:31", "`total` is defined at src/cart.py:13"),
        ("`total()` isn't defined here.", "src/cart.py:31", "`total` is defined at src/cart.py:13"),
        ("`late` is not defined", "src/cart.py:15", "`late` is defined at src/cart.py:28"),
        ("Undefined name `RATE`", "src/cart.py:15", "`RATE` is defined at src/cart.py:9"),
        ("Undefined function `total` in this module", "src/cart.py:31", "`total` is defined at src/cart.py:13"),
        ("Function `total` does not exist: NameError", "src/cart.py:31", "`total` is defined at src/cart.py:13"),
        ("`rounded` is not imported", "src/cart.py:15", "`rounded` is imported at src/cart.py:3"),
        ("`precise` is not imported", "src/cart.py:15", "`precise` is imported at src/cart.py:3"),
        ("`prices` is never imported", "src/cart.py:31", "`prices` is imported at src/cart.py:4"),
        ("Missing import of `json`", "src/cart.py:20", "`json` is imported at src/cart.py:1"),
        ("`Shop` is not imported", "web/view.tsx:9", "`Shop` is imported at web/view.tsx:1"),
        ("`fetchAll` is not defined", "web/view.tsx:9", "`fetchAll` is imported at web/view.tsx:1"),
        ("`ns` is not defined", "web/view.tsx:9", "`ns` is imported at web/view.tsx:2"),
        ("`limit` is not defined", "web/view.tsx:9", "`limit` is defined at web/view.tsx:5"),
        ("`http` is not imported", "go/shop.go:10", "`http` is imported at go/shop.go:4"),
        ("`yaml` is not imported", "go/shop.go:10", "`yaml` is imported at go/shop.go:5"),
        ("`Shown` is not imported", "java/Shop.java:4", "`Shown` is imported at java/Shop.java:2"),
        ("`Shop` is not declared", "java/Shop.java:1", "`Shop` is defined at java/Shop.java:3"),
        ("`helper` is not defined", "go/shop.go:8", "`helper` is defined at go/helper.go:3"),
        ("Import `json` is unused", "src/cart.py:1", "`json` is used at src/cart.py:20"),
        ("`Shop` is imported but never used", "web/view.tsx:1", "`Shop` is used at web/view.tsx:9"),
        ("Unused import `http`", "go/shop.go:4", "`http` is used at go/shop.go:10"),
        ("Function `late` is never called", "src/cart.py:28", "`late` is called at src/cart.py:10"),
        ("Function `late` is never called", "src/cart.py:10", "`late` is called at src/shop.py:7"),
        ("Function `helper` is unused", "go/helper.go:3", "`helper` is used at go/shop.go:8"),
        ("Function `named` is unused", "src/cart.py:41", "`named` is used at src/cart.py:44"),
        ("No test for `late`", "src/cart.py:28", "`late` is called in a test at tests/test_cart.py:11"),
        ("`late` is not covered by any tests", "src/cart.py:28", "`late` is called in a test at tests/test_cart.py:11"),
        ("`Total` has no tests", "go/shop.go:8", "`Total` is called in a test at go/fake_test.go:3"),
        ("The file `src/shop.py` does not exist", "src/cart.py:4", "`src/shop.py` is in the repository"),
    ],
)
def test_what_the_repository_shows_is_the_proof(said: Said, title: str, where: str, proof: str) -> None:
    assert said(title, where) == proof


@pytest.mark.parametrize(
    ("title", "where"),
    [
        pytest.param("`missing` is not defined", "src/cart.py:20", id="it is not there"),
        pytest.param("`elsewhere` is not defined", "src/cart.py:31", id="in another file"),
        pytest.param("`clear` is not defined", "src/cart.py:31", id="a method"),
        pytest.param("`late` is not defined", "src/cart.py:10", id="defined below, and this line runs first"),
        pytest.param("`late` is not defined", "src/cart.py", id="nobody knows where"),
        pytest.param("`Decimal` is not imported", "src/cart.py:31", id="imported for type checkers alone"),
        pytest.param("`Fraction` is not imported", "src/cart.py:15", id="imported in another function"),
        pytest.param("`exact` is not defined", "src/cart.py:31", id="imported by another name"),
        pytest.param("`money` is not imported", "src/cart.py:31", id="the module it comes from is no name"),
        pytest.param("`total` is not defined", "src/cart.py:35", id="a parameter"),
        pytest.param("`json` is not imported", "src/broken.py:3", id="the file does not parse"),
        pytest.param("`total` is not defined", "src/view.rb:2", id="a language that is not read closely"),
        pytest.param("`total` is not defined", "src/gone.py:2", id="no such file"),
        pytest.param("`load` is not defined", "web/view.tsx:9", id="renamed"),
        pytest.param("`Kind` is not defined", "web/view.tsx:9", id="a type among values"),
        pytest.param("`Money` is not imported", "web/view.tsx:9", id="a type"),
        pytest.param("`Row` is not defined", "web/view.tsx:9", id="an interface"),
        pytest.param("`AMBIENT` is not defined", "web/view.tsx:9", id="declared only"),
        pytest.param("`rounded` is not imported", "java/Shop.java:4", id="may be another one"),
        pytest.param("Import `Shown` is unused", "java/Shop.java:2", id="Java is not read that closely"),
        pytest.param("Function `named` is never called", "src/cart.py:41", id="handed on, and nobody knows to whom"),
        pytest.param("`special` is not defined", "go/shop.go:8", id="built for one system"),
        pytest.param("`fake` is not defined", "go/shop.go:8", id="defined in a test"),
        pytest.param("`other` is not defined", "go/shop.go:8", id="another package in that folder"),
        pytest.param("`spare` is imported but never used", "src/cart.py:3", id="imported, that is all"),
        pytest.param("Import `rounded` is unused", "src/cart.py:15", id="the line itself"),
        pytest.param("Unused import `subprocess`", "src/cart.py:3", id="not imported here"),
        pytest.param("Function `lonely` is never called", "src/cart.py:23", id="by itself, in words"),
        pytest.param("Function `lonely2` is never called", "src/shop.py:23", id="that of another module"),
        pytest.param("Function `twice` is never called", "src/cart.py:38", id="two of that name"),
        pytest.param("Function `elsewhere` is never called", "src/shop.py:6", id="nobody does"),
        pytest.param("Function `rebound` is never called", "src/cart.py:34", id="in tests alone"),
        pytest.param("No test for `Cart`", "src/cart.py:18", id="in the words of a test"),
        pytest.param("No test for `rebound`", "src/cart.py:34", id="named, not called"),
        pytest.param("No test for `total`", "src/cart.py:13", id="another language has one of that name"),
        pytest.param("No test for `run`", "src/shop.py:17", id="that of another module, in a test"),
        pytest.param("The file `src/gone.py` does not exist", "src/cart.py:4", id="a file that is not there"),
        pytest.param("`total` may not be defined", "src/cart.py:31", id="unsure"),
        pytest.param("`total` is not defined when the list is empty", "src/cart.py:31", id="a condition"),
        pytest.param("`total` is not defined before line 4", "src/cart.py:31", id="an order"),
        pytest.param("`total` is not defined, and `items` leaks", "src/cart.py:31", id="something else as well"),
        pytest.param("`cart.total` is not defined", "src/cart.py:31", id="an attribute"),
        pytest.param("total is not defined", "src/cart.py:31", id="not told as code"),
        pytest.param("`limit` is undefined", "web/view.tsx:9", id="a value, in JavaScript"),
        pytest.param("`total` does not exist", "src/cart.py:31", id="may be a column"),
        pytest.param("No test for `late` with an empty list", "src/cart.py:31", id="of one case"),
        pytest.param("The total is wrong", "src/cart.py:31", id="nothing of the kind"),
    ],
)
def test_in_doubt_it_stands(said: Said, title: str, where: str) -> None:
    assert said(title, where) is None


def test_the_first_sentence_of_the_body_counts_where_the_title_says_nothing(said: Said) -> None:
    assert said("NameError on start", body="`total` is not defined. It crashes.") is not None
    assert said("NameError on start", body="It crashes. `total` is not defined.") is None


def test_a_definition_counts_as_the_only_one_where_all_were_seen() -> None:
    class Place:
        path, line = "a.py", 1

    class Cut:
        capped = True

        def definitions(self, _: str) -> list[Place]:
            return [Place()]

        uses = definitions

        def read(self, _: str) -> str:
            return "def late(): ...\nlate()\n"

    finding = replace(SQL, span=Span("a.py", 1, 1), title="Function `late` is never called")
    assert contradicted(finding, Cut()) is None
    Cut.capped = False
    assert contradicted(finding, Cut()) == "`late` is called at a.py:2"


def test_a_name_that_is_everywhere_proves_nothing() -> None:
    class Many:
        capped = False

        def definitions(self, _: str) -> list[object]:
            return []

        uses = definitions

        def read(self, _: str) -> str:
            return "import json\n" + "json.dumps(1)\n" * 300

    finding = replace(SQL, span=Span("a.py", 1, 1), title="Import `json` is unused")
    assert contradicted(finding, Many()) is None  # type: ignore[arg-type]
