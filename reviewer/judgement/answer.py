"""Finds the findings in whatever text a model wrapped them in. Knows JSON, knows nothing of what a finding means."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from json import JSONDecodeError
from typing import TYPE_CHECKING, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Iterator

REQUIRED = ("path", "quote", "title", "body")
MAX_TEXT = 1_000_000
"""Characters that are read; the longest answer a model may give (65 536 tokens) is a quarter of it."""

_WORK = 8 * MAX_TEXT
"""Characters decoded in vain before giving up: broken JSON must not cost the square of its length."""

_FAILURE, _DEEP = 1_000, 10_000
"""What a failed decoding is charged besides its characters, and one that ended in a RecursionError as a whole."""

_BEHIND = 16_384
"""Characters of what was read that are kept: a failed decoding counts the lines from the beginning of what it got."""

_START = re.compile(r'\{\s*["}]|\[\s*\{|^[^\S\n]*(\[\s*\])[^\S\n]*$', re.MULTILINE)
"""Where an answer may start. An empty array counts only on lines of its own: `[]` in prose is no clean bill."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|,(?=\s*[\]}])', re.DOTALL)
_ESCAPE = re.compile(r"""\\(["\\/bfnrt]|u[0-9a-fA-F]{4})|\\(')|\\""")
_HOLE = "\0"
_SPEAKS_OF_FINDINGS = re.compile(r'"(?:findings|path|quote|title|body)"\s*:|\[\s*\0')


@dataclass(frozen=True, slots=True)
class Answer:
    """The raw findings that could be decoded; `problem` is empty when the answer was whole."""

    items: tuple[object, ...]
    problem: str = ""


def extract(text: str) -> Answer:
    """Fences, prose, a bare array, one object a line and a bare finding are fine; of a broken answer, the whole items.

    Never raises, and its work is proportional to the text.
    """
    cut = text[:MAX_TEXT]
    answer = _scan(cut)
    if answer.problem:
        again = mended(cut)
        if again != cut:
            second = _scan(again)
            if not second.problem or len(second.items) > len(answer.items):
                answer = second
    if len(text) > MAX_TEXT:
        return Answer(answer.items, f"the answer is longer than {MAX_TEXT} characters")
    return answer


def mended(text: str) -> str:
    """The text without what models get wrong in JSON: trailing commas, escapes that there are not."""
    return _TOKEN.sub(_mend, text)


def is_item(value: object) -> TypeGuard[dict[str, object]]:
    """Whether this looks like a finding, complete or not."""
    return isinstance(value, dict) and sum(name in value for name in REQUIRED) >= 2


def _scan(text: str) -> Answer:
    """Every answer in the text, in order; what is left once they are taken out must not speak of findings."""
    items: list[object] = []
    rest: list[str] = []
    answered, done, error = False, 0, ""
    for start, end, value, problem in _values(text):
        error = error or problem
        found = _findings(value)
        if found is None:
            continue
        answered = True
        items += found
        rest += text[done:start], _HOLE
        done = end
    rest.append(text[done:])
    if answered and not _SPEAKS_OF_FINDINGS.search("".join(rest)):
        return Answer(tuple(items))
    return Answer(tuple(items), _problem(text, error))


def _values(text: str) -> Iterator[tuple[int, int, object, str]]:
    """(start, end, value, problem) of what can be decoded, or not, at each place an answer may start.

    Only the first JSON that is broken has its problem told. A value that is no answer is searched inside: the answer
    may be wrapped in something.
    """
    decoder = json.JSONDecoder(strict=False, parse_constant=lambda _: None, parse_int=_integer)
    position, work = 0, _WORK
    base, ahead, told = 0, text, False
    while work > 0 and (match := _START.search(text, position)):
        start = match.start(1) if match[1] else match.start()
        position = start + 1
        if start - base > _BEHIND:
            base, ahead = start, text[start:]
        try:
            value, length = decoder.raw_decode(ahead, start - base)
            end = base + length
        except JSONDecodeError as error:
            work -= base + error.pos - start + _FAILURE
            yield start, start, None, "" if told else f"{error.msg} ({_place(text, base + error.pos)})"
            told = True
        except RecursionError:
            work -= _DEEP
            yield start, start, None, "it is nested too deeply"
        else:
            yield start, end, value, ""
            if _findings(value) is None:
                work -= end - start
            else:
                position = end


def _place(text: str, position: int) -> str:
    line, begins = text.count("\n", 0, position) + 1, text.rfind("\n", 0, position)
    return f"line {line}, column {position - begins}"


def _findings(value: object) -> list[object] | None:
    """The items of an answer; null when the value is none."""
    if isinstance(value, dict) and isinstance(value.get("findings"), list):
        found: list[object] = value["findings"]
        return found
    if isinstance(value, list) and (not value or any(map(is_item, value))):
        return value
    return [value] if is_item(value) else None


def _problem(text: str, error: str) -> str:
    if not text.strip():
        return "the answer is empty"
    if error:
        return f"the answer is not valid JSON: {error}"
    return 'the answer holds no JSON object with a list named "findings"'


def _integer(digits: str) -> int | None:
    """Python refuses to read an integer of thousands of digits; nothing we ask for has ten."""
    return int(digits) if len(digits) < 10 else None


def _mend(token: re.Match[str]) -> str:
    r"""Drops a trailing comma; of the escapes JSON lacks, `\'` is a quote and `\d` a backslash and a letter."""
    if token[0] == ",":
        return ""
    return _ESCAPE.sub(lambda escape: escape[0] if escape[1] else "'" if escape[2] else r"\\", token[0])
