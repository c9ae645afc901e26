from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from reviewer.audit.matrix import TOKENS_A_SHARD, matrix
from reviewer.audit.shards import MOST, parse


def test_one_repository_by_its_size() -> None:
    assert json.loads(matrix({"octo/shop": 10}, {})) == {
        "include": [{"repository": "octo/shop", "shard": "1/1", "commit": ""}]
    }
    rows = json.loads(matrix({"octo/shop": 3 * TOKENS_A_SHARD + 1}, {"octo/shop": "c0ffee"}))["include"]
    assert [row["shard"] for row in rows] == ["1/4", "2/4", "3/4", "4/4"]
    assert {row["commit"] for row in rows} == {"c0ffee"}
    assert json.loads(matrix({"octo/empty": 0}, {}))["include"][0]["shard"] == "1/1"


@given(st.dictionaries(st.from_regex(r"\A[a-z]{1,4}/[a-z]{1,4}\Z"), st.integers(0, 10**10), min_size=1, max_size=300))
def test_a_matrix_holds_what_github_takes_and_every_repository_that_fits(sizes: dict[str, int]) -> None:
    written = matrix(sizes, {})
    rows = json.loads(written)["include"]
    assert "\n" not in written
    assert len(rows) <= MOST
    assert len({row["repository"] for row in rows}) == min(len(sizes), MOST)
    if len(sizes) <= MOST:
        for name in sizes:
            shards = [parse(row["shard"]) for row in rows if row["repository"] == name]
            assert [each.number for each in shards] == list(range(1, shards[0].count + 1))
