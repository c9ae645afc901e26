"""How many tokens a text is, estimated without a tokenizer."""

from __future__ import annotations


def estimate(text: str) -> int:
    """Tokens of `text` for Qwen3's tokenizer, estimated from its UTF-8 bytes."""
    return -(-len(text.encode("utf-8", "surrogatepass")) // 3)
