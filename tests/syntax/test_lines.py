from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from reviewer.syntax import lines
from reviewer.syntax.grammars import Sort
from reviewer.syntax.languages import LANGUAGES

if TYPE_CHECKING:
    from pathlib import Path

DIALECTS = sorted(
    LANGUAGES | {"script", "objc", "groovy", "perl", "r", "proto", "sql", "erlang", "ml", "clojure", "zig"}
)
DEFINING = [
    ("python", "    async def total(self):"),
    ("python", "total: int = 1"),
    ("typescript", "  private async total<T>(cart: Cart): Promise<T> {"),
    ("typescript", "export const total = async (cart) => {"),
    ("javascript", "exports.total = function (cart) {"),
    ("go", "func (c *Cart) total(rate int) error {"),
    ("go", "\ttotal = iota"),
    ("rust", "pub(crate) unsafe fn total<T>(a: T) {"),
    ("java", "  public static <T> Map<String, T> total(int a) throws E {"),
    ("csharp", "    public int total { get; set; }"),
    ("c", "static struct money *total(const struct cart *cart)"),
    ("c", "#define total 3"),
    ("cpp", "Money Cart::total(const Item &item) {"),
    ("kotlin", "suspend fun Cart.total(): Int = 1"),
    ("swift", "  public func total(of cart: Cart) -> Int {"),
    ("scala", "  override def total(a: Int) = 1"),
    ("ruby", "  def self.total(a)"),
    ("php", "    public static function total($a): int"),
    ("bash", "total () {"),
    ("lua", "function Cart.total(a)"),
    ("elixir", "  defp total(a), do: a"),
    ("haskell", "total :: Int -> Int"),
    ("proto", "message total {"),
    ("sql", "CREATE OR REPLACE FUNCTION shop.total(a int)"),
    ("clojure", "(defn total [a]"),
    ("hcl", 'variable "total" {'),
]
USING = [
    ("python", "    return total(cart)"),
    ("python", "    if total == 1:"),
    ("typescript", "  return total(cart)"),
    ("go", "\treturn total(cart)"),
    ("rust", "    total(cart)?;"),
    ("java", "    return total(1);"),
    ("java", "    throw new total(1);"),
    ("csharp", "    await total(1);"),
    ("c", "    printf(total(1));"),
    ("ruby", "  puts total"),
    ("php", "    return $this->total();"),
    ("kotlin", "  println(total())"),
]


@pytest.mark.parametrize(("dialect", "row"), DEFINING)
def test_a_line_that_defines_a_name(dialect: str, row: str) -> None:
    assert [found.name for found in lines.defining([row], dialect, 9)] == ["total"]


@pytest.mark.parametrize(("dialect", "row"), USING)
def test_a_line_that_only_uses_it(dialect: str, row: str) -> None:
    assert not re.search(lines.filled(lines.shape(dialect), ["total"]), row)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_git_reads_the_shape_as_python_does(dialect: str, tmp_path: Path) -> None:
    rows = [row for _, row in [*DEFINING, *USING]]
    (tmp_path / "a").write_text("\n".join(rows))
    pattern = lines.filled(lines.shape(dialect), ["total", "other"])
    command = ["git", "grep", "--no-index", "-h", "-P", "-e", pattern, "--", "a"]
    done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr
    assert done.stdout.split("\n")[:-1] == [row for row in rows if re.search(pattern, row)]


def test_what_a_line_seems_to_define() -> None:
    assert lines.sort_of("class A:") is Sort.CLASS
    assert lines.sort_of("interface A {") is Sort.TYPE
    assert lines.sort_of("namespace A {") is Sort.MODULE
    assert lines.sort_of("int f(void)") is Sort.FUNCTION
    assert lines.sort_of("A = 1") is Sort.CONSTANT


def test_names_are_taken_literally() -> None:
    pattern = re.compile(lines.filled(lines.shape("python"), ["a.*", "$b(", "ü"]))
    assert pattern.search("ü = 1")
    assert not pattern.search("abc = 1")


def test_what_is_no_source_code_defines_nothing() -> None:
    assert list(lines.defining(["def f():"], "", 9)) == []
