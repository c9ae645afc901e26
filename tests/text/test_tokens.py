from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.text.tokens import estimate

# Each file of `counted/` by what Qwen3's own tokenizer made of it; real diffs are in the docstring of the module.
COUNTED = {
    "python": 172,
    "go": 194,
    "typescript": 197,
    "sql": 144,
    "yaml": 121,
    "markdown": 132,
    "hashes": 235,
    "chinese": 71,
    "japanese": 65,
    "russian": 63,
    "greek": 128,
}


def read(sample: str) -> str:
    return (Path(__file__).parent / "counted" / f"{sample}.txt").read_text("utf-8")


@pytest.mark.parametrize("sample", COUNTED)
def test_never_far_below_the_truth_and_not_far_above(sample: str) -> None:
    assert 0.9 * COUNTED[sample] <= estimate(read(sample)) <= 1.45 * COUNTED[sample]


def test_all_samples_together_are_close() -> None:
    assert sum(estimate(read(sample)) for sample in COUNTED) == pytest.approx(1.15 * sum(COUNTED.values()), rel=0.1)


@pytest.mark.parametrize("sample", COUNTED)
def test_line_by_line_is_the_same_as_at_once(sample: str) -> None:
    text = read(sample)
    assert sum(map(estimate, text.split("\n"))) == pytest.approx(estimate(text), rel=0.05, abs=2)


def test_nothing_is_free_but_nothing() -> None:
    assert estimate("") == 0
    assert estimate(" ") == estimate("\n") == estimate("a") == 1


@given(st.text(), st.text())
def test_any_text_has_an_estimate_that_grows_with_it(start: str, end: str) -> None:
    assert estimate(start) <= estimate(start + end) + 1


def test_half_a_surrogate_pair_is_no_reason_to_stop() -> None:
    assert estimate("name = '\ud800'") > 0
