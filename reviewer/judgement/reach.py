"""Whether a replacement would bring in what the lines before it did not: an address, a download, a shell."""

from __future__ import annotations

import re

_HOST = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://(?:[^\s/@'\"`]{0,200}@)?(?P<host>[\w.-]{1,253})", re.IGNORECASE)
_FETCH = re.compile(
    r"\|[\s\\]*(?:sudo\s+)?(?:[\w/]{1,40}/)?(?:ba|z|da|k|fi)?sh\b"
    r"|\b(?:curl|wget|iwr|iex|invoke-webrequest|invoke-expression|invoke-restmethod)\b"
    r"|\bbase64\s+(?:-d|-D|--decode)\b",
    re.IGNORECASE,
)


def goes_further(replacement: str, original: str) -> bool:
    """True where it names a host, or fetches, decodes or pipes to a shell, and `original` did not."""
    hosts = {host["host"].lower() for host in _HOST.finditer(replacement)}
    if hosts - {host["host"].lower() for host in _HOST.finditer(original)}:
        return True
    return _FETCH.search(replacement) is not None and _FETCH.search(original) is None
