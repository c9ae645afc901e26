"""The same over a real repository: a commit and a work tree, with links that lead out of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from lookups import SECRETS
from processes import repository

from reviewer.context.tools import Toolbox
from reviewer.sources import git as local
from reviewer.text.redact import PLACEHOLDER, Redactor
from reviewer.text.show import Show

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CANARY = "canary-7d1f"
TOKEN = "gh" + "p_" + "a1B2" * 9
FILES = {
    "src/cart.py": f'def load_cart(user):\n    return fetch(user, "{TOKEN}")\n',
    "src/shop.py": "from cart import load_cart\n\nload_cart(1)\n",
    ".env": f"load_cart={CANARY}\n",
    ".gitignore": "ignored.txt\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "load_cart.txt").write_text(f"load_cart {CANARY}\n")
    root = tmp_path / "repository"
    root.mkdir()
    (root / "link.txt").symlink_to(outside / "load_cart.txt")
    (root / "linked").symlink_to(outside)
    repository(root, FILES)
    (root / "ignored.txt").write_text(f"load_cart {CANARY}\n")
    (root / "late").symlink_to(outside)
    return root


def commit(root: Path) -> local.Repository:
    return local.revisions(root, "HEAD")


@pytest.mark.parametrize("side", [commit, local.work_tree])
def test_a_real_repository(root: Path, side: Callable[[Path], local.Repository]) -> None:
    with side(root) as source:
        tools = Toolbox(source.snapshot(), Show(Redactor(SECRETS)))

        def call(name: str, **arguments: Any) -> str:
            return tools.call(name, json.dumps(arguments))

        shown = f'1 def load_cart(user):\n2     return fetch(user, "{PLACEHOLDER}")'
        assert call("read_file", path="src/cart.py") == f"src/cart.py, lines 1-2 of 2\n{shown}"
        assert call("definition", symbol="load_cart") == f"src/cart.py\n{shown}"
        found = call("search", pattern="load_cart(")
        assert found == "src/cart.py\n1 def load_cart(user):\n\nsrc/shop.py\n3 load_cart(1)"
        listed = call("list_files").split("\n")
        assert {"src/cart.py", "src/shop.py", ".gitignore"} <= set(listed)
        assert not {".env", "ignored.txt"} & set(listed)
        paths = [*listed, "ignored.txt", ".env", "linked/load_cart.txt", "late/load_cart.txt", ".git/config"]
        said = "".join(call("read_file", path=path) for path in paths) + call("search", pattern="load_cart")
        assert CANARY not in said
        assert TOKEN not in said
