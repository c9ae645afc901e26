"""Bad days happen to the program as it is shipped."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _shipped(untraced: None) -> None:
    """No coverage in any process."""
