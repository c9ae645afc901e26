from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from changed import hunk, modified
from hypothesis import given
from hypothesis import strategies as st
from snapshots import Files, change, chunk, new, plainly

from reviewer.change.change import FileChange
from reviewer.change.change import Kind as FileKind
from reviewer.context.definitions import remembered
from reviewer.context.items import Item, Kind
from reviewer.context.outline import Outline, outline
from reviewer.context.snapshot import Nothing
from reviewer.text.redact import PLACEHOLDER, Redactor
from reviewer.text.show import Show

CART = '''\
"""What is bought."""


class Cart(Base):
    """A customer's things."""

    def __init__(self, owner):
        self.owner = owner

    def total(self, rate: float = 0.2) -> float:
        """The sum with tax."""
        return 1
'''
SHOP = '''\
from shop.cart import Cart


def checkout(owner):
    """Pays for it."""
    cart = Cart(owner)
    # so many
    # lines
    # between
    return cart.total(0.1)
'''
BODY = " # so many\n # lines\n # between\n-    return 1\n+    return cart.total(0.1)"


def of(items: tuple[Item, ...], kind: Kind) -> list[Item]:
    return [item for item in items if item.kind is kind]


def outlined(files: dict[str, str], path: str, body: str, start: int = 1) -> Outline:
    return outline(change(files, path, body, start), Files(files), plainly())


def test_the_definition_around_a_hunk_is_told_with_where_it_starts() -> None:
    files = {"shop/pay.py": SHOP}
    body = " # so many\n # lines\n # between\n-    return 1\n+    return cart.total(0.1)".replace(" #", "     #")
    (item,) = of(outlined(files, "shop/pay.py", body, 7).items, Kind.ENCLOSING)
    assert item == Item(
        Kind.ENCLOSING, "shop/pay.py", "around line 10", "4 def checkout(owner)\n  Pays for it.", item.value
    )


def test_what_the_hunk_shows_itself_is_not_told_again() -> None:
    files = {"shop/pay.py": SHOP}
    body = ' def checkout(owner):\n     """Pays for it."""\n-    cart = None\n+    cart = Cart(owner)'
    assert of(outlined(files, "shop/pay.py", body, 4).items, Kind.ENCLOSING) == []


def test_what_git_s_section_shows_is_not_told_again() -> None:
    files = {"shop/pay.py": SHOP}
    part = hunk("     # between\n-    return 1\n+    return cart.total(0.1)", 9)
    shown = type(part)(9, 2, 9, 2, "def checkout(owner):", part.lines)
    assert of(outline(chunk(modified("shop/pay.py", shown)), Files(files), plainly()).items, Kind.ENCLOSING) == []


def test_the_definition_of_what_an_added_line_uses_is_told() -> None:
    files = {"shop/cart.py": CART, "shop/pay.py": SHOP}
    body = "     # between\n-    return 1\n+    return cart.total(0.1)"
    (item,) = of(outlined(files, "shop/pay.py", body, 9).items, Kind.DEFINITION)
    assert item.where == "shop/cart.py:10"
    assert item.why == "called in pay.py:10"
    assert item.text == "10 in Cart: def total(self, rate: float = 0.2) -> float\n  The sum with tax."


def test_of_a_class_that_is_called_the_constructor_is_told_too() -> None:
    files = {"shop/cart.py": CART, "shop/pay.py": SHOP}
    body = '     """Pays for it."""\n-    cart = None\n+    cart = Cart(owner)'
    (item,) = of(outlined(files, "shop/pay.py", body, 5).items, Kind.DEFINITION)
    assert item.text == "4 class Cart(Base)\n  A customer's things.\n7   def __init__(self, owner)"


def test_what_the_chunk_shows_the_definition_of_is_not_told() -> None:
    files = {"a.py": "def fee():\n    pass\nfee()\n"}
    assert of(outlined(files, "a.py", " def fee():\n     pass\n+fee()").items, Kind.DEFINITION) == []
    both = chunk(modified("a.py", hunk("+def fee():\n     pass")), modified("b.py", hunk("+from a import fee\n+fee()")))
    files = {"a.py": "def fee():\n    pass\n", "b.py": "from a import fee\nfee()\n"}
    assert outline(both, Files(files), plainly()).items == ()


def test_definitions_of_one_file_are_told_together() -> None:
    files = {"lib.py": "def one(): pass\ndef two(): pass\n", "a.py": "from lib import one, two\none()\ntwo()\n"}
    (item,) = of(outlined(files, "a.py", " from lib import one, two\n+one()\n+two()").items, Kind.DEFINITION)
    assert item.where == "lib.py"
    assert item.why == "called in a.py:2, called in a.py:3"
    assert item.text == "1 def one()\n2 def two()"


def test_near_and_unique_definitions_are_worth_more() -> None:
    files = {
        "app/a.py": "from app.lib import near\nnear()\nunique()\nget()\n",
        "app/lib.py": "def near(): pass\n",
        "other/near.py": "def near(): pass\n",
        "other/lib.py": "def unique(): pass\n",
        **{f"m{n}/lib.py": "def get(): pass\n" for n in range(5)},
    }
    body = " from app.lib import near\n+near()\n+unique()\n+get()"
    items = outlined(files, "app/a.py", body).items
    values = {item.where: item.value for item in items}
    assert "other/near.py:1" not in values
    assert values["app/lib.py:1"] > values["other/lib.py:1"] > max(values[f"m{n}/lib.py:1"] for n in range(2))


def test_a_name_that_everybody_defines_is_worth_nothing() -> None:
    files = {"a.py": "get()\n", **{f"m{n}/lib.py": "def get(): pass\n" for n in range(40)}}
    assert outlined(files, "a.py", "+get()").items == ()


def test_a_stand_in_in_a_test_is_not_what_code_means() -> None:
    files = {"src/a.py": "pay()\n", "tests/fakes.py": "def pay(): pass\n", "lib/pay.py": "def pay(real): pass\n"}
    (item,) = outlined(files, "src/a.py", "+pay()").items
    assert item.where == "lib/pay.py:1"


def test_a_variable_elsewhere_is_not_what_a_local_one_means() -> None:
    files = {"a.py": "def f(data):\n    return data, LIMIT\n", "b.py": "data = 1\nLIMIT = 2\n"}
    found = of(outlined(files, "a.py", " def f(data):\n+    return data, LIMIT").items, Kind.DEFINITION)
    assert [item.text for item in found] == ["2 LIMIT = 2"]


def test_what_is_used_on_something_is_looked_for_in_a_class_called_so() -> None:
    files = {
        "src/a.py": "def f(order):\n    return order.close()\n",
        "src/door.py": "class Door:\n    def close(self, slam): pass\n",
        "src/order.py": "class Order:\n    def close(self): pass\n",
    }
    items = of(outlined(files, "src/a.py", " def f(order):\n+    return order.close()").items, Kind.DEFINITION)
    assert items[0].where == "src/order.py:2"


def test_who_calls_what_has_another_signature_now_is_told() -> None:
    files = {
        "lib.py": "def pay(cart, rate):\n    pass\n",
        "app.py": "import lib\n\ndef main():\n    lib.pay(1)\n    done()\n",
        "tests/test_lib.py": "pay(2)\n",
        "third.py": "pay(3)\n",
    }
    items = of(outlined(files, "lib.py", "-def pay(cart):\n+def pay(cart, rate):\n     pass").items, Kind.CALLER)
    assert [(item.where, item.why) for item in items] == [
        ("app.py:4", "calls pay, whose signature changed"),
        ("third.py:1", "calls pay, whose signature changed"),
    ]
    assert items[0].text == "3 def main():\n4     lib.pay(1)\n5     done()"
    assert items[0].value > items[1].value


def test_who_still_calls_what_is_gone_is_told() -> None:
    files = {"lib.py": "x = 1\n", "app.py": "pay(1)\n"}
    (item,) = of(outlined(files, "lib.py", "-def pay(cart):\n-    pass\n x = 1").items, Kind.CALLER)
    assert (item.where, item.why) == ("app.py:1", "still calls pay, which the change removes")


def test_what_only_its_body_changed_of_has_no_callers_told() -> None:
    files = {"lib.py": "def pay(cart):\n    return 2\n", "app.py": "pay(1)\n"}
    assert of(outlined(files, "lib.py", " def pay(cart):\n-    return 1\n+    return 2").items, Kind.CALLER) == []


def test_callers_of_a_common_name_are_not_told() -> None:
    files = {"lib.py": "def get(a, b):\n    pass\n", "app.py": "get(1)\n" * 60}
    assert of(outlined(files, "lib.py", "-def get(a):\n+def get(a, b):\n     pass").items, Kind.CALLER) == []


def test_secrets_are_cut_out_and_what_is_hidden_is_shown() -> None:
    files = {"a.py": "fee()\n", "li\u202eb.py": "def fee(key='SECRET-1'):\n    '''Hid\u200bden.'''\n"}
    show = Show(Redactor([re.compile("SECRET-[0-9]")]))
    (item,) = outline(new("a.py", "fee()"), Files(files), show).items
    assert PLACEHOLDER in item.text
    assert "Hid<U+200B>den." in item.text
    assert item.where == "li<U+202E>b.py:1"
    assert show.secrets == 1


def test_bounds_that_were_hit_are_told() -> None:
    files = {"a.py": "fee()\n"}
    assert outline(new("a.py", "fee()"), Files(files, capped=["too much"]), plainly()).capped == ("too much",)


def test_several_chunks_ask_once() -> None:
    files = {
        "a.py": "from lib import fee\nfee()\n",
        "b.py": "from lib import fee\nfee()\n",
        "lib.py": "def fee(): pass\n",
    }
    raw = Files(files)
    snapshot = remembered(raw)
    chunks = [new(path, "from lib import fee\nfee()") for path in ("a.py", "b.py") * 4]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda each: outline(each, snapshot, plainly()), chunks))
    assert all([item.where for item in each.items] == ["lib.py:1"] for each in found)
    assert sum("fee" in words for words in raw.searches) == 1


def test_one_search_is_for_all_files_of_a_chunk() -> None:
    raw = Files({"a.py": "pay()\n", "b.py": "buy()\n", "lib.py": "def pay(): pass\ndef buy(): pass\n"})
    outline(chunk(modified("a.py", hunk("+pay()")), modified("b.py", hunk("+buy()"))), raw, plainly())
    assert raw.searches == [frozenset({"pay", "buy"})]


def test_languages_do_not_mix() -> None:
    files = {"a.py": "pay()\n", "b.ts": "function pay() {}\n", "c.py": "def pay(): pass\n"}
    assert [item.where for item in outlined(files, "a.py", "+pay()").items] == ["c.py:1"]


def test_a_change_that_came_alone_has_no_outline() -> None:
    assert outline(new("a.py", "fee()"), Nothing(), plainly()) == Outline(())


def test_a_file_that_says_something_else_is_not_believed() -> None:
    files = {"a.py": "def other():\n    pass\n    pass\n", "lib.py": "def pay(): pass\n"}
    found = outlined(files, "a.py", "     x = 1\n+    pay()", 2)
    assert [item.where for item in found.items] == ["lib.py:1"]


@pytest.mark.parametrize("kind", [FileKind.DELETED, FileKind.ADDED])
def test_deleted_files_and_other_texts_have_none(kind: FileKind) -> None:
    file = FileChange("README.md" if kind is FileKind.ADDED else "a.py", kind, (hunk("+pay()"),))
    assert outline(chunk(file), Files({"lib.py": "def pay(): pass\n"}), plainly()).items == ()


@given(st.text(), st.text(), st.sampled_from(["a.py", "a.ts", "a.go", "a.vue", "a.md", "A.java"]))
def test_odd_input_is_no_obstacle(old: str, text: str, path: str) -> None:
    files = {path: text, f"lib/{path}": old}
    found = outline(new(path, text), Files(files), plainly())
    assert all(0 < item.value <= 1 and item.why and item.text for item in found.items)
    outline(new(path, old), Files(files), plainly())
