"""What a model says: findings, which are then looked for in a change, and verdicts on them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from fuzz import bounds, documents
from reviewer.change import chunks, diff
from reviewer.change.pieces import Chunk
from reviewer.findings import Side
from reviewer.judgement import anchor, claims, verify

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.findings import Claim, Finding

LARGEST = 16_384
FIELDS = ("path", "quote", "title", "body", "line", "severity", "category", "confidence", "replacement", "rule")
NAMES = (
    *FIELDS,
    *("findings", "verdicts", "id", "verdict", "reason", "f1", "refute", "keep", "high", "security", "42-45", "null"),
    *("a.py", "src/app/views.py", "x = 2", "    user = request.user", "def total(items):\n    return sum(items)"),
)
IDS = ("f1", "f2", "f3")
CHANGE = b"""--- a/a.py
+++ b/a.py
@@ -1,4 +1,5 @@ def total(items):
 import os
-x = 1
+x = 2
+y = os.path.join(x)
 def total(items):
     return sum(items)
--- /dev/null
+++ b/src/app/views.py
@@ -0,0 +1,3 @@
+def show(request):
+    user = request.user
+    return user.name
"""
PIECES = [
    piece
    for chunk in chunks.pack(diff.parse(CHANGE).files, budget=8_000, show=lambda lines: lines)
    if isinstance(chunk, Chunk)
    for piece in chunk.pieces
]


def seeds() -> Iterator[bytes]:
    for folder in ("replies", "verdicts"):
        for path in sorted((bounds.TESTS / folder).glob("*.txt")):
            yield path.read_bytes()


def check(data: bytes) -> None:
    """Any text is findings and drops, or a problem in words; what was found stands in the change or nowhere."""
    bounds.grown(read, data)
    _is_understood(data.decode("utf-8", "surrogatepass" if _has_halves(data) else "replace"))
    _is_understood(json.dumps({"findings": documents.rows(data, FIELDS, NAMES)}))
    _is_understood(json.dumps({"verdicts": documents.rows(data, ("id", "verdict", "reason"), NAMES)}))
    _is_understood(json.dumps(documents.made(data, NAMES)))


def _is_understood(text: str) -> None:
    reading = claims.read(text)
    assert reading.intact is (not reading.problem) is claims.readable(text)
    for claim in reading.claims:
        _is_within_limits(claim)
    for note in reading.notes:
        note.message.encode()
    for drop in reading.dropped:
        f"{drop.path}{drop.title}{drop.body}{drop.detail}".encode()
    _agrees_with_json(text, reading)
    _comes_back(reading.claims)
    _is_placed(reading.claims)
    verdicts = verify.read(text, IDS)
    assert set(verdicts.refuted) <= set(verdicts.answered) <= set(IDS)
    assert verdicts.readable or not verdicts.answered
    assert all(why and "\n" not in why and len(why) <= verify.MAX_REASON for why in verdicts.refuted.values())


def read(data: bytes) -> None:
    """Both readings of it."""
    text = data.decode("utf-8", "replace")
    claims.read(text)
    verify.read(text, IDS)


def _has_halves(data: bytes) -> bool:
    """Whether Python can read lone surrogates in it, which no UTF-8 holds."""
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def _is_within_limits(claim: Claim) -> None:
    assert claim.path
    assert claim.path == claim.path.strip()
    assert claim.title
    assert claim.body
    assert "\n" not in claim.title
    assert claim.line is None or claim.line > 0
    assert len(claim.path) <= claims.MAX_NAME
    assert len(claim.title) <= claims.MAX_TITLE
    assert len(claim.body) <= claims.MAX_BODY
    assert max(len(claim.quote), len(claim.replacement or "")) <= claims.MAX_CODE
    assert claim.rule is None or claim.rule.strip()
    f"{claim.path}{claim.quote}{claim.title}{claim.body}{claim.replacement}{claim.rule}".encode()


def _agrees_with_json(text: str, reading: claims.Reading) -> None:
    """Where the text is the very document that was asked for, nothing of it is missing."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return
    found = document.get("findings") if isinstance(document, dict) else None
    if isinstance(found, list) and len(found) <= claims.MAX_ITEMS:
        assert reading.intact
        assert len(reading.claims) + len(reading.dropped) == len(found)


def _comes_back(found: tuple[Claim, ...]) -> None:
    """Said again in the form that was asked for, it is the same."""
    document = {"findings": [{name: getattr(claim, name) for name in FIELDS} for claim in found]}
    again = claims.read(json.dumps(document))
    assert again == claims.Reading(found)


def _is_placed(found: tuple[Claim, ...]) -> None:
    located = anchor.locate(found, PIECES)
    assert len(located.findings) + len(located.dropped) == len(found)
    for finding in located.findings:
        assert _stands_in_the_change(finding)


def _stands_in_the_change(finding: Finding) -> bool:
    span = finding.span
    if span.first is None or span.last is None:
        return finding.code == "" and any(piece.file.path == span.path for piece in PIECES)
    for piece in PIECES:
        numbers = {line.new if span.side is Side.NEW else line.old for line in piece.lines}
        if piece.file.path == span.path and {span.first, span.last} <= numbers and span.first <= span.last:
            return True
    return False
