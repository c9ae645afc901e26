from __future__ import annotations

from typing import TYPE_CHECKING

from entries import entry

from reviewer.audit import survey as surveying
from reviewer.audit.survey import is_entry, survey

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

FILES = {
    "shop/__init__.py": "",
    "shop/cart.py": "from shop import prices\nfrom shop.prices import of\nfrom . import prices\n",
    "shop/prices.py": "import os, json\n",
    "shop/run.py": 'from shop.cart import Cart\nimport shop.prices\n\nif __name__ == "__main__":\n    pass\n',
    "web/src/basket.ts": "import { price } from './price'\nimport x from 'react'\n",
    "web/src/price.ts": "export const price = 1\n",
    "web/src/page.tsx": "import { price } from './price'\nimport { basket } from './basket'\n",
    "cmd/tool/start.go": "package main\n\nfunc main() {\n}\n",
    "notes.txt": "import shop.prices\n",
}


def of(files: Mapping[str, str | None]) -> surveying.Survey:
    return survey([entry(path) for path in sorted(files)], files.get)


def test_who_imports_whom_counts_once_a_file() -> None:
    found = of(FILES)
    assert found.dependents["shop/prices.py"] == 2
    assert found.dependents["shop/cart.py"] == 1
    assert found.dependents["web/src/price.ts"] == 2
    assert found.dependents["web/src/basket.ts"] == 1
    assert not found.capped


def test_programs_begin_where_their_text_or_their_name_says() -> None:
    assert of(FILES).entry_points == {"shop/run.py", "cmd/tool/start.go"}
    for path in ("src/main.rs", "app/Program.cs", "manage.py", "bin/tool", ".github/workflows/ci.yml", "Dockerfile"):
        assert is_entry(entry(path)), path
    assert is_entry(entry("tools/sync", is_program=True))
    for path in ("src/domain.py", "lib/mainly.js", "docs/index.md.txt"):
        assert not is_entry(entry(path)), path


def test_a_name_that_many_files_have_tells_nothing() -> None:
    files = {f"p{n}/types.py": "" for n in range(60)}
    assert of({**files, "a.py": "from types import x\n"}).dependents == {}


def test_what_cannot_be_read_or_is_too_much_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    assert of({"a.py": None, "b.py": "import a\n" + "x = 1\n" * 100_000}).dependents == {"a.py": 1}
    monkeypatch.setattr(surveying, "MAX_FILES", 1)
    assert of(FILES).capped
