"""Where a change comes from: one module a source."""
