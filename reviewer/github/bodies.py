"""The words of our comments. Whatever others wrote comes in through `text.markdown`; the rest is constant."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reviewer.findings import Origin, Side
from reviewer.github.state import marker
from reviewer.text import markdown

if TYPE_CHECKING:
    from reviewer.findings import Finding, Span
    from reviewer.github.state import Known, State

MAX = 60_000
"""Characters, and bytes: GitHub stores 65 536 characters."""

HOW_TO_DISMISS = "Not a problem? Resolve this thread, or react with 👎 to this comment."
_BUTTON = "Suggested change:"
_PROSE = "Suggested code:"
_FOOT = "—"
_ALSO = "Also here: "
PLACES = 10


def fits(body: str) -> bool:
    """Whether GitHub takes it."""
    return len(body) <= MAX and len(body.encode("utf-8", "surrogatepass")) <= MAX


def comment(finding: Finding, each: Known, review: State, *, with_button: bool) -> str:
    """An inline comment; with a button where it stands on exactly the lines that the suggestion replaces.

    `each` is what is remembered of the finding, `review` of the review.
    """
    suggestion = _suggestion(finding, with_button=with_button)
    end = [*_foot(finding), _marker(replace(each, status="open"), review)]
    bodies = (
        "\n\n".join([*_words(finding, limit), *middle, *end])
        for limit, middle in ((markdown.MAX_BLOCK, suggestion), (markdown.MAX_BLOCK, ()), (0, ()))
    )
    return next(filter(fits, bodies), end[-1])


def fixed(each: Known, review: State) -> str:
    """What our comment becomes when its code is gone and the thread is not ours to resolve."""
    return (
        f"**Fixed in {markdown.code(review.head[:12])}**: the code this comment was about is gone. It was:\n\n"
        f"**{each.severity.capitalize()} · {markdown.inline(each.title)}**\n\n"
        f"{_marker(replace(each, status='fixed'), review)}"
    )


def review(comments: int, review: State) -> str:
    """The words above the inline comments of one review. Its marker tells it from any other review."""
    what = "1 comment" if comments == 1 else f"{comments or 'No'} comments"
    words = f"{what} on {markdown.code(review.head[:12])}. The summary is in a comment of its own."
    return f"{words}\n\n{_of_one(review)}"


def said(body: str) -> str:
    """The text of the finding in an inline comment of ours; empty where there is none to be seen."""
    paragraphs = body.replace("\r\n", "\n").split("\n\n")[1:]
    text: list[str] = []
    for paragraph in paragraphs:
        if paragraph in (_BUTTON, _PROSE) or paragraph.startswith((f"{_FOOT} *", _ALSO)):
            return markdown.plain("\n\n".join(text))
        text.append(paragraph)
    return ""


def place(span: Span) -> str:
    """`path:first-last` as code: no link."""
    lines = "" if span.first is None else f":{span.first}" if span.first == span.last else f":{span.first}-{span.last}"
    before = " (before the change)" if span.side is Side.OLD else ""
    return markdown.code(f"{span.path}{lines}") + before


def _words(finding: Finding, limit: int) -> list[str]:
    heading = f"**{finding.severity.capitalize()} · {markdown.inline(finding.title)}**"
    return list(filter(None, (heading, markdown.block(finding.body, limit) if limit else "")))


def _suggestion(finding: Finding, *, with_button: bool) -> tuple[str, ...]:
    if finding.suggestion is None:
        return ()
    if with_button and markdown.can_be_suggested(finding.suggestion):
        return _BUTTON, markdown.suggestion(finding.suggestion)
    return _PROSE, markdown.fence(finding.suggestion)


def _foot(finding: Finding) -> list[str]:
    who = "said by the model" if finding.origin is Origin.MODEL else f"found by a {finding.origin}"
    rule = f", {markdown.code(finding.rule)}" if finding.rule else ""
    foot = f"{_FOOT} *{finding.category}, {who}{rule}, {finding.confidence} confidence.* {HOW_TO_DISMISS}"
    places = ", ".join(place(each) for each in finding.places[:PLACES])
    return [f"{_ALSO}{places}", foot] if places else [foot]


def _marker(each: Known, review: State) -> str:
    """Its words stand above it."""
    return _of_one(review, replace(each, words=""))


def _of_one(review: State, *findings: Known) -> str:
    """What to read again is the summary's to remember."""
    return marker(replace(review, findings=findings, lost=(), again=()))
