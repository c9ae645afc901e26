"""Which rule packs apply to which file."""
