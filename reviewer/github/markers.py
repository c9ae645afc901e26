"""What our comments remember: JSON, packed into a marker: the last line of a text, which GitHub does not show."""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from typing import Any

MAX_BODY = 262_144
"""Characters of a text that is looked at; GitHub stores 65 536."""
MAX_UNPACKED = 1_000_000
"""Bytes of what is unpacked; what we write has less."""
BROKEN = (binascii.Error, zlib.error, ValueError, RecursionError, TypeError, KeyError)
"""What `packed` and readers of what it gives may raise where the marker is none of ours."""


def written(name: str, document: Any) -> str:
    """The marker line: `<!-- name data -->`."""
    return f"<!-- {name} {base64.urlsafe_b64encode(zlib.compress(plain(document), 9)).decode()} -->"


def plain(document: Any) -> bytes:
    """As JSON, the same for the same document."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def data(name: str, body: str) -> str | None:
    """The data of exactly one marker of that name, as the last line of `body`; anything else is none."""
    family = name.partition(":")[0]
    if len(body) > MAX_BODY or body.count(f"<!-- {family}:") != 1:
        return None
    found = pattern(name).fullmatch(body.rstrip().rpartition("\n")[2])
    return found["data"] if found else None


def pattern(name: str) -> re.Pattern[str]:
    """Markers of that name."""
    return re.compile(rf"<!-- {re.escape(name)} (?P<data>[A-Za-z0-9_-]+={{0,2}}) -->")


def unpacked(data: str) -> Any:
    """What was packed, plain JSON too; raises one of `BROKEN`."""
    packed = base64.b64decode(data, altchars=b"-_", validate=True)
    if packed.startswith(b"{"):
        return json.loads(packed)
    unpacker = zlib.decompressobj()
    found = unpacker.decompress(packed, MAX_UNPACKED)
    if not unpacker.eof or unpacker.unused_data:
        raise ValueError("too long, cut off, or more than one")
    return json.loads(found)
