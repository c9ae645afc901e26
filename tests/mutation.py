"""How `make mutants` runs the tests: many at once, the same examples each time, none made smaller once it failed."""

from __future__ import annotations

import shutil
import tempfile

import pytest
from hypothesis import Phase, settings

PHASES = (Phase.explicit, Phase.generate)
settings.register_profile("mutants", derandomize=True, database=None, deadline=None, phases=PHASES)
settings.load_profile("mutants")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """A folder of its own for each process: two that tidy up the same one would be a mutant noticed for nothing."""
    config.option.basetemp = tempfile.mkdtemp(prefix="mutant-")


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(config.option.basetemp, ignore_errors=True)
