"""Failures a user can act on. Anything else is a bug and keeps its traceback."""


class ReviewerError(Exception):
    """The message is one line: what went wrong and how to mend it. `exit_code` follows the README's table."""

    exit_code = 3


class Misuse(ReviewerError):
    """The command line, the environment or a configuration file is wrong; nothing was reviewed."""

    exit_code = 2


class Undelivered(ReviewerError):
    """A report exists and could not be written or posted. `exit_code`: another one where a signal had ended it."""

    exit_code = 3

    def __init__(self, message: str, exit_code: int = 3) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class Terminated(KeyboardInterrupt):
    """SIGTERM: handled like ^C, so that what was found so far is reported; exits 143 instead of 130."""
