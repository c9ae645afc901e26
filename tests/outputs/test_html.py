from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from goldens import same
from hypothesis import given
from hypothesis import strategies as st
from reports import CLEAN, EMPTY, FULL, GONE, SQL, WHOLE_FILE

from reviewer.findings import Reason, Report, Severity, Span, State, Status, Unreviewed
from reviewer.outputs import highlight, prose
from reviewer.outputs.html import render
from reviewer.outputs.look import Look

if TYPE_CHECKING:
    from collections.abc import Sequence

GOLDEN = Path(__file__).parent / "golden"
EVIL = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![x](https://evil.example/a.png)",
    "[x](javascript:alert(1))",
    "<https://evil.example>",
    "[x]: https://evil.example\n\n[x]",
    '"><svg onload=alert(1)>',
    "{{ 7*7 }}{% raw %}",
    "</style></script></code></pre>",
    "\u202egnp.exe",
)


class Tags(HTMLParser):
    """Every element of a page with its attributes, as a browser sees them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def page(report: Report) -> str:
    return render(report, Look())


@pytest.mark.parametrize(("name", "report"), [("full", FULL), ("clean", CLEAN), ("empty", EMPTY)])
def test_golden(name: str, report: Report) -> None:
    body = page(report)
    body = re.sub(r"(?s)<style>.*?</style>|<script>.*?</script>|content=\"default-src.*?\"", "", body)
    same(GOLDEN / f"{name}.html", body)


@given(st.sampled_from(EVIL), st.text(max_size=40))
def test_hostile_words_are_text_on_the_page(evil: str, more: str) -> None:
    words = f"{evil} {more}"
    found = replace(
        SQL, title=words, body=words, code=words, suggestion=words, rule=words, span=Span(words or "x", 1, 1)
    )
    written = page(replace(FULL, findings=(found,), policy_source=words, head=words))
    clean = page(replace(FULL, findings=(replace(SQL, rule="r"),)))
    allowed = {tag for tag, _ in Tags(clean).found} | {"em", "strong", "pre", "br"}
    for tag, attributes in Tags(written).found:
        assert tag in allowed
        assert not any(name.startswith("on") for name in attributes)
        assert (attributes.get("href") or "#").startswith("#")
        assert "src" not in attributes
    assert "\u202e" not in written


def test_nothing_is_fetched_and_only_its_own_script_may_run() -> None:
    written = page(FULL)
    assert not re.search(r"(?:src|href)=\"(?!#)", written)
    assert "url(" not in written
    policy = re.findall(r'Content-Security-Policy" content="([^"]*)"', written)[0]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_counts_by_severity_category_and_folder() -> None:
    fixed = replace(SQL, fingerprint="f" * 16, state=State.FIXED)
    written = page(replace(FULL, findings=(SQL, GONE, WHOLE_FILE, fixed)))
    labels = re.findall(r'<svg role="img" aria-label="([^"]*)"', written)
    assert labels == [
        "By severity: 1 critical, 0 high, 1 medium, 1 low",
        "By category: 1 security, 1 bug, 1 tests",
        "By folder: 2 shop, 1 web",
    ]


def test_many_folders_are_summed_up() -> None:
    spread = tuple(replace(SQL, fingerprint=f"{n:016x}", span=Span(f"folder{n}/a.py", 1, 1)) for n in range(12))
    label = re.findall(r'aria-label="(By folder[^"]*)"', page(replace(FULL, findings=spread)))[0]
    assert label.endswith("5 others")


def test_what_was_not_reviewed_is_counted_and_folded_where_it_is_much() -> None:
    lost = [Unreviewed(f"a{n}.py", Reason.BUDGET if n % 3 else Reason.TIMEOUT, "why", lines=n + 1) for n in range(7)]
    few, many = (page(replace(FULL, unreviewed=tuple(lost[:count]))) for count in (6, 7))
    assert "Not reviewed, although it should have been (7)" in many
    assert "<p>budget: 4 · timeout: 3</p>" in many
    assert ("<details open>" in few, "<details open>" in many) == (True, False)
    assert all(f"<code>a{n}.py</code>" in many for n in range(7))


def test_an_incomplete_report_says_what_it_found_all_the_same() -> None:
    assert re.search(r'<h1 class="status incomplete">Incomplete: [^<]*; 3 findings</h1>', page(FULL))
    assert re.search(r'<h1 class="status clean">No findings</h1>', page(CLEAN))


def test_many_places_are_folded() -> None:
    places = tuple(Span(f"src/m{n}.py", n + 1, n + 1) for n in range(7))
    few, many = (page(replace(FULL, findings=(replace(SQL, places=places[:count]),))) for count in (6, 7))
    assert "Also here: <code>src/m0.py:1</code>, " in few
    assert "<summary>Also in 7 other places</summary>" in many
    assert "<code>src/m6.py:7</code>" in many


def test_the_worst_come_first_and_fixed_ones_last() -> None:
    low = replace(SQL, fingerprint="1" * 16, severity=Severity.LOW)
    gone = replace(SQL, fingerprint="2" * 16, state=State.FIXED)
    written = page(replace(FULL, status=Status.FINDINGS, findings=(gone, low, SQL)))
    assert re.findall(r'<article id="(\w+)"', written) == [SQL.fingerprint, "1" * 16, "2" * 16]


@given(st.text(max_size=200), st.sampled_from(["a.py", "a.js", "Makefile", "a.unknown", "a.html", "x.go", "a.rs"]))
def test_code_in_colours_is_the_same_code(text: str, path: str) -> None:
    spans, plain = (highlight.code(text.replace("\r", ""), each) for each in (path, "a.unknown"))
    assert re.sub(r"</?span[^>]*>", "", spans) == plain
    assert spans.count("\n") == text.count("\n")


def test_code_knows_its_language_and_its_numbers() -> None:
    written = highlight.code("def f():\n    return 'x'  # why", "a.py", 7)
    assert '<span class="ln">7</span><span class="k">def</span> <span class="f">f</span>' in written
    assert '<span class="s">&#x27;x&#x27;</span>' in written
    assert '<span class="c"># why</span>' in written
    assert highlight.code("x = 1;" * 2_000, "a.js").count("<span") == 0


def test_a_body_has_paragraphs_lists_and_code_and_nothing_else() -> None:
    assert prose.html("One `x < 1`.\n\n- a\n- b") == (
        "<p>One <code>x &lt; 1</code>.</p>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"
    )
    assert prose.html("x" * 30_000).count("x") == prose.MAX
