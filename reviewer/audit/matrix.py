"""How many machines an audit wants, as the matrix of a GitHub Actions job."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from reviewer.audit.shards import MOST

if TYPE_CHECKING:
    from collections.abc import Mapping

TOKENS_A_SHARD = 1_500_000
"""Of prompts: about 150 requests, some minutes of a server that takes eight at once."""
TOKENS_A_KB = 150
"""What a repository's size on GitHub, history and all, comes to; only its plan knows better."""


def matrix(tokens: Mapping[str, int], commits: Mapping[str, str]) -> str:
    """One line of JSON: `{"include": [{"repository": …, "shard": "1/16", "commit": …}, …]}`, in the order given.

    All parts of a repository are read at the same commit; it is empty where nobody knows one, as of a single part.
    A matrix holds `MOST` jobs: where more are wanted, every repository gets fewer; where even one each is too much, the
    last ones get none.
    """
    each = TOKENS_A_SHARD
    while sum(_count(size, each) for size in tokens.values()) > MOST and each < max(tokens.values()):
        each *= 2
    rows = [
        {
            "repository": repository,
            "shard": f"{number}/{_count(size, each)}",
            "commit": commits.get(repository, ""),
        }
        for repository, size in tokens.items()
        for number in range(1, _count(size, each) + 1)
    ]
    return json.dumps({"include": rows[:MOST]})


def _count(tokens: int, each: int) -> int:
    return min(MOST, max(1, -(-tokens // each)))
