from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from reports import SQL

from reviewer.findings import Span
from reviewer.judgement.absence import contradicted

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Spot:
    path: str
    line: int
    text: str


@dataclass(frozen=True)
class Files:
    """A repository of a few files."""

    texts: dict[str, str]

    def definitions(self, name: str) -> list[Spot]:
        starts = re.compile(rf"\s*(?:def|class|func|function) {name}\b|{name} = ")
        return [spot for spot in self.uses(name) if starts.match(spot.text)]

    def uses(self, name: str) -> list[Spot]:
        return [spot for spot in self._lines() if re.search(rf"\b{name}\b", spot.text)]

    def _lines(self) -> Iterator[Spot]:
        for path, text in self.texts.items():
            yield from (Spot(path, number, line) for number, line in enumerate(text.split("\n"), 1))


SHOP = Files(
    {
        "src/cart.py": (
            "import json\n"
            "from money import rounded, spare\n"
            "RATE = 3\n"
            "def total(items):\n"
            "    return rounded(sum(items)) * RATE\n"
            "class Cart:\n"
            "    def clear(self): ...\n"
            "def lonely(): ...\n"
            "# lonely() is for later\n"
            "print(total([1]), missing)\n"
            "def twice(): ...\n"
        ),
        "src/other.py": "def elsewhere(): ...\ndef twice(): ...\ntwice()\n",
        "tests/test_cart.py": "def test_total():\n    assert total([1]) == 3\n# Cart(1)\n",
    }
)


def said(title: str, line: int = 10, body: str = "It fails.") -> str | None:
    return contradicted(replace(SQL, span=Span("src/cart.py", line, line), title=title, body=body), SHOP)


@pytest.mark.parametrize(
    ("title", "proof"),
    [
        ("`total` is not defined", "`total` is defined at src/cart.py:4"),
        ("`total()` isn't defined here.", "`total` is defined at src/cart.py:4"),
        ("`rounded` is not imported", "`rounded` is imported at src/cart.py:2"),
        ("Missing import of `json`", "`json` is imported at src/cart.py:1"),
        ("Undefined name `RATE`", "`RATE` is defined at src/cart.py:3"),
        ("Undefined function `total` in this module", "`total` is defined at src/cart.py:4"),
        ("Function `total` is never called", "`total` is used at src/cart.py:10"),
        ("Import `rounded` is unused", "`rounded` is used at src/cart.py:5"),
        ("Unused import `rounded`", "`rounded` is used at src/cart.py:5"),
        ("No test for `total`", "`total` is called in a test at tests/test_cart.py:2"),
        ("`total` is not covered by any tests", "`total` is called in a test at tests/test_cart.py:2"),
    ],
)
def test_what_the_repository_shows_is_the_proof(title: str, proof: str) -> None:
    line = 1 if "total" not in title else 99
    assert said(title, line if "json" not in title else 99) == proof


@pytest.mark.parametrize(
    "title",
    [
        "`missing` is not defined",
        "`elsewhere` is not defined",  # in another file, and nobody imports it here
        "`clear` is not defined",  # a method is not in reach of its bare name
        "`total` may not be defined",
        "`total` is not defined when the list is empty",
        "`total` is not defined before line 4",
        "`cart.total` is not defined",
        "total is not defined",
        "`total` is undefined",  # in JavaScript a value, and no name that is missing
        "`spare` is imported but never used",
        "Import `spare` is unused",
        "Function `lonely` is never called",  # named in a comment alone
        "Function `twice` is never called",  # two of that name: which one is called?
        "Unused variable `total`",  # a local name may be anybody's
        "No test for `Cart`",
        "No test for `total` with an empty list",
        "The total is wrong",
    ],
)
def test_in_doubt_it_stands(title: str) -> None:
    assert said(title) is None


def test_the_line_that_is_complained_about_proves_nothing() -> None:
    assert said("`total` is not defined", line=4) is None
    assert said("Missing import of `json`", line=1) is None
    assert said("Function `total` is never called", line=10) is None


def test_the_first_sentence_of_the_body_counts_where_the_title_says_nothing() -> None:
    assert said("NameError on start", body="`total` is not defined. It crashes.") is not None
    assert said("NameError on start", body="It crashes. `total` is not defined.") is None
