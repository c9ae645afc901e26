from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.context.places import match, normal

REPOSITORY = {"README.md", "docs/README.md", "src/a.py", "src/b.py", "web/src/a.py", "web/index.js", "setup.py"}


def matched(*names: str, paths: set[str] = REPOSITORY, roots: tuple[str, ...] = ()) -> dict[str, str]:
    return {name[0]: path for name, path in match([(name,) for name in names], paths, roots).paths.items()}


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        pytest.param(["src/a.py"], {"src/a.py": "src/a.py"}, id="as it is written"),
        pytest.param(["docs/README.md"], {"docs/README.md": "docs/README.md"}, id="not its namesake"),
        pytest.param(["/w/src/b.py"], {"/w/src/b.py": "src/b.py"}, id="absolute"),
        pytest.param(["/w/web/src/a.py"], {}, id="absolute, could be two"),
        pytest.param(
            ["/w/web/src/a.py", "/w/src/b.py"],
            {"/w/web/src/a.py": "web/src/a.py", "/w/src/b.py": "src/b.py"},
            id="absolute, another file of the run tells",
        ),
        pytest.param(["index.js"], {"index.js": "web/index.js"}, id="relative to a folder"),
        pytest.param(["src/b.py", "index.js"], {"src/b.py": "src/b.py"}, id="one as it is written tells where it ran"),
        pytest.param(
            ["src/a.py", "index.js"],
            {"src/a.py": "web/src/a.py", "index.js": "web/index.js"},
            id="two that fit into a folder tell more",
        ),
        pytest.param(["a.py"], {}, id="could be two"),
        pytest.param(["b.py", "a.py"], {"b.py": "src/b.py", "a.py": "src/a.py"}, id="another file tells here too"),
        pytest.param(["repo/src/b.py"], {"repo/src/b.py": "src/b.py"}, id="relative to a folder outside"),
        pytest.param(["xsrc/b.py"], {}, id="whole names of folders only"),
        pytest.param(["other.py", "/usr/lib/python/os.py"], {}, id="not of the repository"),
        pytest.param([], {}, id="nothing"),
    ],
)
def test_by_the_end_of_the_path(names: list[str], wanted: dict[str, str]) -> None:
    assert matched(*names) == wanted


def test_what_could_be_several_is_told_apart_from_what_is_elsewhere() -> None:
    found = match([("a.py",), ("zzz.py",), ("/w/docs/README.md",)], REPOSITORY)
    assert found.open == {("a.py",), ("/w/docs/README.md",)}


def test_where_the_repository_is_known_to_be_nothing_is_guessed() -> None:
    roots = ("/w",)
    assert matched("/w/docs/README.md", roots=roots) == {"/w/docs/README.md": "docs/README.md"}
    assert matched("/w/other/README.md", roots=roots) == {}
    assert matched("/w2/web/index.js", roots=roots) == {"/w2/web/index.js": "web/index.js"}


def test_a_namesake_that_is_not_changed_deceives_nobody_who_knows_the_repository() -> None:
    changed = {"backend/setup.py"}
    assert matched("setup.py", paths=changed) == {"setup.py": "backend/setup.py"}
    assert matched("setup.py", paths=changed | {"setup.py"}) == {"setup.py": "setup.py"}


def test_one_file_may_be_called_several_things() -> None:
    names = ("/w/shop/docs/README.md", "docs/README.md")
    assert match([names], REPOSITORY).paths == {names: "docs/README.md"}
    deceived = ("/w/shop/docs/README.md", "README.md")
    assert match([deceived], REPOSITORY).paths == {}
    assert match([deceived, ("/w/shop/docs/x", "x"), ("/w/shop/src/b.py", "b.py")], REPOSITORY).paths == {
        deceived: "docs/README.md",
        ("/w/shop/src/b.py", "b.py"): "src/b.py",
    }


parts = st.sampled_from(["a", "b", "c.py", "d.py", "..", ".", ""])
written = st.lists(parts, max_size=5).map("/".join)


@given(st.sets(written), st.lists(written))
def test_every_match_is_a_path_of_the_repository_with_the_same_end(paths: set[str], names: list[str]) -> None:
    known = {path.strip("/") for path in map(normal, paths)} - {""}
    found = match([(normal(name),) for name in names], known)
    for (name,), path in found.paths.items():
        assert path in known
        assert path.rpartition("/")[2] == name.rpartition("/")[2]
    assert found.open.isdisjoint(found.paths)


def test_a_name_that_no_file_can_have_is_none() -> None:
    assert normal("a" * 5_000) == normal("a/" * 65) == ""
    assert normal("a/" * 64) == "a/" * 63 + "a"


@given(st.text(max_size=60))
def test_a_normal_path_stays_as_it_is(path: str) -> None:
    once = normal(path)
    assert normal(once) == once or ":" in once
