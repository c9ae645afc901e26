"""What a model may look up, and what it may not, whatever it asks for."""

from __future__ import annotations

import json
import time
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lookups import Tree, toolbox

from reviewer.context.files import LONGEST_FILE, is_inside
from reviewer.context.globs import matcher
from reviewer.context.tools import Limits, Toolbox
from reviewer.errors import Misuse
from reviewer.text.redact import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from reviewer.context.snapshot import Hit


CANARY = "canary-7d1f"
CART = """import json


def load_cart(user):
    # One.
    return json.load(user)


class Cart:
    size = 3
"""
SHOP = "from cart import load_cart\n\nprint(load_cart('a'))  # load_carts\nreload_cart = None\n"
KEY = "-----BEGIN PRIVATE KEY-----\n" + "\n".join(f"MIIEvQIBADANBgkqhkiG9w0B{n:08}" for n in range(20))
FILES = {
    "src/shop/cart.py": CART,
    "src/shop/shop.py": SHOP,
    "web/cart.test.ts": "const $cart = `${load_cart}`\r\nload_cart($cart)\r\n",
    "README.md": "# Shop\n\nHow to load_cart.\n",
    ".env": f"load_cart={CANARY}\n",
    "deploy/prod.pem": CANARY,
    ".env.example": "load_cart=\n",
    "logo.png": None,
    "empty.txt": "",
}


def box(files: Mapping[str, str | None] | None = None, **options: Any) -> Toolbox:
    return toolbox(Tree(FILES if files is None else files), **options)


def call(name: str, tools: Toolbox | None = None, /, **arguments: Any) -> str:
    return (tools or box()).call(name, json.dumps(arguments))


def test_a_file_is_read_with_its_numbers() -> None:
    assert call("read_file", path="src/shop/cart.py", start=4, end=5) == (
        "src/shop/cart.py, lines 4-5 of 10\n4 def load_cart(user):\n5     # One."
    )
    assert call("read_file", path="./README.md") == "README.md, lines 1-3 of 3\n1 # Shop\n2 \n3 How to load_cart."
    assert call("read_file", path="web/cart.test.ts", end="1") == (
        "web/cart.test.ts, lines 1-1 of 2\n1 const $cart = `${load_cart}`"
    )
    assert call("read_file", path="README.md", start=-3, end=1.0).endswith("lines 1-1 of 3\n1 # Shop")


def test_a_long_file_is_read_in_parts() -> None:
    tools = box({"long.txt": "\n".join(f"line {n}" for n in range(1, 1_001))})
    first = call("read_file", tools, path="long.txt")
    assert first.startswith("long.txt, lines 1-200 of 1000; for more: start 201\n1 line 1\n")
    assert first.endswith("\n200 line 200")
    assert call("read_file", tools, path="long.txt", start=990).startswith("long.txt, lines 990-1000 of 1000\n990 ")
    wide = box({"w.txt": "\n".join("y" * 5_000 for _ in range(60))})
    shown = call("read_file", wide, path="w.txt")
    assert len(shown) < 12_200
    assert shown.split("\n")[1] == f"1 {'y' * 300}… (5000 characters)"
    assert "; for more: start 38\n" in shown


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "path is missing"),
        ({"path": 7}, "path is missing"),
        ({"path": "  "}, "path is missing"),
        ({"path": "x" * 201}, "at most 200 characters"),
        ({"path": "a\nb"}, "one line"),
        ({"path": "README.md", "start": 4}, "README.md has only 3 lines"),
        ({"path": "README.md", "start": 3, "end": 2}, "end comes before start"),
        ({"path": "README.md", "start": "ten"}, "start must be the number of a line"),
        ({"path": "README.md", "end": True}, "end must be the number of a line"),
        ({"path": "README.md", "end": [1]}, "end must be the number of a line"),
        ({"path": "logo.png"}, "logo.png cannot be read: it is empty, binary, too large or not at hand"),
        ({"path": "empty.txt"}, "empty.txt cannot be read"),
        ({"path": "shop/cart.py"}, "there is no file shop/cart.py; did you mean src/shop/cart.py?"),
        ({"path": "src/shop/Cart.PY"}, "did you mean src/shop/cart.py?"),
        ({"path": "src/shop/crat.py"}, "did you mean src/shop/cart.py?"),
        ({"path": "zzz/qqq.rs"}, "there is no file zzz/qqq.rs; list_files tells"),
        ({"path": "a\u202eb"}, "leads from the root"),
        ({"path": ".env"}, "(matches .env): it is never read"),
        ({"path": "src/../.env"}, "leads from the root"),
        ({"path": "deploy/PROD.PEM"}, "it is never read"),
        ({"path": "nowhere/id_rsa"}, "it is never read"),
    ],
)
def test_what_is_wrong_is_said_so_that_it_can_be_mended(arguments: dict[str, Any], words: str) -> None:
    said = call("read_file", **arguments)
    assert said.startswith("error: ")
    assert words in said


@pytest.mark.parametrize(
    "arguments",
    [
        "[]",
        "7",
        "null",
        '"README.md"',
        "{",
        "{'path': 'README.md'}",
        "[" * 3_000,
        '{"path": ' + "9" * 3_900 + "}",
        "\ud800",
    ],
)
def test_arguments_that_are_no_object(arguments: str) -> None:
    said = box().call("read_file", arguments)
    assert said.startswith("error: ")
    assert "JSON object" in said or "path is missing" in said


def test_huge_arguments_and_unknown_tools() -> None:
    assert box().call("read_file", '{"path": "' + "x" * 5_000 + '"}') == (
        "error: the arguments are longer than 4000 characters"
    )
    assert box().call("run_shell", "{}") == (
        "error: there is no tool run_shell; there are read_file, search, list_files, definition"
    )


def test_every_tool_that_is_offered_is_there() -> None:
    tools = box()
    assert [spec.name for spec in tools.specs] == ["read_file", "search", "list_files", "definition"]
    for spec in tools.specs:
        assert set(spec.parameters["required"]) <= set(spec.parameters["properties"])
        assert "no tool" not in tools.call(spec.name, "{}")


def test_search() -> None:
    assert call("search", pattern="load_cart(") == (
        "src/shop/cart.py\n4 def load_cart(user):\n\nsrc/shop/shop.py\n3 print(load_cart('a'))  # load_carts\n\n"
        "web/cart.test.ts\n2 load_cart($cart)"
    )
    assert call("search", pattern="load_cart", glob="*.md") == "README.md\n3 How to load_cart."
    assert call("search", pattern="load_cart", glob="./src/") == call("search", pattern="load_cart", glob="src/**")
    assert call("search", pattern="const $cart") == "web/cart.test.ts\n1 const $cart = `${load_cart}`"
    assert call("search", pattern="load_cart=") == ".env.example\n1 load_cart="


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("!=", "needs a word"),
        ("load_car", "nothing found for load_car: its words are whole words"),
        ("LOAD_CART", "nothing found"),
        (r"load_cart\(.*", "plain text, no regular expression"),
        ("load_cart|reload_cart", "plain text, no regular expression"),
        (CANARY, "nothing found"),
    ],
)
def test_search_in_vain(pattern: str, words: str) -> None:
    said = call("search", pattern=pattern)
    assert said.startswith("error: ")
    assert words in said


def test_a_search_is_bounded() -> None:
    many = {f"d/{n:03}.txt": "needle\n" * 3 for n in range(200)}
    tree = Tree(many)
    said = toolbox(tree).call("search", '{"pattern": "needle"}')
    assert said.count("needle") == 40
    assert said.endswith("\n… there is more: ask for less at once")
    assert len(set(tree.asked)) <= 60
    few = {f"{n:03}.txt": "needle\n" for n in range(70)}
    assert call("search", box(few, limits=Limits(hits=100)), pattern="needle").endswith(
        "… there is more: ask for less at once"
    )
    wide = box({f"{n}.txt": "needle " + "x" * 400 for n in range(40)}, limits=Limits(characters=1_000))
    assert len(call("search", wide, pattern="needle")) < 1_100


def test_list_files() -> None:
    assert call("list_files").split("\n") == [path for path in FILES if path not in (".env", "deploy/prod.pem")]
    assert call("list_files", glob="src/*.py") == "src/shop/cart.py\nsrc/shop/shop.py"
    assert call("list_files", glob="CART.*").startswith("error: no file matches")
    many = box({f"f{n}.txt": "" for n in range(1_000)})
    assert call("list_files", many).endswith("\nf199.txt\n… and 800 more: narrow the glob")
    odd = box({"new\nline.txt": "x", "a\u202eb.txt": "x", "ok.txt": "x", "\udcff.txt": "x"})
    assert call("list_files", odd) == "ok.txt"


@pytest.mark.parametrize(
    ("glob", "path", "fits"),
    [
        ("*.py", "a/b/c.py", True),
        ("c.*", "a/b/c.py", True),
        ("b", "a/b/c.py", False),
        ("a/", "a/b/c.py", True),
        ("a/**", "a/b/c.py", True),
        ("a/*/c.py", "a/b/c.py", True),
        ("**/c.py", "c.py", True),
        ("**/b/*.py", "a/b/c.py", True),
        ("a/**/c.py", "a/c.py", True),
        ("[ab]/b/?.py", "a/b/c.py", True),
        ("[!ab]/b/?.py", "a/b/c.py", False),
        ("b/*.py", "a/b/c.py", False),
        ("[", "[", True),
    ],
)
def test_globs(glob: str, path: str, fits: bool) -> None:
    assert matcher(glob)(path) is fits


@given(st.text(alphabet="ab*?[]!-^\\/{}&~|", max_size=30))
def test_no_glob_is_too_odd(glob: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        matcher(glob)("a/b/ab.ab")


def test_a_glob_that_would_backtrack_for_ever() -> None:
    began = time.perf_counter()
    assert not matcher("*a" * 90 + "b")("a/" * 2_000)
    assert time.perf_counter() - began < 1


def test_definition() -> None:
    whole = "src/shop/cart.py\n4 def load_cart(user):\n5     # One.\n6     return json.load(user)"
    assert call("definition", symbol="load_cart") == whole
    assert call("definition", symbol="shop::cart.load_cart()") == whole
    assert call("definition", symbol="Cart").startswith("src/shop/cart.py\n9 class Cart:\n10     size = 3")
    missing = call("definition", symbol="json")
    assert missing == "error: no definition of json in the 1 files that were looked into; it may come from a library"
    assert call("definition", symbol="nowhere").startswith("error: no definition of nowhere in any file")
    assert call("definition", symbol="::").startswith("error: the symbol needs a name")
    assert call("definition", symbol="x.()").startswith("error: the symbol needs a name")


def test_a_definition_is_found_among_many_uses() -> None:
    uses = {f"a/{n:03}.py": "import z\n\nz.f(1)\nz.f(2)\n" for n in range(300)}
    notes = {f"b/{n:03}.txt": "def f\n" for n in range(300)}
    tree = Tree({**uses, **notes, "z.py": "def f(x):\n    return x\n"})
    assert toolbox(tree).call("definition", '{"symbol": "f"}') == "z.py\n1 def f(x):\n2     return x"
    assert len(set(tree.asked)) <= 60


def test_definitions_are_bounded() -> None:
    long = box({f"{n}.py": "def f():\n" + "    pass\n" * 500 for n in range(9)})
    said = call("definition", long, symbol="f")
    assert said.endswith("… there is more: ask for less at once")
    assert len(said) <= 12_100
    body = box({"a.py": "def f():\n" + "    p\n" * 500})
    assert call("definition", body, symbol="f").count("\n") == 201


def test_a_secret_in_the_middle_of_a_file_is_replaced_whatever_part_is_asked_for() -> None:
    tools = box({"conf/app.py": f'url = "x"\nBLOB = """\n{KEY}\n-----END PRIVATE KEY-----"""\nmode = 1\u202e\n'})
    inside = call("read_file", tools, path="conf/app.py", start=10, end=12)
    assert inside == f"conf/app.py, lines 10-12 of 25\n10 {PLACEHOLDER}\n11 {PLACEHOLDER}\n12 {PLACEHOLDER}"
    assert call("search", tools, pattern="MIIEvQIBADANBgkqhkiG9w0B00000007").startswith("error: nothing found")
    assert call("search", tools, pattern="mode") == "conf/app.py\n25 mode = 1<U+202E>"


def test_a_line_is_cut_after_it_was_shown() -> None:
    token = "gh" + "p_" + "a1B2" * 9
    tools = box({"a.txt": "x" * 280 + f" {token} end"})
    said = call("read_file", tools, path="a.txt")
    assert token[:12] not in said
    assert PLACEHOLDER[:10] in said


def test_what_is_hidden_is_not_there() -> None:
    tools = box(visible=lambda path: not path.startswith("src/"))
    assert "src/" not in call("list_files", tools)
    assert call("read_file", tools, path="src/shop/cart.py").startswith("error: there is no file")
    assert "src/" not in call("search", tools, pattern="load_cart")
    assert call("definition", tools, symbol="load_cart").startswith("error: no definition")


def test_a_file_that_is_too_large() -> None:
    tools = box({"big.txt": "needle\n" * LONGEST_FILE, "small.txt": "needle"})
    assert call("read_file", tools, path="big.txt").startswith("error: big.txt cannot be read: ")
    assert call("search", tools, pattern="needle") == "small.txt\n1 needle"


OUTSIDE = dict.fromkeys(
    [
        "/etc/passwd", "../outside.txt", "src/../../outside.txt", ".git/config", "sub/.git/config", ".GIT/config",
        "~/x", "C:\\x", "untracked.txt", "./.git/HEAD", ".git./config", "a//b", "git~1/config", "src/",
    ],
    CANARY,
)  # fmt: skip


@pytest.mark.parametrize("path", [*OUTSIDE, "", ".", "..", "./", "src/./../.env", ".env/", "\x00", ".env\x00"])
def test_nothing_outside_is_ever_touched(path: str) -> None:
    tree = Tree(FILES, beside=OUTSIDE)
    tools = toolbox(tree)
    assert tools.call("read_file", json.dumps({"path": path})).startswith("error: ")
    assert tree.asked == []


@pytest.mark.parametrize("path", ["a/b", "x y/ü.py", ".github/w.yml", "a.git/b", "...a/b"])
def test_what_is_inside(path: str) -> None:
    assert is_inside(path)


WORDS = (
    st.sampled_from([*OUTSIDE, *FILES, CANARY, "load_cart", "*", "**", ".*", "canary", "7d1f", "id_rsa"]) | st.text()
)
VALUES = WORDS | st.none() | st.integers() | st.floats() | st.booleans() | st.lists(st.integers(), max_size=2)
KEYS = st.sampled_from(["path", "start", "end", "pattern", "glob", "symbol"])


@given(
    st.sampled_from(["read_file", "search", "list_files", "definition", "x"]), st.dictionaries(KEYS, VALUES) | VALUES
)
def test_whatever_is_asked_the_canary_stays_where_it_is(name: str, arguments: Any) -> None:
    tree = Tree(FILES, beside=OUTSIDE)
    said = toolbox(tree).call(name, json.dumps(arguments))
    asked_for = CANARY in json.dumps(arguments)
    assert CANARY not in said or (asked_for and said.startswith("error: "))
    assert not {".env", "deploy/prod.pem", *OUTSIDE} & set(tree.asked)


class Gone(Tree):
    """A repository that cannot be asked any more."""

    def grep(self, words: Collection[str], *_: object) -> Sequence[Hit]:
        raise Misuse(f"git is gone, and {words} with it")


def test_a_repository_that_cannot_be_read_ends_no_review() -> None:
    said = toolbox(Gone(FILES)).call("search", '{"pattern": "x"}')
    assert said == "error: the repository cannot be read just now"
