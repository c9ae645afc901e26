from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from model_server import ModelServer, reply
from processes import asking, repository, reviewer

from reviewer.context.snapshot import Hit
from reviewer.sources import folder, tree
from reviewer.sources.grep import Limits

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "load_cart_of_others = 1\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with everything in it that must not be told of."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.py").write_text(CANARY)
    made = tmp_path / "plain"
    (made / "src").mkdir(parents=True)
    (made / "src" / "cart.py").write_text("def load_cart(user):\n    return user\n")
    (made / "src" / "notes.md").write_text("load_cart reads a cart\n")
    (made / "picture.py").write_bytes(b"\0\0load_cart\n")
    (made / "linked.py").symlink_to(outside / "secret.py")
    (made / "linked").symlink_to(outside)
    repository(made / "nested", {"other.py": "def load_cart(user): ...\n"})
    return made


def test_it_is_read_and_searched_as_far_as_it_was_listed(root: Path) -> None:
    with tree.folder(root) as found:
        seen = found.snapshot()
        assert seen.paths() == ("picture.py", "src/cart.py", "src/notes.md")
        assert [(hit.path, hit.line) for hit in seen.grep(["load_cart"])] == [("src/cart.py", 1), ("src/notes.md", 1)]
        assert seen.grep(["load_cart"], suffixes=[".py"]) == (Hit("src/cart.py", 1, "def load_cart(user):"),)
        assert seen.grep(["load_cart_of_others"]) == ()
        assert seen.read("src/cart.py") == "def load_cart(user):\n    return user\n"
        for path in ("linked.py", "linked/secret.py", "nested/other.py", "../outside/secret.py", "picture.py", "no"):
            assert seen.read(path) is None
        assert seen.capped == ()


def test_a_file_that_becomes_a_link_is_not_followed(root: Path) -> None:
    with tree.folder(root) as found:
        seen = found.snapshot()
        (root / "src" / "cart.py").unlink()
        (root / "src" / "cart.py").symlink_to(root.parent / "outside" / "secret.py")
        assert seen.read("src/cart.py") is None
        assert seen.grep(["load_cart_of_others"]) == ()


def test_bounds_are_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = folder.FolderSnapshot(root / "src", ["cart.py", "notes.md"], lambda _: None, Limits(hits=1))
    assert len(few.grep(["load_cart"])) == 1
    assert few.capped == ("a search found more than 1 lines: the others were left out",)
    monkeypatch.setattr(folder, "MAX_PATHS", 1)
    cut = folder.FolderSnapshot(root, ["src/cart.py", "src/notes.md"], lambda _: None)
    assert (cut.paths(), cut.capped) == (("src/cart.py",), ("only 1 of the folder's 2 files were looked at",))


def test_without_git_it_is_read_and_not_searched(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    with tree.folder(root) as found:
        seen = found.snapshot()
        assert seen.read("src/notes.md") == "load_cart reads a cart\n"
        assert seen.grep(["load_cart"]) == ()
        assert seen.capped == ("git is not installed: nothing was searched for in the folder",)


def test_an_audit_of_a_folder_tells_what_the_code_uses(tmp_path: Path) -> None:
    root = tmp_path / "plain"
    (root / "far" / "away").mkdir(parents=True)
    lines = "".join(f"    total = total + price_{n} * quantity\n" for n in range(60))
    (root / "shop.py").write_text(f"from far.away.cart import load_cart\n\n\ndef f(total, quantity):\n{lines}")
    with (root / "shop.py").open("a") as file:
        file.write("    return load_cart(total)\n")
    (root / "far" / "away" / "cart.py").write_text(f"def load_cart(user, currency):\n{lines}    return user\n")
    with ModelServer(lambda _body, _headers: reply('{"findings": []}')) as server:
        done = reviewer("audit", root, "--quiet", "--chunk-tokens", "500", variables=asking(server.url))
        assert done.code == 0, done.err
        asked = [body["messages"][-1]["content"] for body in server.bodies]
    about_shop = next(text for text in asked if "return load_cart(total)" in text and "## shop.py" in text)
    assert "def load_cart(user, currency)" in about_shop
