"""What code scanning may be handed: GitHub takes every alert that is not in an upload for fixed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.audit.parts import WHOLE
from reviewer.audit.places import apart
from reviewer.findings import Status

if TYPE_CHECKING:
    from reviewer.audit.issue import Memory
    from reviewer.findings import Report


def may_replace(report: Report, memory: Memory | None) -> bool:
    """Whether nothing that may still be there would be taken for fixed.

    `memory`: what was said before; null where nobody knows. What it holds of files that nobody read this time may be.
    """
    if report.status is Status.FAILED:
        return False
    unread = {entry.path for entry in report.unreviewed if entry.reason.is_loss}
    if not unread:
        return True
    if memory is None or memory.cut:
        return False
    said = {finding.fingerprint for group in apart(report) for finding in group}
    is_anywhere = WHOLE in unread
    return not any(is_anywhere or each.path in unread or not each.path for each in memory.known if each.id not in said)
