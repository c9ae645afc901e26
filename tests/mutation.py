"""How `make mutants` runs the properties: the same examples each time, and none made smaller once one has failed."""

from __future__ import annotations

from hypothesis import Phase, settings

PHASES = (Phase.explicit, Phase.generate)
settings.register_profile("mutants", derandomize=True, database=None, deadline=None, phases=PHASES)
settings.load_profile("mutants")
