"""What a reader is shown of a source text: secrets replaced, hidden characters made visible, line for line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.text.sanitise import reveal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewer.text.redact import Redactor

_GAP = re.compile(r"(?<=[^ \t])[ \t]{200,}+(?=[^ \t\r\n])")
"""Blanks that push the rest of a line out of every window, and past the length of a line that anybody is shown."""


class Show:
    """Called with the lines of one hunk, returns as many; `secrets` counts what was replaced so far."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self.secrets = 0

    def __call__(self, lines: Sequence[str]) -> Sequence[str]:
        """The lines are redacted together: a private key spans many of them. A wide gap is told, not shown."""
        redacted = self._redactor.redact("\n".join(lines))
        self.secrets += redacted.count
        return _GAP.sub(lambda gap: f" <{len(gap[0])} blanks> ", reveal(redacted.text)).split("\n")
