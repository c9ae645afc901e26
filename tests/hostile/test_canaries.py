"""Whoever looks for leaks must be able to see one."""

from __future__ import annotations

import base64

import pytest

from hostile.canaries import ALL, ENCODINGS, leaks


@pytest.mark.parametrize("how", ENCODINGS)
def test_a_leak_is_seen_in_each_encoding(how: str) -> None:
    for canary in ALL:
        for form in ENCODINGS[how](canary.value):
            assert f"{canary.where} as {how}" in leaks(f"before {form} after")


@pytest.mark.parametrize("before", ["", "x", "xy", "xyz", "a longer text in front of it: "])
def test_base64_is_seen_wherever_the_secret_begins(before: str) -> None:
    for canary in ALL:
        written = base64.b64encode(f"{before}{canary.value} and after".encode()).decode()
        assert f"{canary.where} as base64" in leaks(written)


def test_there_are_eight_encodings_and_no_alarm_without_a_leak() -> None:
    assert len(ENCODINGS) == 8
    assert leaks("nothing of that kind, sk-, ghp_, AKIA") == []
