"""`python -m reviewer` and the `reviewer` command."""

from __future__ import annotations

import os
import sys
import threading

from reviewer.cli import run


def main() -> None:
    """Exits with the code the README's table explains."""
    code = run(sys.argv[1:])
    if threading.active_count() > 1:  # an interrupt or a deadline left requests behind: do not wait for their answers
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    main()
