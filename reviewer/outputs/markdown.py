"""The report as Markdown for an issue, a comment or a page: within what GitHub takes of a body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.outputs import summary

if TYPE_CHECKING:
    from reviewer.findings import Report
    from reviewer.outputs.look import Look

MAX = 60_000
"""Bytes, and so characters too; GitHub's own bound of 65 536 is not told in which of the two."""


def render(report: Report, _look: Look) -> str:
    """The outcome, what it rests on, then every finding in full while there is room."""
    return summary.page(report, MAX)
