from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.syntax import definitions as syntax
from reviewer.syntax.definitions import Definition, definitions, enclosing
from reviewer.syntax.grammars import GRAMMARS, Sort
from reviewer.syntax.languages import LANGUAGES

SOURCES = {
    "a.py": '''\
MAX: int = 3
type Pair = tuple[int, int]

@cached
async def total(
    cart: Cart,
    *,
    rate: float = 0.2,
) -> Money:
    """Sums it up.

    At length.
    """
    local = 1
    return cart

class Cart(Base):
    """What is bought."""
    owner: str
    def __init__(self, owner): self.owner = owner
''',
    "a.ts": """\
/** Sums it up. */
export async function total<T>(cart: Cart, rate = 0.2): Promise<T> {
  const local = 1;
}
export default class Cart extends Base implements Buyable {
  @Input() owner: string = '';
  private add = (item: Item): void => { this.items.push(item); };
  total(): number { return 0 }
}
interface Item { name: string; price(): number }
type Id = string | number;
enum Colour { Red, Green }
export const render = (a: string) => { };
const RATE = 0.2;
namespace Shop { export function open() {} }
""",
    "a.js": "exports.total = function (cart) {};\nconst o = { add(item) {}, drop: (item) => {} };\nclass A { x = 1 }\n",
    "a.tsx": "export const Button = ({ label }: Props) => <b>{label}</b>;\n",
    "a.go": """\
// Total sums it up.
func Total(cart *Cart, rate float64) (Money, error) {
	local := 1
}
func (c *Cart) Add(item Item) error { return nil }
type Cart struct {
	Owner string
}
type Buyable interface { Price() int }
const Rate = 0.2
var (
	count int
)
""",
    "a.rs": """\
/// Sums it up.
#[inline]
pub fn total<T>(cart: &Cart<T>) -> Money where T: Price { 1 }
pub struct Cart { owner: String }
enum Colour { Red }
impl<T> Shop for Cart<T> { fn add(&mut self) {} }
const RATE: f64 = 0.2;
macro_rules! buy { () => {} }
""",
    "A.java": """\
/** What is bought. */
public class Cart<T> extends Base {
  private static final int MAX = 1;
  public Cart(String owner) {}
  @Override public Money total(int rate) throws Sold { int local = 1; return null; }
  record Item(String name) {}
}
""",
    "a.c": """\
/* Sums it up. */
static struct money *total(const struct cart *cart)
{
    int local = 1;
}
#define RATE 2
#define TWICE(a) ((a) * 2)
struct cart { int count; };
typedef struct { int b; } item;
int add(struct cart *cart);
""",
    "a.cpp": """\
namespace shop { class Cart : public Base { public: int total() const { return 1; } int count; }; }
Money Cart::add(const Item &item) { return {}; }
template <typename T> T twice(T a) { return a; }
using Id = int;
""",
    "a.cs": """\
namespace Shop { public class Cart : Base {
  /// <summary>Sums it up.</summary>
  [Pure] public Money Total<T>(T rate) where T : struct => null;
  public int Count { get; set; }
  public event Handler Sold;
} interface IBuy { void Buy(); } }
""",
    "a.rb": "module Shop\n  # Bought.\n  class Cart < Base\n    RATE = 1\n    def total(rate: 1)\n      1\n    end\n    def self.open; end\n  end\nend\n",
    "a.php": "<?php\n/** Sums. */\nfunction total(int $rate): float { }\nclass Cart extends Base { const RATE = 1; private $owner; public function add($i) {} }\n",
    "a.kt": "fun total(cart: Cart): Int { return 1 }\nfun Cart.twice() = 2\ndata class Cart(val owner: String)\nval rate = 1\n",
    "a.swift": "/// Sums.\nfunc total(cart: Cart) -> Int { return 1 }\nclass Cart: Base { let rate = 1\n func add() {} }\nprotocol Buyable { func buy() }\n",
    "a.scala": "object Shop { def total(cart: Cart): Int = { 1 }\n val rate = 1 }\ncase class Cart(owner: String)\ntrait Buyable { def buy: Int }\n",
    "a.sh": "# Sums.\ntotal() {\n  echo\n}\nreadonly RATE=2\n",
    "a.lua": "-- Sums.\nlocal function total(cart) return 1 end\nfunction Cart:add(item) return 1 end\nCart.drop = function(item) return 2 end\n",
    "a.ex": 'defmodule Shop.Cart do\n  @doc "Sums."\n  def total(cart, rate) when rate > 1 do\n    1\n  end\n  defp add(a), do: a\nend\n',
    "a.hs": "-- Sums.\ntotal :: Cart -> Int\ntotal cart = 1\ndata Cart = Cart Int | Empty\nclass Buyable a where\n  buy :: a -> Int\n",
    "a.html": '<main><section id="cart"><p>x</p></section></main>\n',
    "a.css": ".cart, #total { color: red }\n@media print { .x { a: b } }\n",
    "a.json": '{"cart": {"owner": 1}}\n',
    "a.yml": "cart:\n  owner:\n    - a\nrate: 1\n",
    "a.tf": 'resource "aws_x" "cart" {\n  a = 1\n}\nrate = 1\n',
    "a.nix": "{ cart = { rate = 1; }; shop.total = x: x; }\n",
    "a.sol": "contract Cart is Base { uint rate; function total(uint a) public returns (uint) { } event Sold(uint a); }\n",
    "a.dart": "/// Sums.\nint total(Cart cart) { return 1; }\nclass Cart extends Base { int rate = 1; void add(int a) { } }\n",
}
EXPECTED = {
    "a.py": "constant MAX · type Pair · function total · class Cart · constant Cart.owner · method Cart.__init__",
    "a.ts": "function total · class Cart · constant Cart.owner · method Cart.add · method Cart.total · type Item · "
    "constant Item.name · method Item.price · type Id · type Colour · function render · constant RATE · module Shop · "
    "method Shop.open",
    "a.js": "function total · constant o · method add · method drop · class A · constant A.x",
    "a.tsx": "function Button",
    "a.go": "function Total · method Add · type Cart · type Buyable · method Buyable.Price · constant Rate · constant count",
    "a.rs": "function total · type Cart · type Colour · class Cart · method Cart.add · constant RATE · function buy",
    "A.java": "class Cart · constant Cart.MAX · method Cart.Cart · method Cart.total · class Cart.Item",
    "a.c": "function total · constant RATE · function TWICE · type cart · constant cart.count · type item · constant item.b"
    " · function add",
    "a.cpp": "module shop · class shop.Cart · method Cart.total · constant Cart.count · function add · function twice · type Id",
    "a.cs": "module Shop · class Shop.Cart · method Cart.Total · constant Cart.Count · constant Cart.Sold · type Shop.IBuy · "
    "method IBuy.Buy",
    "a.rb": "module Shop · class Shop.Cart · constant Cart.RATE · method Cart.total · method Cart.open",
    "a.php": "function total · class Cart · constant Cart.RATE · constant Cart.owner · method Cart.add",
    "a.kt": "function total · function twice · class Cart · constant rate",
    "a.swift": "function total · class Cart · constant Cart.rate · method Cart.add · type Buyable · method Buyable.buy",
    "a.scala": "class Shop · method Shop.total · constant Shop.rate · class Cart · class Buyable · method Buyable.buy",
    "a.sh": "function total · constant RATE",
    "a.lua": "function total · function add · function drop",
    "a.ex": "module Shop.Cart · method Shop.Cart.total · method Shop.Cart.add",
    "a.hs": "function total · function total · type Cart · class Buyable · method Buyable.buy",
    "a.html": "section cart",
    "a.css": "section .cart, #total · section @media print · section .x",
    "a.json": "section cart",
    "a.yml": "section cart · section owner",
    "a.tf": "section resource aws_x cart · constant rate",
    "a.nix": "constant cart · constant total",
    "a.sol": "class Cart · constant Cart.rate · method Cart.total · method Cart.Sold",
    "a.dart": "function total · class Cart · constant Cart.rate · method Cart.add",
}


def told(path: str) -> str:
    found = definitions(SOURCES[path], path)
    return " · ".join(f"{d.sort} {d.container}{'.' if d.container else ''}{d.name}" for d in found)


def find(path: str, name: str, container: str = "") -> Definition:
    return next(d for d in definitions(SOURCES[path], path) if (d.name, d.container) == (name, container))


def test_every_language_has_a_grammar() -> None:
    assert set(GRAMMARS) == LANGUAGES


@pytest.mark.parametrize("path", SOURCES)
def test_what_a_source_defines(path: str) -> None:
    assert told(path) == EXPECTED[path]


@pytest.mark.parametrize(
    ("path", "name", "signature"),
    [
        ("a.py", "total", "async def total(cart: Cart, *, rate: float = 0.2) -> Money"),
        ("a.py", "Cart", "class Cart(Base)"),
        ("a.py", "Pair", "type Pair = tuple[int, int]"),
        ("a.ts", "total", "export async function total<T>(cart: Cart, rate = 0.2): Promise<T>"),
        ("a.ts", "render", "export const render = (a: string)"),
        ("a.ts", "Item", "interface Item { name: string; price(): number }"),
        ("a.go", "Total", "func Total(cart *Cart, rate float64) (Money, error)"),
        ("a.go", "Cart", "type Cart struct { Owner string }"),
        ("a.rs", "total", "pub fn total<T>(cart: &Cart<T>) -> Money where T: Price"),
        ("a.c", "total", "static struct money *total(const struct cart *cart)"),
        ("a.c", "add", "int add(struct cart *cart);"),
        ("a.rb", "total", "def total(rate: 1)"),
        ("a.ex", "total", "def total(cart, rate) when rate > 1"),
        ("a.hs", "total", "total :: Cart -> Int"),
        ("a.tf", "resource aws_x cart", 'resource "aws_x" "cart"'),
        ("a.yml", "cart", "cart"),
    ],
)
def test_a_signature_is_one_line_without_its_body(path: str, name: str, signature: str) -> None:
    found = next(d for d in definitions(SOURCES[path], path) if d.name == name)
    assert found.signature == signature


@pytest.mark.parametrize("path", ["a.py", "a.ts", "a.rs", "a.c", "a.lua", "a.sh", "a.hs", "a.dart", "a.swift", "a.php"])
def test_the_first_line_of_what_is_written_about_it(path: str) -> None:
    assert next(d for d in definitions(SOURCES[path], path) if d.name == "total").doc.startswith("Sums")


def test_documentation_is_found_above_decorators_and_attributes_and_in_xml() -> None:
    assert find("a.cs", "Total", "Cart").doc == "Sums it up."
    assert find("a.cs", "Total", "Cart").signature.startswith("public Money Total<T>")
    assert find("A.java", "total", "Cart").signature == "public Money total(int rate) throws Sold"
    assert find("a.ex", "total", "Shop.Cart").doc == "Sums."


def test_lines_leave_decorators_aside() -> None:
    total = find("a.py", "total")
    assert (total.first, total.head, total.body, total.last) == (5, 9, 10, 15)


def test_what_has_no_body_ends_where_it_is() -> None:
    assert find("a.py", "MAX").head == find("a.py", "MAX").first == 1


def test_what_is_around_a_line() -> None:
    found = definitions(SOURCES["a.py"], "a.py")
    assert [each.name for each in enclosing(found, 20)] == ["Cart", "__init__"]
    assert enclosing(found, 1) == ()  # a variable is around nothing


def test_a_source_without_a_parser_is_read_by_its_lines() -> None:
    found = definitions("<script>\n// Sums.\nexport function total(cart) {\n</script>\n", "a.vue")
    assert [(d.name, d.sort, d.first, d.signature, d.doc) for d in found] == [
        ("total", Sort.FUNCTION, 3, "export function total(cart)", "Sums.")
    ]


@pytest.mark.parametrize("source", ["def f():\n  pass\n" + "x" * 3_000, "def f():\n  pass\n" + "# a\n" * 150_000])
def test_what_is_too_wide_or_too_large_is_read_by_its_lines(source: str) -> None:
    assert [d.name for d in definitions(source, "a.py")] == ["f"]


def test_what_need_not_be_parsed_is_read_by_its_lines() -> None:
    assert [d.last for d in definitions("def f():\n  pass\n", "a.py", parsed=False)] == [1]


def test_what_is_no_source_code_defines_nothing() -> None:
    assert definitions("def f(): pass", "README.md") == ()


def test_there_is_an_end_to_definitions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syntax, "MAX_DEFINITIONS", 3)
    assert len(definitions("def f(): pass\n" * 5, "a.py")) == 3
    assert len(definitions("function f() {\n" * 5, "a.vue")) == 3


def test_a_long_signature_is_cut() -> None:
    (found,) = definitions(f"def f({', '.join(f'argument_{n}' for n in range(100))}): pass\n", "a.py")
    assert len(found.signature) == 300
    assert found.signature.endswith("…")


@given(st.text(), st.sampled_from([*SOURCES, "a.vue", "a.zig", "a.md"]))
def test_any_text_is_read(source: str, path: str) -> None:
    lines = source.count("\n") + 1
    for each in definitions(source, path):
        assert 1 <= each.first <= each.last <= lines
        assert each.body is None or each.body <= lines


@given(st.data())
def test_what_is_cut_anywhere_is_read(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(SOURCES)))
    cut = data.draw(st.integers(0, len(SOURCES[path])))
    rest = SOURCES[path][cut:]
    assert all(1 <= each.first <= each.last <= rest.count("\n") + 1 for each in definitions(rest, path))
