"""What code scanning may be handed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from conversations import found
from reports import SQL

from reviewer.audit.alerts import may_replace
from reviewer.audit.issue import Known, Memory
from reviewer.audit.parts import WHOLE
from reviewer.findings import Reason, Status, Unreviewed

LOST = Unreviewed("b.py", Reason.TIMEOUT, "no answer", lines=3)
PARTLY = found(SQL, status=Status.INCOMPLETE, unreviewed=(LOST,))
OF_READ, OF_LOST, SHORT = Known("1" * 16, "a.py"), Known("2" * 16, "b.py"), Known("3" * 16)


@pytest.mark.parametrize("memory", [None, Memory(), Memory((OF_LOST, SHORT), cut=True)])
def test_a_whole_audit_replaces_everything(memory: Memory | None) -> None:
    assert may_replace(found(SQL), memory)
    ignored = Unreviewed("b.py", Reason.IGNORED, "as the settings say")
    assert may_replace(found(unreviewed=(ignored,)), memory)


@pytest.mark.parametrize("memory", [None, Memory(), Memory((OF_READ,))])
def test_one_that_read_nothing_replaces_nothing(memory: Memory | None) -> None:
    assert not may_replace(replace(PARTLY, status=Status.FAILED), memory)


def test_a_missing_part_may_be_anywhere() -> None:
    part = Unreviewed(WHOLE, Reason.INTERRUPTED, "of 4 parts 2 is missing")
    report = found(SQL, status=Status.INCOMPLETE, unreviewed=(part,))
    assert may_replace(report, Memory())
    assert may_replace(report, Memory((Known(SQL.fingerprint, "b.py"),)))
    assert not may_replace(report, Memory((OF_READ,)))


@pytest.mark.parametrize(
    ("memory", "may"),
    [
        (None, False),
        (Memory(cut=True), False),
        (Memory(), True),
        (Memory((OF_READ,)), True),
        (Memory((OF_READ, OF_LOST)), False),
        (Memory((SHORT,)), False),
        (Memory((Known(SQL.fingerprint, "b.py"),)), True),
    ],
)
def test_one_that_is_not_whole_takes_nothing_for_fixed_that_it_did_not_read(memory: Memory | None, may: bool) -> None:
    assert may_replace(PARTLY, memory) is may
