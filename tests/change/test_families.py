from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.change import families
from reviewer.change.families import group


@pytest.mark.parametrize(
    ("source", "test"),
    [
        ("pkg/foo.py", "tests/pkg/test_foo.py"),
        ("pkg/foo.py", "pkg/tests_foo.py"),
        ("pkg/foo.go", "pkg/foo_test.go"),
        ("web/foo.ts", "web/foo.spec.ts"),
        ("web/foo.tsx", "web/foo.test.tsx"),
        ("web/foo.ts", "web/foo.test.node.ts"),
        ("web/foo-bar.js", "test/foo-bar-test.js"),
        ("web/Foo.tsx", "web/__tests__/Foo.tsx"),
        ("src/main/java/a/Foo.java", "src/test/java/a/FooTest.java"),
        ("src/main/java/a/Foo.java", "src/test/java/a/FooIT.java"),
        ("src/main/java/a/Foo.java", "src/test/java/a/TestFoo.java"),
        ("src/Foo.cs", "test/FooTests.cs"),
        ("src/Foo.scala", "test/FooSpec.scala"),
        ("lib/foo.rb", "spec/foo_spec.rb"),
        ("foo.h", "foo.c"),
        ("ui/foo.ts", "ui/foo.module.css"),
    ],
)
def test_what_belongs_together(source: str, test: str) -> None:
    paths = [test, "zoo/other.py", source, "attic/contest.py"]

    assert sorted([0, 2]) in [sorted(members) for members in group(paths)]


def test_of_several_sources_the_nearest() -> None:
    paths = ["a/x/util.py", "b/y/util.py", "tests/b/y/test_util.py", "tests/a/x/test_util.py"]

    assert group(paths) == [[0, 3], [1, 2]]


def test_a_test_without_its_source_and_names_that_only_look_like_tests() -> None:
    paths = ["tests/test_a.py", "latest.py", ".env", "test", "Audit.java"]

    assert sorted(map(len, group(paths))) == [1, 1, 1, 1, 1]


def test_families_come_folder_by_folder() -> None:
    paths = ["b/z.py", "a/b/c.py", "a/z.py", "a/a.py", "root.py"]

    assert [paths[index] for (index,) in group(paths)] == ["root.py", "a/a.py", "a/z.py", "a/b/c.py", "b/z.py"]


def test_the_same_file_twice_is_one_family() -> None:
    assert group(["a.py", "b.py", "a.py"]) == [[0, 2], [1]]


@given(st.lists(st.text("ab/._testT", max_size=12), max_size=12))
def test_every_index_once(paths: list[str]) -> None:
    assert sorted(index for members in group(paths) for index in members) == list(range(len(paths)))


def test_in_order_what_came_first_stays_first() -> None:
    paths = ["z/b.py", "a/c.py", "z/test_b.py", "a/a.py", "tests/test_c.py"]
    assert families.in_order(paths) == [[0, 2], [1, 4], [3]]
    assert sorted(map(sorted, families.group(paths))) == sorted(families.in_order(paths))


@pytest.mark.parametrize("path", ["tests/conftest.py", "a/spec/b/support.rb", "__tests__/x.ts", "pkg/testing/fake.go"])
def test_a_file_in_a_folder_of_tests_is_one(path: str) -> None:
    assert families.is_test(path)


@pytest.mark.parametrize("path", ["src/spec", "a/contest/b.py", "tests.d/x.py", "src/b.py"])
def test_a_file_elsewhere_is_none(path: str) -> None:
    assert not families.is_test(path)
