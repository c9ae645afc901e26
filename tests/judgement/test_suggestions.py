from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reviewer.judgement.quotes import find
from reviewer.judgement.suggestions import in_prose, sound
from reviewer.judgement.views import Views
from reviewer.text.redact import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Callable

    from reviewer.change.pieces import Piece

    Shown = Callable[..., tuple[Piece, ...]]

CODE = ["def f(x):", "    if x:", "        return g(x)", "    return None"]


def offer(
    shown: Shown, quote: str, replacement: str, path: str = "a.py", code: list[str] = CODE, **more: object
) -> str | None:
    diff = "\n".join(
        [f"--- a/{path}", f"+++ b/{path}", f"@@ -1,1 +1,{len(code)} @@", "-gone()", *(f"+{x}" for x in code), ""]
    )
    place = find(quote, Views.of(shown(diff, **more)), None)
    assert place is not None
    return sound(replacement, place)


@pytest.mark.parametrize(
    ("quote", "replacement", "expected"),
    [
        ("        return g(x)", "        return h(x)", "        return h(x)"),
        ("        return g(x)", "        return h(x)\n", "        return h(x)"),
        ("        return g(x)", "        return h(x)\r\n", "        return h(x)"),
        ("return g(x)", "return h(x)", "        return h(x)"),
        ("3+        return g(x)", "3+        return h(x)", "        return h(x)"),
        ("return g(x)", "```python\nreturn h(x)\n```", "        return h(x)"),
        ("    if x:\n        return g(x)", "if y:\n    return g(y)", "    if y:\n        return g(y)"),
        ("    if x:\n        return g(x)", "if y:\n        return g(y)", "    if y:\n        return g(y)"),
        ("    if x:\n        return g(x)", "if y:\n\n    return g(y)", "    if y:\n\n        return g(y)"),
        ("def f(x):", "def f(x: int):", "def f(x: int):"),
    ],
)
def test_what_is_offered(shown: Shown, quote: str, replacement: str, expected: str) -> None:
    assert offer(shown, quote, replacement) == expected


@pytest.mark.parametrize(
    ("quote", "replacement", "more"),
    [
        pytest.param("gone()", "here()", {}, id="deleted"),
        pytest.param("return g(", "return h(", {}, id="part of a line"),
        pytest.param("def ff(x)):", "def g(x):", {}, id="close"),
        pytest.param("def f(x):\n...\nnot_there()", "def g(x):", {}, id="ellipsis"),
        pytest.param("def f(x):", "def f(x):", {}, id="the same"),
        pytest.param("def f(x):", "def f(x):\n" * 200, {}, id="too long"),
        pytest.param("def f(x):", "def f(\u202ex):", {}, id="hidden character"),
        pytest.param("def f(x):", "def f(\ufffd):", {}, id="broken character"),
        pytest.param("def f(x):", f"def f({PLACEHOLDER}):", {}, id="placeholder"),
        pytest.param("def f(x):", "def g(x):", {"path": ".github/workflows/ci.yml"}, id="workflow"),
        pytest.param("def f(x):", "def g(x):", {"path": "poetry.lock"}, id="lock file"),
        pytest.param(
            "def f(x):", "def g(x):", {"show": lambda lines: [f"{line} " for line in lines]}, id="shown otherwise"
        ),
    ],
)
def test_what_is_not_offered(shown: Shown, quote: str, replacement: str, more: dict[str, object]) -> None:
    assert offer(shown, quote, replacement, **more) is None  # type: ignore[arg-type]


def test_lines_the_quote_leaves_out_are_not_replaced(shown: Shown) -> None:
    views = Views.of(shown("--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,3 @@\n first()\n+between()\n last()\n"))
    place = find("first()\nlast()", views, None)
    assert place is not None
    assert (place.span.first, place.span.last) == (1, 3)
    assert sound("first_and_last()", place) is None


def test_a_line_end_of_the_file_is_not_the_models_business(shown: Shown) -> None:
    crlf = [f"{line}\r" for line in CODE]
    assert offer(shown, "def f(x):", "def g(x):", code=crlf) == "def g(x):"
    assert offer(shown, "def f(x):", "def f(x):", code=crlf) is None


def test_prose_has_a_fence_that_nothing_in_it_closes() -> None:
    assert in_prose("Body", "a\n````\nb") == "Body\n\nPossible replacement:\n\n`````\na\n````\nb\n`````"


def test_prose_hides_nothing_and_has_an_end() -> None:
    text = in_prose("Body", "a\u202e\n" * 300)
    assert "a<U+202E>\n" in text
    assert text.count("\n") < 110
    assert text.endswith("…\n```")


@pytest.mark.parametrize(
    "path",
    [
        ".github/workflows/ci.yml",
        ".github/actions/setup/run.sh",
        "action.yml",
        "tools/action.yaml",
        ".gitlab-ci.yml",
        "sub/.gitlab-ci.yml",
        ".circleci/config.yml",
        "Jenkinsfile",
        "azure-pipelines.yml",
        "package-lock.json",
    ],
)
def test_what_ci_runs_and_what_tools_write_is_not_changed_by_a_click(shown: Shown, path: str) -> None:
    assert offer(shown, "def f(x):", "def f(y):", path) is None


def test_white_space_at_the_end_of_a_line_is_no_change(shown: Shown) -> None:
    assert offer(shown, "def f(x):", "def f(x):   ") is None
