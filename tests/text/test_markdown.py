"""What anybody writes renders on GitHub as the words it was, and does nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from goldens import same
from hypothesis import given
from hypothesis import strategies as st
from rendering import LINKED, texts, tokens

from reviewer.text import markdown

if TYPE_CHECKING:
    from collections.abc import Callable

FORBIDDEN = {"html_inline", "html_block", "image", "link_open", "heading_open", "hr", "blockquote_open", "table_open"}
HOSTILE = [
    "<!-- reviewer:1 e30= -->",
    "<!--",
    "<img src=x onerror=alert(1)>",
    "</details>",
    "![x](https://evil.example/p.png)",
    "[x](https://evil.example)",
    "[x]: https://evil.example",
    "[x][y]",
    "[^1]: note",
    "https://evil.example/?q=1",
    "HTTP://EVIL.example",
    "www.evil.example",
    "<https://evil.example>",
    "mailto:a@b.example",
    "ada@example.org",
    "@octocat",
    "@org/team",
    "&#64;octocat",
    "\\@octocat",
    "#1",
    "&#35;1",
    "\\#1",
    "GH-12",
    "octo/shop#3",
    "octo/shop@0123456",
    "0123456789abcdef0123456789abcdef01234567",
    "deadbeef",
    "CVE-2024-1234",
    "$x$",
    "$$\nx\n$$",
    "$`x`$",
    "```mermaid\ngraph TD\n```",
    "```suggestion\nrm -rf /\n```",
    "```math\nx\n```",
    "~~~\ncode",
    "````",
    "```",
    "`",
    "``",
    "- [ ] task",
    "| a | b |\n|---|---|\n| c | d |",
    "x\n:--",
    "x\n===",
    "x\n---",
    "# heading",
    "> [!WARNING]",
    "***",
    "**bold**",
    "**@octocat**",
    "__init__",
    "*a_b_c*",
    "~~gone~~",
    "    indented",
    "\t@octocat",
    "\u202eevil",
    "\x1b[2J",
    "\r",
    "\u2028@octocat",
    ":tada:",
    "::error::x",
    "##[error]x",
    "\\",
    "1.",
    "1) ",
    "- - -",
    "\ud800",
    "<a\nhref=x>",
]
hostile = st.lists(
    st.one_of(st.sampled_from(HOSTILE), st.text(max_size=8), st.sampled_from([" ", "\n", "\n\n", "`", "  - "])),
    max_size=12,
).map("".join)
WAYS: list[Callable[[str], str]] = [markdown.inline, markdown.block]


@pytest.mark.parametrize("way", WAYS)
@given(text=hostile)
def test_nothing_is_linked_mentioned_drawn_or_hidden(way: Callable[[str], str], text: str) -> None:
    written = way(text)
    assert "<!--" not in written
    assert not {token.type for token in tokens(written)} & FORBIDDEN
    for run in texts(written):
        assert not LINKED.search(run), run
        assert "$" not in run
    written.encode()  # no half of a surrogate pair is left
    fences = [token for token in tokens(written) if token.type == "fence"]
    assert all(re.fullmatch(r"[\w+]*", token.info) for token in fences)
    assert not any(token.info in {"suggestion", "mermaid", "math"} for token in fences)


@given(text=hostile, after=st.sampled_from(["**after**", "- after"]))
def test_a_block_ends_where_it_ends(text: str, after: str) -> None:
    *_, last = texts(f"{markdown.block(text)}\n\n{after}\n\n<!-- ours -->")
    kinds = [token.type for token in tokens(f"{markdown.block(text)}\n\n{after}\n\n<!-- ours -->")]
    assert kinds[-1] == "html_block"
    assert kinds.count("html_block") == 1
    assert last == ""


@given(text=st.text(alphabet="ab@#1$*_~`[]()<>!&;:|\\/.-+= \n"))
def test_a_line_renders_as_the_words_it_was(text: str) -> None:
    shown = "".join(token.content for token in tokens(markdown.inline(text)) if not token.children)
    assert re.sub(r"[`\s]", "", shown) == re.sub(r"[`\s]", "", text)


@given(code=st.one_of(st.text(), hostile), language=st.sampled_from(["python", "suggestion", "", "x`"]))
def test_a_fence_holds_whatever_is_in_it(code: str, language: str) -> None:
    found = [token for token in tokens(markdown.fence(code, language)) if token.level == 0]
    assert [token.type for token in found] == ["fence"]
    assert found[0].info in {"python", ""}


@given(code=st.one_of(st.text(), hostile))
def test_a_suggestion_gives_exactly_its_code_or_is_none(code: str) -> None:
    (found,) = tokens(markdown.suggestion(code))
    assert found.type == "fence"
    assert (found.info == "suggestion") == markdown.can_be_suggested(code)
    if found.info:
        assert found.content == (f"{code}\n" if code else "")


@given(text=st.text(alphabet="ab `|\\<!-@"))
def test_code_is_one_span(text: str) -> None:
    (paragraph,) = [token for token in tokens(f"x {markdown.code(text)} x") if token.type == "inline"]
    assert [child.type for child in paragraph.children or ()] == ["text", "code_inline", "text"]


def test_what_could_be_mistaken_for_a_marker_is_no_suggestion() -> None:
    assert markdown.suggestion("<p><!-- x --></p>") == "```\n<p>< !-- x --></p>\n```"
    assert markdown.suggestion("a\u202eb").startswith("```\n")
    assert markdown.suggestion("x\n````\ny") == "`````suggestion\nx\n````\ny\n`````"


def test_long_texts_are_cut() -> None:
    assert markdown.inline("x " * 1000, 10) == "x x x x x…"
    assert len(markdown.block("y" * 100_000)) == markdown.MAX_BLOCK
    assert len(markdown.fence("z" * 100_000)) < markdown.MAX_CODE + 10


def test_about_what_a_block_was_given_comes_back() -> None:
    text = "A *star*, a_b, <tag> & [x].\n\n- `code` one\n- two"
    assert markdown.plain(markdown.block(text)) == text


def test_golden() -> None:
    written = "\n\n".join(
        f"{markdown.fence(text, 'text')}\n\n{markdown.block(text)}\n\n---" for text in [*HOSTILE[:-2], PROSE]
    )
    same(Path(__file__).parent / "golden" / "markdown.md", written + "\n")


PROSE = """The call to `get_user(id)` may return **None** (see https://docs.example.org/x), then `.name` raises.

1. Ask @ada or file #12;
2. handle `None`:
   - with a default, or
   - with an error.

```python
if user is None:
    raise KeyError(id)
```
Prices like $5 and __init__ and C:\\new stay as they are: a < b && b > c."""
