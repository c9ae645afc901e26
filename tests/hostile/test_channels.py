"""Whatever words a report holds, in whatever field: no output of it does anything. Properties, for every channel."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from conversations import NOTHING, PULL, drafted
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reports import FULL, SQL

from hostile import watching
from hostile.obedient import PAYLOADS
from hostile.stage import INJECTIONS
from reviewer.commands import runner
from reviewer.findings import NoteCode, Origin, Span, State
from reviewer.github import draft as drafting
from reviewer.outputs import registry
from reviewer.outputs.look import Look
from reviewer.text import sanitise

if TYPE_CHECKING:
    from reviewer.findings import Report

PIECES = [text for each in PAYLOADS for field, text in each.items() if field != "id"]
PIECES += [each.text for each in INJECTIONS if len(each.text) < 400]
PIECES += [
    "\n",
    "\r",
    "`",
    "```",
    "\n\n",
    "    ",
    "-->",
    "]]>",
    "%0A",
    "&#64;",
    "\\",
    "|",
    "$",
    "<",
    "\u2028",
    "\x85",
    "\x0b",
    "x",
]
HOSTILE = st.lists(st.sampled_from(PIECES) | st.text(max_size=6), min_size=1, max_size=5).map("".join)
"""What comes after the model and its reply were read can hold anything, halves of surrogate pairs too."""

FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MANY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """The usual report with hostile words in every field that others write."""
    word: Any = lambda: draw(HOSTILE)  # noqa: E731 - short for what is drawn fourteen times below
    span = Span(word() or "x", *draw(st.sampled_from([(None, None), (3, 3), (2, 4)])))
    finding = replace(
        SQL, span=span, title=word(), body=word(), code=word(), rule=word(), suggestion=draw(st.none() | HOSTILE),
        places=(Span(word(), 1, 1),), origin=draw(st.sampled_from(Origin)), state=draw(st.sampled_from(State)),
    )  # fmt: skip
    dropped, lost = FULL.dropped[0], FULL.unreviewed[0]
    return replace(
        FULL,
        findings=(finding,),
        dropped=(replace(dropped, path=word(), title=word(), body=word(), detail=word()),),
        unreviewed=(*(replace(each, path=word(), detail=word()) for each in FULL.unreviewed), lost),
        notes=(replace(FULL.notes[0], code=NoteCode.EVIDENCE, message=word()),),
        model=word(),
        policy_source=word(),
    )


def rendered(name: str, report: Report) -> str:
    return registry.renderer(name)(report, Look())


def _no_output_does_anything(report: Report) -> None:
    for name in ("markdown", "summary"):
        assert watching.in_markdown(rendered(name, report)) == []
    assert watching.in_page(rendered("html", report)) == []
    for name in set(registry.FORMATS) - {"annotations"}:
        written = rendered(name, report)
        assert list(watching.obeyed(written)) == [], name
        assert watching.unseen(written) == [], name
        written.encode()
    assert list(watching.obeyed(registry.renderer("text")(report, Look(width=40, colour=True)))) == []
    for name in ("json", "sarif", "rdjson", "gitlab"):
        json.loads(rendered(name, report))
    for line in rendered("annotations", report).removesuffix("\n").split("\n"):
        assert re.fullmatch(r"::(error|warning|notice) [^:\x00-\x08\x0a-\x1f]*::[^\x00-\x08\x0a-\x1f]*", line)
        assert "##[" not in line
        assert watching.unseen(line) == []


@FEW
@given(report=reports())
def test_no_output_does_anything(report: Report) -> None:
    _no_output_does_anything(report)


@pytest.mark.slow
@MANY
@given(report=reports())
def test_no_output_does_anything_at_length(report: Report) -> None:
    _no_output_does_anything(report)


def _nothing_posted_does_anything(report: Report) -> None:
    made = drafted(report, NOTHING)
    for body in (made.summary, made.review_body, *(comment.body for comment in made.comments)):
        assert watching.in_markdown(body) == []
        assert body.count("<!-- reviewer:") <= 1
    assert made.event == "COMMENT"
    shown = sanitise.page(drafting.render(made))
    assert list(watching.obeyed(shown)) == []
    assert watching.unseen(shown) == []
    for note in made.check.annotations:
        assert watching.unseen(note.title + note.message) == []
    assert PULL.repository in shown


@FEW
@given(report=reports())
def test_nothing_posted_does_anything(report: Report) -> None:
    _nothing_posted_does_anything(replace(report, head=PULL.head, base=PULL.base))


@pytest.mark.slow
@MANY
@given(report=reports())
def test_nothing_posted_does_anything_at_length(report: Report) -> None:
    _nothing_posted_does_anything(replace(report, head=PULL.head, base=PULL.base))


@pytest.mark.parametrize("before", range(80, 100))
def test_no_line_that_was_wrapped_begins_with_a_command(before: int) -> None:
    report = replace(FULL, findings=(replace(SQL, body=f"{'x' * before} ::error::pwned ::add-mask::x " * 3),))
    assert list(watching.obeyed(rendered("text", report))) == []


@settings(max_examples=150, deadline=None)
@given(text=HOSTILE)
def test_a_line_for_the_log_is_a_line(text: str) -> None:
    for line in (sanitise.log(text), sanitise.page(text)):
        assert list(watching.obeyed(line)) == []
        assert watching.unseen(line) == []
    assert "\n" not in sanitise.log(text)


@settings(max_examples=60, deadline=None)
@given(value=HOSTILE)
def test_an_output_of_the_step_ends_where_it_ends(value: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("outputs") / "outputs"
    value = value.encode("utf-8", "replace").decode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GITHUB_OUTPUT", str(file))
        runner.output("report", value)
        runner.output("status", "failed")
    told = re.findall(r"(?ms)^([\w-]+)<<(end_\w+)\n(.*?)\n\2$", file.read_bytes().decode())
    assert [(name, text) for name, _, text in told] == [("report", value), ("status", "failed")]
