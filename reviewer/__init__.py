"""A pull-request reviewer that comments on the right line, once, and is honest when it could not finish."""

__version__ = "0.1.0"
