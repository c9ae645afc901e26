from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.syntax.presence import MAX_PLACES, Import, Role, Spot, parsed


def roles(code: str, path: str = "a.py", name: str = "it") -> list[Role]:
    source = parsed(code, path)
    assert source is not None
    return [spot.role for spot in source.spots(name) or ()]


@pytest.mark.parametrize(
    ("path", "code", "expected"),
    [
        ("a.py", "it(1)", ["call"]),
        ("a.py", "x = it", ["read"]),
        ("a.py", "it = 1", ["other"]),
        ("a.py", "f(it, k=it, it=1)", ["read", "read", "label"]),
        ("a.py", "it.x\nx.it", ["read", "member"]),
        ("a.py", "def it(): ...", ["definition"]),
        ("a.py", "class it(it): ...", ["definition", "read"]),
        ("a.py", "def f(it, *, a=it, b: it = 1): ...", ["other", "read", "read"]),
        ("a.py", "for it in x: pass", ["other"]),
        ("a.py", "[it for it in x]", ["other", "other"]),
        ("a.py", "import it, a.b as it\nfrom x import it\nfrom it import y", ["import"] * 4),
        ("a.py", '"it"\n"""it"""\n# it\nf"{it}"', ["read"]),
        ("a.py", "@it\ndef f() -> it: ...", ["read", "read"]),
        ("a.ts", "it(); new it(); x.it; it.x", ["call", "call", "member", "read"]),
        ("a.ts", "f({it, a: it, it: 1})", ["read", "read", "label"]),
        ("a.ts", "const {it} = x; const {it: y} = x", ["other", "other"]),
        ("a.ts", "const g = (it) => 1; it = 2", ["other", "other"]),
        ("a.ts", "let x: it<string>; class A extends it {}", ["read", "read"]),
        ("a.ts", "import it, {it as y} from 'it'; import * as it from 'x'", ["import"] * 3),
        ("a.ts", "`${it}`; 'it'; // it", ["read"]),
        ("a.tsx", "const x = <it a={it}/>", ["read", "read"]),
        ("a.go", "package p\nfunc it() { it(); x.it(); f(it) }", ["definition", "call", "member", "read"]),
        ("a.go", "package p\nfunc f(it int) { it := 1 }", ["other", "other"]),
        ("a.go", 'package p\nimport it "x/it"\nvar a it.T', ["import", "read"]),
    ],
)
def test_what_a_name_does(path: str, code: str, expected: list[str]) -> None:
    assert roles(code, path) == expected


def test_what_a_called_member_is_called_on() -> None:
    source = parsed("cart.it(1)\nx = cart.it\na.b.it(1)", "a.py")
    assert source is not None
    assert source.spots("it") == (Spot(1, Role.MEMBER, "cart"), Spot(2, Role.MEMBER), Spot(3, Role.MEMBER))


@pytest.mark.parametrize(
    ("path", "code", "expected"),
    [
        ("a.py", "import a.b, c as d", {"a": Import(1, "a"), "d": Import(1, "c")}),
        ("a.py", "from .m import (\n  x,\n  y as z\n)", {"x": Import(2, ".m"), "z": Import(3, ".m")}),
        ("a.py", "from m import *\ntry:\n  import x\nexcept E: pass\ndef f():\n  import y", {}),
        ("a.ts", "import D, {a as b, c} from './m'", {name: Import(1, "./m") for name in ("D", "b", "c")}),
        ("a.ts", "import * as ns from 'n'; import 'x'", {"ns": Import(1, "n")}),
        ("a.ts", "import type {Q} from 'q'; import {type T} from 't'", {}),
        ("a.java", "import a.b.C;\nimport static a.D.e;\nimport f.*;\nimport G;", {"C": Import(1, "a.b.C")}),
        ("a.go", 'package p\nimport "net/http"', {"http": Import(2, "net/http")}),
        (
            "a.go",
            'package p\nimport (\n"fmt"\ny "a/b"\n_ "c"\n. "d"\n)',
            {"fmt": Import(3, "fmt"), "y": Import(4, "a/b")},
        ),
    ],
)
def test_what_is_imported_whatever_happens(path: str, code: str, expected: dict[str, Import]) -> None:
    source = parsed(code, path)
    assert source is not None
    assert source.imports() == expected


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("a.rb", "it"),
        ("a", "it"),
        ("a.py", "def ("),
        ("a.py", "x = '" + "y" * 3_000 + "'"),
        ("a.py", "x = 1\n" * 70_000),
    ],
)
def test_what_is_not_read_closely(path: str, code: str) -> None:
    assert parsed(code, path) is None


def test_what_stands_too_often_is_not_told() -> None:
    source = parsed("it()\n" * (MAX_PLACES + 1), "a.py")
    assert source is not None
    assert source.spots("it") is None


WORDS = ["it", "import ", "from ", " as ", "\n", "    ", "def ", "type ", *"(){}.,=:'*"]


@given(
    st.lists(st.sampled_from(WORDS), max_size=25), st.sampled_from(["a.py", "a.ts", "a.tsx", "a.js", "a.go", "a.java"])
)
def test_it_never_raises(words: list[str], path: str) -> None:
    source = parsed("".join(words), path)
    if source is not None:
        source.imports()
        source.spots("it")
