"""A pull request: reading it, deciding what to say about it, saying it once."""
