"""The built-in checks: rules as data, run without a model."""
