"""The data about providers is complete and sound."""

from __future__ import annotations

import re

import pytest

from reviewer.errors import Misuse
from reviewer.model.dialects import DIALECTS, aim, cost, flat_price

KNOWN = {"provider", "model", "others", "key", "base_url", "host", "text", "status", "location"}


def test_who_is_known() -> None:
    assert list(DIALECTS) == ["segmind", "dashscope", "openai", "ollama"]
    assert len(DIALECTS) == 4
    with pytest.raises(KeyError):
        DIALECTS["nobody"]


@pytest.mark.parametrize("name", list(DIALECTS))
def test_every_dialect_is_sound(name: str) -> None:
    dialect = DIALECTS[name]
    assert dialect.parameters[-1].name == "temperature"
    assert dialect.parameters[-1].value == 0
    for row in dialect.failures:
        assert set(re.findall(r"{(\w*)}", row.message)) <= KNOWN
        assert all(fragment == fragment.lower() for fragment in row.contains)
        assert not (row.fatal and (row.splittable or row.retry))
    tiers = dialect.price(dialect.model)
    assert (tiers is None) == (name == "segmind")
    for tier, dearer in zip(tiers or (), (tiers or ())[1:], strict=False):
        assert (tier.up_to or 0) < (dearer.up_to or 10**9)
        assert tier.prompt < dearer.prompt


def test_addresses() -> None:
    assert aim("segmind").url == "https://api.segmind.com/v1/qwen3-coder-flash"
    assert aim("dashscope").url == "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/chat/completions"
    assert aim("openai", " http://localhost:8000/v1/ ", "mine").url == "http://localhost:8000/v1/chat/completions"
    assert aim("openai", "http://[::1]:8000").host == "[::1]:8000"
    assert aim("openai", None, "qwen/qwen3-coder:free").model == "qwen/qwen3-coder:free"


@pytest.mark.parametrize(
    ("base_url", "words"),
    [
        ("https://x.example/v1/chat/completions", "/chat/completions"),
        ("https://x.example/v1/chat/completions/", "/chat/completions"),
        ("https://x.example/v1?api-version=1", "query"),
        ("https://x.example/v1#top", "fragment"),
        ("https://user:secret@x.example/v1", "REVIEWER_API_KEY"),
        ("ftp://x.example", "http or https"),
        ("x.example/v1", "http or https"),
        ("https://", "http or https"),
        ("https://x.example:port/v1", "http or https"),
        ("https://[::1/v1", "http or https"),
        ("https://x.example/v1 v2", "http or https"),
        ("https://x.example/\x07", "http or https"),
        ("https://models..example/v1", "http or https"),
        (f"https://{'x' * 64}.example/v1", "http or https"),
        ("https://☃.example/v1", "http or https"),
    ],
)
def test_what_is_no_base_url(base_url: str, words: str) -> None:
    with pytest.raises(Misuse, match=words) as caught:
        aim("openai", base_url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("model", ["a b", "x?y=1", "../admin", "x/../../y", "x#y", "a\\b", "bell\x07"])
def test_what_is_no_model(model: str) -> None:
    with pytest.raises(Misuse, match="REVIEWER_MODEL"):
        aim("segmind", None, model)


def test_unknown_provider() -> None:
    with pytest.raises(Misuse, match="segmind, dashscope, openai, ollama"):
        aim("nobody")


def test_who_needs_a_key() -> None:
    here = "http://127.0.0.1:1/v1"
    assert DIALECTS["segmind"].wants_key(here)
    assert DIALECTS["dashscope"].wants_key(here)
    assert not DIALECTS["openai"].wants_key(here)
    assert DIALECTS["openai"].wants_key(DIALECTS["openai"].base_url)
    assert not DIALECTS["ollama"].wants_key(DIALECTS["ollama"].base_url)


@pytest.mark.parametrize(
    ("prompt", "cached", "completion", "dollars"),
    [
        (32_000, 0, 0, 0.0096),
        (32_001, 0, 0, 0.0160005),
        (10_000, 10_000, 0, 0.0006),
        (10_000, 99_000, 0, 0.0006),
        (0, 0, 1_000, 0.0015),
        (900_000, 0, 1_000, 1.4496),
    ],
)
def test_cost_follows_the_tier_of_the_whole_request(prompt: int, cached: int, completion: int, dollars: float) -> None:
    tiers = DIALECTS["dashscope"].price("qwen3-coder-flash")
    assert tiers is not None
    assert cost(tiers, prompt, cached, completion) == pytest.approx(dollars)


def test_own_and_no_prices() -> None:
    assert cost(flat_price(1, 2), 1_000_000, 500_000, 1_000_000) == pytest.approx(3)
    assert DIALECTS["dashscope"].price("unheard-of") is None
    free = DIALECTS["ollama"].price("anything")
    assert free is not None
    assert cost(free, 10**6, 0, 10**6) == 0
