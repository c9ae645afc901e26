"""What this machine cannot run is skipped, and says so; where everything can be run (CI), it fails instead."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

VARIABLE = "REQUIRE_ALL"


def skipped(why: str) -> NoReturn:
    """Ends the test; `why` says what it needs and cannot have."""
    if os.environ.get(VARIABLE):
        pytest.fail(f"{VARIABLE} is set, and this cannot be run here: {why}", pytrace=False)
    pytest.skip(why)
