from __future__ import annotations

import pytest

from reviewer.errors import Misuse
from reviewer.model.choice import choose

HERE = "http://127.0.0.1:8000/v1"


@pytest.mark.parametrize(
    ("provider", "base_url", "key", "environ", "expected"),
    [
        (None, None, None, {}, None),
        (None, None, None, {"SEGMIND_API_KEY": ""}, None),
        ("none", None, None, {"SEGMIND_API_KEY": "s"}, None),
        (None, None, None, {"OPENAI_API_KEY": "o", "DASHSCOPE_API_KEY": "d", "SEGMIND_API_KEY": "s"}, ("segmind", "s")),
        (None, None, None, {"OPENAI_API_KEY": "o", "DASHSCOPE_API_KEY": "d"}, ("dashscope", "d")),
        (None, None, None, {"OPENAI_API_KEY": "o"}, ("openai", "o")),
        (None, None, "mine", {"OPENAI_API_KEY": "o"}, ("openai", "mine")),
        (None, None, "mine", {}, ("segmind", "mine")),
        ("dashscope", None, None, {"DASHSCOPE_API_KEY": "d", "SEGMIND_API_KEY": "s"}, ("dashscope", "d")),
        ("ollama", None, None, {"SEGMIND_API_KEY": "s"}, ("ollama", None)),
        ("openai", HERE, None, {}, ("openai", None)),
        (None, HERE, None, {}, ("openai", None)),
        (None, "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "mine", {}, ("dashscope", "mine")),
        (None, "https://elsewhere.example/v1", "mine", {}, ("openai", "mine")),
    ],
)
def test_whom_to_ask(
    provider: str | None,
    base_url: str | None,
    key: str | None,
    environ: dict[str, str],
    expected: tuple[str, str | None] | None,
) -> None:
    found = choose(provider, base_url, None, key, environ)
    assert (found and (found[0].dialect.name, found[1])) == expected


def test_the_model_and_the_address_are_the_users() -> None:
    found = choose("openai", HERE + "/", "qwen", None, {})
    assert found is not None
    assert (found[0].model, found[0].base_url) == ("qwen", HERE)


@pytest.mark.parametrize(
    ("provider", "base_url", "model", "environ", "variable"),
    [
        ("segmind", None, None, {"OPENAI_API_KEY": "o"}, "SEGMIND_API_KEY"),
        ("dashscope", None, None, {}, "DASHSCOPE_API_KEY"),
        ("openai", None, None, {}, "OPENAI_API_KEY"),
        (None, None, "qwen3-coder-plus", {}, "SEGMIND_API_KEY"),
        (None, "https://api.openai.com/v1", None, {}, "OPENAI_API_KEY"),
    ],
)
def test_a_name_without_its_key_is_misuse(
    provider: str | None, base_url: str | None, model: str | None, environ: dict[str, str], variable: str
) -> None:
    with pytest.raises(Misuse, match=f"set {variable} or REVIEWER_API_KEY, or use --no-model"):
        choose(provider, base_url, model, None, environ)
