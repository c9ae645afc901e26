"""Which headings are for somebody who reviews."""

from __future__ import annotations

import pytest

from reviewer.context.headings import FIRST, NOT, rank


@pytest.mark.parametrize(
    "title",
    [
        "Code review", "What reviewers look for", "Style", "Coding conventions", "Style guide", "Testing", "Unit tests",
        "Security", "Error handling", "Naming", "Architecture", "API compatibility", "Do not", "Never",
        "Installing test doubles",
    ],
)  # fmt: skip
def test_for_every_reviewer(title: str) -> None:
    assert rank(title) == FIRST


@pytest.mark.parametrize(
    "title",
    [
        "Installation", "Getting Started", "Table of Contents", "Code of Conduct", "License", "Setting up", "Setup",
        "Build commands", "Reporting a bug", "Reporting security vulnerabilities", "Contributors", "Forking",
        "Releases",
        "Feature requests", "Contact", "Licence and testing",
    ],
)  # fmt: skip
def test_for_somebody_else(title: str) -> None:
    assert rank(title) == NOT


@pytest.mark.parametrize("title", ["", "Overview", "Pull requests", "Carts and orders", "Richtlinien", "x" * 10_000])
def test_a_heading_that_tells_neither(title: str) -> None:
    assert rank(title) is None
