"""A server's answer, read with suspicion: the reply in it, or the error in it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reviewer.messages import Finish, ToolCall, Usage
from reviewer.model import calls
from reviewer.model.dialects import cost

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reviewer.model.dialects import Tier

FINISHES: dict[str, Finish] = {
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "content_filter": "content_filter",
}
MOST_TEXT = 2_000
"""Characters of an error that are looked at."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """What an error says: its words, its status where a 200 hides another, the parameter it names."""

    text: str
    html: bool = False
    status: int | None = None
    parameter: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What the model said, and what it wants to call; `refused` where it declined in words of its own."""

    text: str
    finish: Finish = "stop"
    refused: bool = False
    calls: tuple[ToolCall, ...] = ()


def decode(body: bytes, kind: str = "") -> object:
    """The JSON in `body`, or its text where the content type `kind` says text.

    Raises `ValueError` for anything else, however deep or long.
    """
    text = body.decode("utf-8-sig", "replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        if text.strip() and kind.startswith("text/plain"):
            return text
    raise ValueError("no JSON")


def is_html(body: bytes) -> bool:
    """Whether a person, not a program, was to read this."""
    return bool(re.match(rb"(\xef\xbb\xbf)?\s*<(!doctype|html|head|body|\?xml)", body[:200], re.IGNORECASE))


def complaint(body: bytes) -> Complaint:
    """The error in the body of a failed request, whatever its shape."""
    if is_html(body):
        return Complaint("", html=True)
    try:
        found = hidden_error(decode(body))
    except ValueError:
        found = None
    return found or Complaint(body[:MOST_TEXT].decode("utf-8", "replace").strip())


def hidden_error(value: object) -> Complaint | None:
    """The error in a JSON answer, also in one that came with a 200 (OpenRouter); null where there is none."""
    if not isinstance(value, dict):
        return None
    error = value.get("error") or _choice(value).get("error")
    if not error and not value.keys() & {"choices", "content", "output"}:
        error = value.get("detail") or (value if value.get("message") and value.get("code") else None)
    if not error:
        return None
    if not isinstance(error, dict):
        return Complaint(_flat(error))
    code, named = _word(error.get("code")), error.get("param")
    words = (error.get(key) for key in ("message", "code", "type"))
    return Complaint(
        " · ".join(dict.fromkeys(_flat(w) for w in words if w)) or _flat(error),
        status=int(code) if re.fullmatch(r"[45]\d\d", code, re.ASCII) else None,
        parameter=named if isinstance(named, str) else None,
    )


def said(value: object) -> Said | None:
    """The model's words in a JSON answer; null where it has none of the shapes known."""
    if isinstance(value, str):
        return Said(_spoken(value))
    if not isinstance(value, dict):
        return None
    choice = _choice(value)
    message = choice.get("message")
    message = message if isinstance(message, dict) else {}
    finish = FINISHES.get(_word(choice.get("finish_reason") or value.get("finish_reason")), "stop")
    if isinstance(refusal := message.get("refusal"), str) and refusal:
        return Said(refusal, finish, refused=True)
    holder = message if choice else value
    called = calls.read(message)
    for key in ("content", "output"):
        text = _text(holder.get(key))
        if text is not None:
            return Said(_spoken(text), finish, calls=called)
    # A model that thinks until its last token has `reasoning` and no content; one that calls tools mostly has none.
    return Said("", finish, calls=called) if called or (choice and finish != "stop") else None


def usage(value: object, headers: Mapping[str, str], price: tuple[Tier, ...] | None) -> Usage:
    """What the answer cost: the provider's own word (Segmind's headers), else tokens times price."""
    counts = value.get("usage") if isinstance(value, dict) else None
    counts = counts if isinstance(counts, dict) else {}
    details = counts.get("prompt_tokens_details")
    prompt, completion = _count(counts.get("prompt_tokens")), _count(counts.get("completion_tokens"))
    cached = min(prompt, _count(details.get("cached_tokens")) if isinstance(details, dict) else 0)
    charged = _amount(headers.get("x-cost"))
    if charged is None and price is not None and prompt:
        charged = cost(price, prompt, cached, completion)
    return Usage(
        calls=1,
        prompt_tokens=prompt,
        cached_tokens=cached,
        completion_tokens=completion,
        cost_usd=charged,
        credits_remaining=_amount(headers.get("x-remaining-credits")),
    )


def _choice(value: dict[str, Any]) -> dict[str, Any]:
    choices = value.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else {}


def _text(content: object) -> str | None:
    """A string, or the text parts of a list of parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = [p.get("text") for p in content if isinstance(p, dict) and p.get("type") in ("text", "output_text")]
        return "".join(p for p in parts if isinstance(p, str)) if parts else None
    return None


def _spoken(text: str) -> str:
    """Without the thinking aloud before the answer, and without lone surrogates, which no file can hold.

    Only the beginning is looked at: an answer may quote code that has these very tags.
    """
    text = text.encode("utf-8", "replace").decode("utf-8")
    start = text.lstrip()
    if start.startswith("<think>"):
        return start.partition("</think>")[2].lstrip()
    before, tag, after = start.partition("</think>")
    # Some chat templates put the opening tag into the prompt, so that only the closing one is answered.
    return after.lstrip() if tag and not before.startswith(("{", "[", "`")) else text


def _word(value: object) -> str:
    """A word or a number; what is nested may be too deep to print."""
    return str(value) if isinstance(value, str | int) else ""


def _flat(value: object) -> str:
    try:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    except RecursionError:  # just not too deep to be read
        return "an error that is nested too deeply to be shown"
    return text[:MOST_TEXT].strip()


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**10 else 0


def _amount(text: str | None) -> float | None:
    match = re.fullmatch(r"\$?\s*(\d{1,12}(\.\d{1,12})?([eE]-?\d{1,2})?)", (text or "").strip())
    return float(match[1]) if match else None
