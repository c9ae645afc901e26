"""One module a format, each with its own wire format."""
