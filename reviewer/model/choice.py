"""Whom to ask: from what the operator said, and from the keys that lie around."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.errors import Misuse
from reviewer.model.dialects import DIALECTS, Target, aim

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT = "segmind"


def choose(
    provider: str | None, base_url: str | None, model: str | None, key: str | None, environ: Mapping[str, str]
) -> tuple[Target, str | None] | None:
    """The target and its key; null: nobody was named, so the built-in checks work alone.

    `key` is REVIEWER_API_KEY; `environ` is searched for the providers' own variables. A provider, model or base URL
    that is named while its key is missing raises `Misuse`.
    """
    if provider == "none":
        return None
    own = {name: environ.get(dialect.key_variable or "") or None for name, dialect in DIALECTS.items()}
    chosen = provider or next((name for name, found in own.items() if found), None)
    if chosen is None:
        if not (base_url or model or key):
            return None
        chosen = _by_address(base_url)
    target = aim(chosen, base_url, model)
    found = key or own[chosen]
    if found is None and target.dialect.wants_key(target.base_url):
        raise Misuse(
            f"{target.dialect.title} is asked for and its key is missing: set {target.dialect.key_variable} or"
            " REVIEWER_API_KEY, or use --no-model for the built-in checks alone"
        )
    return target, found


def require_tools(target: Target) -> None:
    """Raises `Misuse` where nobody knows how to offer tools to a model of this provider."""
    if not target.dialect.tools:
        able = " or ".join(name for name, dialect in DIALECTS.items() if dialect.tools)
        raise Misuse(
            f"--tools needs function calling, which {target.dialect.title} does not document: leave it out, or set"
            f" REVIEWER_PROVIDER to {able}"
        )


def _by_address(base_url: str | None) -> str:
    """A provider's own address names it; any other address is taken for an OpenAI-compatible server."""
    if base_url is None:
        return DEFAULT
    asked = aim("openai", base_url)
    same = (name for name in DIALECTS if aim(name).host == asked.host)
    return next(same, "openai")
