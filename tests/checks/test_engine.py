from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from changed import added, hunk, modified, unreadable
from hypothesis import given
from hypothesis import strategies as st

from reviewer.change.change import FileChange, Kind
from reviewer.checks import catalogue, engine, lines
from reviewer.findings import Category, Claim, Confidence, Origin, Severity, Side, Span
from reviewer.syntax import trees

if TYPE_CHECKING:
    from collections.abc import Callable

CHECKS = catalogue.load()
TOKEN = "gh" + "p_R8vK2mQx7LpZ4tYbN9cWd3HsJ6fGa1EuT5oi"
KEY = "PRIVATE" + " KEY"
BEGIN, END = f"-----BEGIN RSA {KEY}-----", f"-----END RSA {KEY}-----"
BODY = "MIIEowIBAAKCAQEAtsmGqR1rrcPV0wTTXOSJQbDnAvDSkK2OWbHaEgJFXNx4KqpS"


def run(file: FileChange, whole: str | None = None) -> tuple[Claim, ...]:
    return engine.run(file, lambda _path, _side: whole, CHECKS)


def places(claims: tuple[Claim, ...]) -> list[tuple[str | None, int | None, int | None]]:
    return [(claim.rule, claim.span.first, claim.span.last) for claim in claims if claim.span is not None]


def test_a_claim_says_everything() -> None:
    whole = "\n" * 6 + "def f():\n    breakpoint()\n    return 1\n"
    (claim,) = run(modified("src/a.py", hunk(" def f():\n+    breakpoint()\n     return 1", start=7)), whole)
    assert claim == Claim(
        path="src/a.py",
        quote="    breakpoint()",
        title="Debugger call left in the code",
        body=claim.body,
        line=8,
        severity=Severity.HIGH,
        category=Category.BUG,
        confidence=Confidence.HIGH,
        rule="python.breakpoint",
        origin=Origin.CHECK,
        span=Span("src/a.py", 8, 8, Side.NEW),
    )


def test_only_added_lines_are_looked_at() -> None:
    body = f" token = '{TOKEN}'\n-breakpoint()\n breakpoint()\n+x = 1"
    assert run(modified("a.py", hunk(body))) == ()


@pytest.mark.parametrize(
    "file",
    [
        replace(modified("a.py", hunk("-breakpoint()")), kind=Kind.DELETED),
        replace(added("a.py", "breakpoint()"), kind=Kind.DELETED),
        replace(added("a.py", "breakpoint()"), binary=True),
        FileChange("a.py", Kind.RENAMED, old_path="b.py"),
    ],
    ids=["deleted", "deleted, whatever its lines say", "binary", "renamed"],
)
def test_nothing_is_said_about_a_file_that_adds_nothing(file: FileChange) -> None:
    assert run(file) == ()


def test_no_checks_no_claims() -> None:
    assert engine.run(added("a.py", "breakpoint()"), unreadable, []) == ()


def test_claims_come_in_the_order_of_the_lines() -> None:
    text = f"def f(a=[]): ...\nt = '{TOKEN}'\nbreakpoint()\nu = '{TOKEN}', '{TOKEN}'"
    assert places(run(added("a.py", text))) == [
        ("python.mutable-default", 1, 1),
        ("secrets.github-token", 2, 2),
        ("python.breakpoint", 3, 3),
        ("secrets.github-token", 4, 4),
    ]


def test_of_a_very_long_line_the_beginning_is_read() -> None:
    near, far = "x" * (lines.SCANNED - len(TOKEN) - 1) + " ", "x" * lines.SCANNED + " "
    assert places(run(added("a.txt", f"{near}{TOKEN}\n{far}{TOKEN}"))) == [("secrets.github-token", 1, 1)]


def test_a_byte_order_mark_counts_only_within_the_file() -> None:
    assert places(run(modified("a.txt", hunk("+\ufeffa\n+\ufeffb")))) == [("text.zero-width", 2, 2)]


def test_a_byte_order_mark_does_not_keep_a_file_from_being_parsed() -> None:
    text = "\ufeffbreakpoint()\n"
    assert places(run(added("a.py", text), text)) == [("python.breakpoint", 1, 1)]


def test_a_secret_that_is_known_by_its_form_is_said_once() -> None:
    other = "Rk2mQx9LpZ4t" + "YbN3cWdHsJ6f"
    text = f"token = '{TOKEN}'\ntoken = '{other}'\npassword = '{other}'"
    assert places(run(added("a.py", text))) == [
        ("secrets.github-token", 1, 1),
        ("secrets.assigned-token", 2, 2),
        ("secrets.assigned-password", 3, 3),
    ]


# Runs of lines


def test_a_private_key_is_one_finding() -> None:
    text = "\n".join(["# key", BEGIN, *[BODY] * 20, END, ""])
    (claim,) = run(added("id_rsa", text))
    assert places((claim,)) == [("secrets.private-key", 2, 23)]
    assert claim.quote == "\n".join([BEGIN, *[BODY] * 20, END])
    assert BODY not in claim.title + claim.body


def test_a_key_changed_between_its_marks_is_found_where_it_changed() -> None:
    body = f" {BEGIN}\n-{BODY[::-1]}\n+{BODY}\n+{BODY}\n {END}"
    assert places(run(modified("id_rsa", hunk(body, start=4)))) == [("secrets.private-key", 5, 6)]


def test_a_key_that_was_there_before_is_no_finding() -> None:
    assert run(modified("id_rsa", hunk(f" {BEGIN}\n {BODY}\n {END}\n+# a comment"))) == ()


def test_two_keys_are_two_findings() -> None:
    text = "\n".join([BEGIN, BODY, END] * 2)
    assert [claim.span and claim.span.first for claim in run(added("keys.pem", text))] == [1, 4]


def test_a_key_s_end_is_looked_for_nearby() -> None:
    text = "\n".join([BEGIN, *["x = 1"] * 300, BODY, END])
    assert run(added("a.txt", text)) == ()


def test_conflict_markers_around_lines_that_were_there_before() -> None:
    body = "+<<<<<<< HEAD\n a = 1\n+=======\n+a = 2\n+>>>>>>> topic"
    assert places(run(modified("a.txt", hunk(body)))) == [("text.conflict-marker", 1, 1)]


def test_conflict_markers_in_different_hunks() -> None:
    first, second = hunk("+<<<<<<< HEAD\n a"), hunk(" b\n+=======\n+c\n+>>>>>>> topic", start=40)
    assert places(run(modified("a.txt", first, second))) == [("text.conflict-marker", 1, 1)]


def test_an_underlined_heading_is_no_conflict() -> None:
    assert run(added("README.rst", "Title\n=======\n\n>>>>>>> quoted deeply")) == ()


# Syntax rules


def test_the_whole_file_tells_code_from_a_string() -> None:
    whole = '"""\nhow to:\n\nbreakpoint()\n"""\nbreakpoint()\n'
    file = modified("a.py", hunk(" \n+breakpoint()", start=3), hunk("+breakpoint()", start=6))
    assert places(run(file, whole)) == [("python.breakpoint", 6, 6)]


@pytest.mark.parametrize(
    "whole",
    ["", "x = 1\n", "x = 1\n" * 20, "breakpoint()\n" + "x = 1\n" * 20],
    ids=["empty", "too short", "another version", "elsewhere in the file"],
)
def test_a_file_that_does_not_hold_the_added_lines_is_not_believed(whole: str) -> None:
    file = modified("a.py", hunk(" x = 1\n+breakpoint()\n x = 1", start=5))
    assert places(run(file, whole)) == [("python.breakpoint", 6, 6)]


def test_a_carriage_return_does_not_make_it_another_file() -> None:
    whole = "x = '''\nbreakpoint()\n'''\nbreakpoint()\n"
    file = modified("a.py", hunk(" x = '''\r\n+breakpoint()\r\n '''\r\n+breakpoint()\r"))
    assert places(run(file, whole)) == [("python.breakpoint", 4, 4)]


def test_a_file_too_large_to_parse_is_read_hunk_by_hunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "MAX_SOURCE", 100)
    whole = "breakpoint()\n" + "x = 1\n" * 100
    assert places(run(modified("a.py", hunk("+breakpoint()")), whole)) == [("python.breakpoint", 1, 1)]


def test_without_the_file_each_hunk_is_read_by_itself_and_keeps_its_numbers() -> None:
    first = hunk("         return x\n+        breakpoint()\n \n     def g(self):", start=10)
    second = hunk("-    old()\n+    def h(self, seen=[]):\n+        pass", start=80)
    file = modified("a.py", first, hunk("-gone", start=50), second)
    assert places(run(file)) == [("python.breakpoint", 11, 11), ("python.mutable-default", 80, 80)]


def test_a_hunk_within_a_docstring_is_not_read_as_code() -> None:
    prose = hunk(" Compares the names.\n+The default is 'strict', which is \"best\" for most.\n \n Args:", start=5)
    assert run(modified("a.py", prose)) == ()


def confidences(claims: tuple[Claim, ...]) -> list[Confidence]:
    return [claim.confidence for claim in claims]


def test_in_a_hunk_alone_a_syntax_rule_is_less_sure() -> None:
    # Nothing here tells that it stands in a docstring.
    part = hunk("+at = datetime.utcnow()\n+exec(text)\n+def f(a=[]): ...", start=5)
    at_once = [Confidence.HIGH, Confidence.LOW, Confidence.MEDIUM]
    assert confidences(run(modified("a.py", part))) == [Confidence.MEDIUM, Confidence.LOW, Confidence.LOW]
    assert confidences(run(modified("a.py", part), new_text(modified("a.py", part)))) == at_once
    assert confidences(run(FileChange("a.py", Kind.ADDED, (part,)))) == at_once


def test_a_text_rule_is_as_sure_in_a_hunk() -> None:
    assert confidences(run(modified("a.py", hunk(f"+t = '{TOKEN}'", start=5)))) == [Confidence.HIGH]


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("a.py", 1),
        ("src/contest.py", 1),
        ("latest/protests/a.py", 1),
        ("test_a.py", 0),
        ("src/a_test.py", 0),
        ("tests/a.py", 0),
        ("src/app/tests/deep/a.py", 0),
        ("conftest.py", 0),
    ],
)
def test_a_test_may_swallow_what_it_likes(path: str, count: int) -> None:
    claims = run(added(path, "try:\n    f()\nexcept Exception:\n    pass"))
    assert [claim.rule for claim in claims] == ["python.swallowed-exception"] * count


CONFLICT = "+<<<<<<< HEAD\n+b = 2\n+=======\n+b = 3\n+>>>>>>> topic"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("a.md", f"{CONFLICT}\n "),
        ("a.md", f" ```sh\n make\n ```\n{CONFLICT}\n ```\n x\n ```"),
        ("a.md", f"{CONFLICT}\n ```sh\n make\n ```"),
        ("a.py", f" ```\n{CONFLICT}\n ```"),
        ("a.rst", f" ----\n{CONFLICT}\n ----"),
        ("a.md", f" ----\n{CONFLICT}\n ----"),
        ("md", f" ```\n{CONFLICT}\n ```"),
    ],
)
def test_a_conflict_outside_of_an_example(path: str, body: str) -> None:
    assert [claim.rule for claim in run(modified(path, hunk(body, start=8)))] == ["text.conflict-marker"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("docs/a.md", f" ```\n{CONFLICT}\n ```"),
        ("docs/a.MD", f" ````text\n ```\n{CONFLICT}\n ````"),
        ("a.txt", f"    ~~~ diff\n{CONFLICT}"),
        ("a.md", f" $ git merge topic\n{CONFLICT}\n ```\n More."),
        ("a.adoc", f" ----\n{CONFLICT}\n ----"),
    ],
)
def test_a_conflict_within_an_example(path: str, body: str) -> None:
    assert run(modified(path, hunk(body, start=8))) == ()


def test_a_credential_in_an_example_is_one() -> None:
    body = f"+```\n+{BEGIN}\n+{BODY}\n+{END}\n+```"
    assert places(run(modified("a.md", hunk(body)))) == [("secrets.private-key", 2, 4)]


def test_a_new_page_begins_outside_of_an_example() -> None:
    assert len(run(modified("a.md", hunk(f"{CONFLICT}\n+```\n+x\n+```")))) == 1


def test_a_hunk_that_is_too_large_to_parse_is_left_to_the_text_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "MAX_SOURCE", 5)
    assert places(run(added("a.py", f"breakpoint()\nt = '{TOKEN}'"))) == [("secrets.github-token", 2, 2)]


def test_a_match_counts_where_it_begins() -> None:
    begun_before = hunk(" tempfile.mktemp(\n+    suffix='.mktemp',\n )")
    begins_here = hunk("+tempfile.mktemp(\n     suffix='.txt',\n )")
    assert run(modified("a.py", begun_before)) == ()
    assert places(run(modified("a.py", begins_here))) == [("python.mktemp", 1, 1)]


def test_a_match_over_several_added_lines_is_one_place() -> None:
    (claim,) = run(added("a.py", "import tempfile\n\nx = tempfile.mktemp(\n    '.txt',\n)\n"))
    assert places((claim,)) == [("python.mktemp", 3, 5)]
    assert claim.quote == "x = tempfile.mktemp(\n    '.txt',\n)"


class Asked:
    """A source that counts how often it is read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.times = 0

    def __call__(self, path: str, side: Side) -> str | None:
        assert (path, side) == ("a.py", Side.NEW)
        self.times += 1
        return self.text


@pytest.mark.parametrize(
    ("text", "times"),
    [("x = 1\ny = 2", 0), (f"t = '{TOKEN}'", 0), ("breakpoint()\ndef f(a=[], b={}): pass", 1)],
    ids=["nothing to find", "text rules alone", "syntax rules"],
)
def test_the_file_is_read_only_for_a_syntax_rule_and_once(text: str, times: int) -> None:
    read = Asked(text)
    engine.run(added("a.py", text), read, CHECKS)
    assert read.times == times


def test_a_language_without_rules_is_searched_as_text() -> None:
    assert places(run(added("a.rs", f'let t = "{TOKEN}"; breakpoint()'))) == [("secrets.github-token", 1, 1)]


# Properties

CODE = st.lists(
    st.sampled_from(
        [
            "breakpoint()",
            "def f(a=[]):",
            "    pass",
            '"""',
            "x is 'a'",
            "",
            "<<<<<<< HEAD",
            "=======",
            ">>>>>>> topic",
            BEGIN,
            BODY,
            END,
            f"t = '{TOKEN}'",
            "a\u202eb",
            "tempfile.mktemp(",
            ")",
        ]
    )
    | st.text(st.characters(exclude_characters="\n"))
)


@st.composite
def changed_files(draw: st.DrawFn) -> FileChange:
    rows = draw(CODE)
    markers = draw(st.lists(st.sampled_from("+- "), min_size=len(rows), max_size=len(rows)))
    body = "\n".join(marker + row for marker, row in zip(markers, rows, strict=True))
    return modified("a.py", hunk(body or "+", start=draw(st.integers(1, 1000))))


def new_text(file: FileChange) -> str:
    """A file that has the new side where the hunk says."""
    (only,) = file.hunks
    return "\n" * (only.new_start - 1) + "\n".join(line.text for line in only.lines if line.new is not None)


@given(changed_files(), st.sampled_from([new_text, lambda _file: None]))
def test_every_claim_is_about_added_lines_and_quotes_them(
    file: FileChange, whole: Callable[[FileChange], str | None]
) -> None:
    added_lines = {line.new: line.text for line in file.lines() if line.marker == "+"}
    claims = run(file, whole(file))
    for claim in claims:
        assert claim.span is not None
        assert claim.span.first is not None
        assert claim.span.last is not None
        spanned = range(claim.span.first, claim.span.last + 1)
        assert [added_lines[number].removeprefix("\ufeff") for number in spanned] == [
            quoted.removeprefix("\ufeff") for quoted in claim.quote.split("\n")
        ]
        assert claim.line == claim.span.first
    assert len({(claim.line, claim.rule) for claim in claims}) == len(claims)


HOSTILE = [
    "-----BEGIN " * 200_000,
    f"{BEGIN}\n" * 20_000,
    f"{BEGIN}{BEGIN}" * 10_000,
    "<<<<<<< a\n" * 50_000,
    "<<<<<<< a\n" + "~" * 500_000 + "`",
    "://a:bbbb@" * 20_000,
    "://a:bbbb@" + "a." * 100_000,
    "ey" + "J" + "eyJ" * 100_000,
    "sk-" * 100_000,
    "sk" + "-" + "a" * 500_000,
    "secretAccessKey" * 20_000 + " " * 100_000,
    "\u200b\u200d" * 100_000,
    "\U000e0041" * 100_000,
    "eval(" * 20_000 + ")" * 20_000,
    ("eval(" * 80 + ")" * 80 + "\n") * 1_000,
    "x" + ".f(eval(x))" * 20_000,
    "assert (" * 20_000,
    "def f(a=" + "[" * 100_000,
    "except Exception or " * 20_000,
    "a is 'b' is " * 20_000,
    "try:\n  pass\nfinally:\n" * 5_000 + "  return",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:16]))
def test_size_alone_stops_nothing(text: str) -> None:
    # Not timed: a rule that backtracks or nests badly would run into the time limit every test has.
    run(added("a.py", text), text)
    run(added("a.txt", text))
    run(added("a.adoc", text))
